# The work item as one script for `sh -s`: directory, export file, made live when it changed, read
# back. It reads EXPORT_PATH, EXPORT_FILE, EXPORT_TEXT and EXPORT_CLIENT, set by the lines before it.
set -eu
if [ "$(stat -c '%F %u:%g %a' -- "$EXPORT_PATH" 2>/dev/null)" != 'directory 200:200 750' ]; then
  mkdir -p -- "$EXPORT_PATH"
  chown 200:200 -- "$EXPORT_PATH"
  chmod 0750 -- "$EXPORT_PATH"
fi
if [ "$(cat -- "$EXPORT_FILE" 2>/dev/null)" != "$EXPORT_TEXT" ]; then
  printf '%s\n' "$EXPORT_TEXT" >"$EXPORT_FILE.new"
  chmod 0644 "$EXPORT_FILE.new"
  mv "$EXPORT_FILE.new" "$EXPORT_FILE"
  exportfs -ra
fi
exportfs -s | grep -qF "$EXPORT_CLIENT"
echo 'all as asked'
