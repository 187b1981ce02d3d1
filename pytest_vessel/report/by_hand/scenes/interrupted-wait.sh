hold holder "$REF" exclusive ofd 0 0
for call in 1 2 3; do
  rm -f "$WORK/trace" && : > "$WORK/trace"
  start "try$call" subject traced "delay_enter=1" "error=EINTR:when=$call"
  left=100
  until ran "try$call" || ended "try$call" || grep -q INJECTED "$WORK/trace" || [ $((left -= 1)) -lt 0 ]; do pause; done
  if grep 'SETLKW.*INJECTED' "$WORK/trace"; then
    left=20
    until ran "try$call" || ended "try$call" || waits "$REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
    ran "try$call" && shows "the payload ran after EINTR, beside an exclusive lock" "no start while the lock is held"
    release holder
    await "try$call"
    ran "try$call" || shows "$(how "try$call")" "the call is retried"
    protected "$REF" || shows "the payload runs without a lock" "the call is retried"
    sound "retried: locked once the lock was free"
  fi
  ran "try$call" && shows "the payload ran beside an exclusive lock" "no start while the lock is held"
done
cannot "it made no lock call that waits, so none was interrupted"
