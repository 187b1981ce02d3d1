start sound subject
await sound
ran sound || shows "$(how sound)" "the payload runs when nothing is replaced"
finish sound
start one subject traced "delay_enter=1" "delay_enter=$DELAY_US"
left=200
until asks_lock || ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
asks_lock || cannot "it made no lock call on the file, so nothing could be $CHANGE before one: $(how one)"
change_file "$REF"
await one
if ran one; then
  protected "$REF" && sound "the payload runs, and the file at the path is locked"
  shows "the file was $CHANGE before its lock; the payload runs, and no file at the path is locked" "the file at the path is locked"
fi
await_end one
refused one || shows "$(how one)" "it starts again, or fails with a status that is not zero and a message"
sound "$(how one)"
