under_lock
conflict "$REF" exclusive > /dev/null || shows "no lock while the payload runs" "a shared whole-file fcntl lock"
if [ "$DAEMON" = yes ]; then
  ask one daemon 0 > /dev/null
  left=30
  until ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
  if ask one pids > /dev/null; then
    conflict "$REF" exclusive > /dev/null || shows "no lock while a daemon of the payload lives" "a lock as long as any process lives"
  fi
fi
ask one exit 0 > /dev/null
freed "$REF" || shows "still locked" "free when the last process is gone"
sound "locked while a process lived, free after it"
