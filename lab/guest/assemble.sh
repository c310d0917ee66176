#!/bin/sh
# assemble.sh PACKAGES.tar FILES SCRATCH DISK SIZE: unpack, lay the lab's files over it, trust
# the lab's authority, write an ext4 disk. Runs as root of the machine or of a user namespace.
set -eu
packages=$1 files=$2 tree=$3 disk=$4 size=$5
mkdir "$tree"
tar -C "$tree" -xpf "$packages" --numeric-owner --exclude='./dev/*'
cp -R --no-preserve=ownership "$files/." "$tree/"

chmod 755 "$tree" "$tree/etc" "$tree/usr" "$tree/usr/local" "$tree/usr/local/sbin" "$tree/home"
chmod 440 "$tree/etc/sudoers.d/lab"
chmod 600 "$tree/etc/ssh/ssh_host_ed25519_key"
for account in root ops opspw; do
    home=$(chroot "$tree" sh -c "echo ~$account")
    mkdir -p -m 700 "$tree$home/.ssh"
    cp "$tree/etc/lab/authorized_keys" "$tree$home/.ssh/authorized_keys"
    chmod 600 "$tree$home/.ssh/authorized_keys"
    chroot "$tree" chown -R "$account:" "$home/.ssh"
done
chroot "$tree" update-ca-certificates > /dev/null
mke2fs -q -t ext4 -J size=16 -E lazy_itable_init=1 -m 0 -d "$tree" "$disk" "$size"
rm -rf "$tree"
