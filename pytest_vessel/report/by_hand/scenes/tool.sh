under_lock
conflict "$REF" exclusive > /dev/null || shows "no lock while the command runs" "a whole-file fcntl lock ($MODE)"
kind=READ
[ "$MODE" = shared ] || kind=WRITE
table "$REF" | grep -v FLOCK | grep -q " $kind " || shows "a lock of the other mode" "a lock of mode $MODE"
ask one exit 23 > /dev/null
await_end one
[ "$(cat "$WORK/one.status")" = 23 ] || shows "$(how one) $(cat "$WORK/one.status")" "status 23"
freed "$REF" || shows "still locked" "free when the command has exited"
sound "locked while the command ran; status 23 came back"
