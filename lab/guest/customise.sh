#!/bin/sh
# Prepares an unpacked Debian or Ubuntu for the lab; mmdebstrap runs it with the directory.
set -eu
root=$1
kernel=$(ls /usr/lib/uml/modules | head -n 1)

mkdir -p "$root/usr/lib/modules" "$root/etc/ssh"
cp -a "/usr/lib/uml/modules/$kernel" "$root/usr/lib/modules/$kernel"
chroot "$root" depmod "$kernel"

# The kernel of the guests has no nf_tables.
for tool in iptables ip6tables; do
    chroot "$root" update-alternatives --set $tool /usr/sbin/$tool-legacy
done

# '*' is "no password"; the '!' of useradd means "locked" to an sshd without PAM.
for account in ops opspw; do
    chroot "$root" useradd --create-home --shell /bin/bash --password '*' $account
done

rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id"
: > "$root/etc/machine-id"
rm -rf "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/*

cp "$(dirname "$0")/files/etc/systemd/system/lab-identity.service" "$root/etc/systemd/system/"
chroot "$root" systemctl enable lab-identity.service ssh.service
# Ubuntu starts sshd by its socket; here it is to listen from the start.
chroot "$root" systemctl disable ssh.socket 2> /dev/null || true
# Started by role, from the kernel command line, or by Moorage itself.
chroot "$root" systemctl disable nfs-server.service docker.service docker.socket \
    containerd.service docker-registry.service dnsmasq.service 2> /dev/null || true

# Version 4 needs no rpcbind; the rest costs boot time and serves nobody in a guest.
chroot "$root" systemctl mask \
    docker-registry.service rpcbind.service rpcbind.socket rpc-statd.service \
    rpc-statd-notify.service nfs-blkmap.service rpc-svcgssd.service rpc-gssd.service \
    auth-rpcgss-module.service nfs-client.target \
    getty.target getty@tty1.service console-getty.service serial-getty@tty0.service \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer modprobe@efi_pstore.service modprobe@dm_mod.service \
    modprobe@loop.service modprobe@fuse.service modprobe@drm.service \
    modprobe@configfs.service systemd-random-seed.service systemd-sysusers.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-journal-flush.service systemd-pstore.service sys-kernel-debug.mount \
    sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
    dev-hugepages.mount dev-mqueue.mount systemd-remount-fs.service \
    systemd-machine-id-commit.service systemd-firstboot.service systemd-binfmt.service \
    proc-sys-fs-binfmt_misc.automount systemd-user-sessions.service dm-event.socket \
    dm-event.service lvm2-monitor.service blk-availability.service systemd-logind.service \
    systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
    systemd-ask-password-wall.path
