#!/bin/sh
# Turns freshly unpacked packages into a small image: busybox for the shell, no perl, no docs.
set -eu
root=$1
lib=usr/lib/$(uname -m)-linux-gnu
mkdir -p "$root/bin" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" "$root/nexus-data"
chmod 1777 "$root/tmp"
for tool in sh ls cat sleep wget ip ping hostname date sync env mkdir rm cp mv ln chmod chown \
    echo id ps kill df du touch dd grep sed awk head tail nslookup nc seq stat test mount; do
    [ -e "$root/bin/$tool" ] || ln -s /bin/busybox "$root/bin/$tool"
done
python=$(basename "$(ls -d "$root"/usr/bin/python3.[0-9]* | head -n 1)")
ln -sf "$python" "$root/usr/bin/python3"
printf 'root:x:0:0:root:/root:/bin/sh\nnexus:x:200:200:nexus:/nexus-data:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nnexus:x:200:\n' > "$root/etc/group"
chown 200:200 "$root/nexus-data"
mkdir -p "$root/etc/ssl/certs"
find "$root/usr/share/ca-certificates" -name '*.crt' -exec cat {} + > "$root/etc/ssl/certs/ca-certificates.crt"
rm -rf "$root/usr/share/perl"* "$root/$lib/perl"* "$root/$lib/libperl"* "$root"/usr/bin/*perl* \
    "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/var/lib/apt" \
    "$root/var/cache" "$root/usr/share/zoneinfo" "$root/usr/share/i18n" "$root/$lib/gconv"
# A guest has one slow processor: what is compiled here need not be at every start.
chroot "$root" python3 -m compileall -q --invalidation-mode unchecked-hash "/usr/lib/$python"
