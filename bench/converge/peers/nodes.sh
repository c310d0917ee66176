# What there is no module for of a machine with Docker, in the very shell of Moorage's probe: package
# and kernel for NFS, names, Docker's configuration and what Docker itself says. It runs under
# `set -eu` and reads FILESYSTEM, MODULE, NAMES, DAEMON and MIRROR, set by the lines before it.
[ "$(dpkg-query -W -f '${db:Status-Status}' nfs-common)" = installed ]
grep -qw -- "$FILESYSTEM" /proc/filesystems || modprobe -n -- "$MODULE"
for name in $NAMES; do getent ahosts -- "$name" >/dev/null; done
grep -qF -- "\"$MIRROR\"" "$DAEMON"
timeout 20 docker info --format '{{.ServerVersion}}|{{json .RegistryConfig.Mirrors}}' |
  grep -qF -- "\"$MIRROR/\""
