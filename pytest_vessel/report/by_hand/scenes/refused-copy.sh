start one subject watched fcntl
left=600
until ran one || ended one || [ $((left -= 1)) -lt 0 ]; do
  [ -z "$(copies)" ] || { find_copy && pending | grep "<$(readlink -f "$REF")>, F_[A-Z_]*SETLK" && break; }
  pause
done
if ran one; then
  find_copy
  conflict "$REF" exclusive > /dev/null || shows "the payload runs, and its lock is not taken yet" "no start before that"
fi
{ [ $left -lt 0 ] || ran one || ended one; } && cannot "it made no lock call on the copy's file: $(how one)"
hold holder "$REF" exclusive ofd 0 0
left=600
until ran one || ended one || waits "$REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
ran one && shows "the payload ran beside an exclusive lock" "no start while the lock is held"
if ended one; then
  refused one || shows "$(how one)" "a status that is not zero, and a message"
  echo "beside the lock: $(how one)"
  release holder
  start two subject
  await two
  ran two || shows "the lock is free, and: $(how two)" "the payload starts once the lock is free"
else
  waits "$REF" || cannot "$(how one)"
  echo "beside the lock: it waits"
  release holder
  await one
  ran one || shows "the lock is free, and: $(how one)" "the payload starts once the lock is free"
fi
sound "no payload ran beside the lock; it ran once the lock was free"
