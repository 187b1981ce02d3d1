under_lock
victim=$(launcher one)
[ -n "$victim" ] || sound "the launcher has ended by itself"
# shellcheck disable=SC2086  # without the space behind it
kill -KILL $victim
left=50
while ask one pids > /dev/null && [ $((left -= 1)) -gt 0 ]; do pause; done
[ $left -gt 0 ] || shows "the payload lives on after SIGKILL to its launcher" "it ends with the launcher"
freed "$REF" || shows "$REF is still locked" "free without any act of others"
sound "the payload is gone, and the lock free"
