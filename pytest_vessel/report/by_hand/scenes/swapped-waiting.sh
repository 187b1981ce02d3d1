hold holder "$REF" exclusive ofd 0 0
start one subject
left=200
until ran one || ended one || waits "$REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
waits "$REF" || sound "it does not wait for this lock: $(how one)"
CHANGE=replaced
change_file "$REF"
release holder
await one
if ran one; then
  protected "$REF" && sound "the payload runs, and the file at the path is locked"
  shows "the file was replaced while it waited; the payload runs, and no file at the path is locked" "the file at the path is locked"
fi
refused one || shows "$(how one)" "it starts again, or fails with a status that is not zero and a message"
sound "$(how one)"
