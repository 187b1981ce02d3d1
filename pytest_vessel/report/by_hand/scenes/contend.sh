hold holder "$REF" exclusive "$KIND" 0 0
echo "an exclusive lock ($KIND) is held on the file"
start one subject traced "delay_enter=$DELAY_US" "delay_enter=$DELAY_US"
left=200
until ran one || ended one || waits "$REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
ran one && shows "the payload ran beside an exclusive lock" "no start while the lock is held"
left_there=$(copies)
[ -z "$left_there" ] || shows "appeared: $left_there" "no copy while the lock is held"
if ended one; then
  [ "$TOLD" != wait ] || shows "$(how one)" "it waits, as told"
  refused one || shows "$(how one)" "a status that is not zero, and a message"
  echo "beside the lock: $(how one)"
  release holder
  start two subject
else
  [ "$TOLD" != no-wait ] || shows "it waits" "it fails at once, as told"
  echo "beside the lock: it waits"
  release holder
  ln -s one.out "$WORK/two.out"
  ln -s one.err "$WORK/two.err"
  ln -s one.status "$WORK/two.status"
fi
await two
ran two || shows "the lock is free, and: $(how two)" "the payload starts once the lock is free"
sound "no payload ran beside the lock; it ran once the lock was free"
