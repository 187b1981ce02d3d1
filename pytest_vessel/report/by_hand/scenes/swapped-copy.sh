[ "$HELD" = no ] || hold holder "$REF" exclusive ofd 0 0
asks() {  # it waits for the lock, or its lock call has not taken place yet
  if [ "$HELD" = no ]; then echo "$call" | grep "<$REF>, F_[A-Z_]*SETLK"; else waits "$REF"; fi
}

start one subject watched "$CALLS"
changed=no
left=600
until ran one || ended one || [ $((left -= 1)) -lt 0 ]; do
  call=$(pending)
  if [ -n "$(copies)" ]; then
    conflict "$REF" exclusive > /dev/null || [ "$(pending)" != "$call" ] ||
      shows "a copy appeared, and no file at $REF is locked; it was $CHANGE: $changed" "the file at the path is locked"
  elif [ $changed = no ] && asks; then
    change_file "$REF"
    [ "$HELD" = no ] || release holder
    changed=yes
  fi
  pause
done
[ $changed = yes ] || [ "$HELD" = no ] || sound "it does not wait for this lock: $(how one)"
[ $changed = yes ] || cannot "it made no lock call on the file, so nothing could be $CHANGE before one: $(how one)"
ran one && sound "the file at the path was locked while the copy was made"
refused one || shows "$(how one)" "it starts again, or fails with a status that is not zero and a message"
sound "$(how one)"
