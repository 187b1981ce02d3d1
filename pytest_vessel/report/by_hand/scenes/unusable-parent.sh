start sound subject
await sound
ran sound || shows "$(how sound)" "the payload runs when the file is sound"
finish sound
# shellcheck disable=SC2086  # a pattern
rm -rf $COPIES
rm -f "$PARENT_REF"
case $WHAT in
directory) mkdir "$PARENT_REF" ;;
fifo) mkfifo "$PARENT_REF" ;;
dangling-symlink) ln -s "$WORK/outside/made-by-following-a-link" "$PARENT_REF" ;;
esac
if [ "$WHAT" = read-only-mount ]; then
  start one subject read_only "$PARENT"
else
  start one subject
fi
await one
ran one && shows "the payload ran; the lock file: $WHAT" "a clear error"
refused one || shows "$(how one)" "a status that is not zero, and a message"
left_there=$(copies; ls "$WORK/outside")
[ -z "$left_there" ] || shows "left behind: $left_there" "no copy, and no file outside"
grep -F "$PARENT_REF" "$WORK/one.err" || shows "$(how one)" "a message that names $PARENT_REF"
sound "$(how one)"
