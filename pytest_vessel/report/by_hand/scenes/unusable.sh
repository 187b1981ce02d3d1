start sound subject
await sound
ran sound || shows "$(how sound)" "the payload runs when the file is sound"
finish sound
rm "$REF"
case $WHAT in
directory) mkdir "$REF" ;;
fifo) mkfifo "$REF" ;;
dangling-symlink) ln -s "$WORK/outside/made-by-following-a-link" "$REF" ;;
symlink-out) : > "$WORK/outside/file" && ln -s "$WORK/outside/file" "$REF" ;;
esac
start one subject traced "delay_enter=$DELAY_US" "delay_enter=$DELAY_US"
await one
[ ! -e "$WORK/outside/made-by-following-a-link" ] || shows "a file was created outside" "nothing outside is created"
ran one && shows "the payload ran with a $WHAT as lock file" "a clear error"
ended one || shows "it hangs" "a clear error"
refused one || shows "$(how one)" "a status that is not zero, and a message"
sound "$(how one)"
