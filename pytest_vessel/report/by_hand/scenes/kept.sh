candidate candidate
[ "$LINKED" = no ] || link_ref
[ -z "$USER_NAME" ] || { give_away && only_read "$COPY_REF"; }
file=$COPY_REF
[ "$HELD" = copy ] || file=$PARENT_REF
remember "$COPY"
hold holder "$file" "$MODE" "$KIND" "$START" "$LENGTH"
clean busy
echo "a pass beside the lock: $(how busy)"
changed "$COPY" && shows "names of the copy went or changed beside the lock" "it is kept, whole"
if ! ended busy; then
  waits "$file" || shows "it hangs, and not in a lock call" "the pass ends"
  [ "$MAY_WAIT" = yes ] || shows "it waits for the lock of the copy" "a copy in use is passed over"
fi
release holder
await_end busy || shows "it hangs when the lock is free, too" "the pass ends"
[ -z "$USER_NAME" ] || writable_again "$COPY_REF"
clean free
[ ! -e "$COPY" ] || cannot "it stays when nobody holds a lock, too: that it was kept shows nothing"
sound "kept whole beside the lock, deleted after it"
