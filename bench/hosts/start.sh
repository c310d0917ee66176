#!/bin/sh
# Start the bench's sshds in a mount namespace of their own: what they show as /etc and /srv lives
# in memory and ends with them; nothing of the machine's own is written.
#   usage: unshare --mount --propagation private start.sh FOLDER SSHD
# FOLDER holds sshd_config.1, sshd_config.2, ...; each becomes one sshd.
set -eu
folder=$1 sshd=$2
mount -t tmpfs -o mode=0700 tmpfs "$folder/copy"
cp -a /etc/. "$folder/copy"
chmod 0755 "$folder/copy"
mount --bind "$folder/copy" /etc
mkdir -p /etc/exports.d
rm -f /etc/exports /etc/exports.d/*
# a name for uid 200, since pyinfra compares owners by name
echo nexus:x:200:200::/nonexistent:/usr/sbin/nologin >>/etc/passwd
echo nexus:x:200: >>/etc/group
mount -t tmpfs -o mode=0755 tmpfs /srv
: >/srv/calls
pids=
for config in "$folder"/sshd_config.*; do
  "$sshd" -D -E "$folder/log" -f "$config" &
  pids="$pids $!"
done
trap 'kill $pids; exit 0' TERM INT HUP
wait
