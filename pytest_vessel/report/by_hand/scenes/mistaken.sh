if [ "$VICTIM" = copy ]; then
  candidate candidate
  folder=$COPY REF=$COPY_REF
  again() { start "$@" cleaner; }
  start one cleaner watched fcntl
else
  folder=$SRC
  again() { start "$@" remover; }
  start one remover watched fcntl
fi
left=600
until ended one || pending | grep "<$REF>, F_[A-Z_]*SETLK" || [ $((left -= 1)) -lt 0 ]; do pause; done
pending > /dev/null || cannot "it made no lock call on the file, so nothing could be replaced before one: $(how one)"
CHANGE=replaced
change_file "$REF"
hold user "$REF" shared ofd 0 0
remember "$folder"
await_end one || waits "$REF" || shows "it hangs" "it ends"
changed "$folder" && shows "names went while a user held a lock on the new file" "a tree in use stays whole"
release user
await_end one || shows "it hangs when the lock is free, too" "it ends"
[ ! -e "$folder" ] || { again two && await_end two; } || shows "it hangs" "it ends"
[ ! -e "$folder" ] || shows "still there: $(how two)" "an unused tree goes"
sound "it stayed beside a lock on the new file, and went after it"
