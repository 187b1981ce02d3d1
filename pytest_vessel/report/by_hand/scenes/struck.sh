number=1
while :; do
  # shellcheck disable=SC2086  # a pattern
  rm -rf $COPIES
  start "try$number" subject
  await "try$number"
  ran "try$number" || shows "$(how "try$number")" "the payload runs"
  find_copy
  protected "$REF" || shows "no lock on $REF while the payload runs" "a shared whole-file fcntl lock"
  [ "$IGNORE" = no ] || ask "try$number" ignore 15 > /dev/null
  [ "$DAEMON" = no ] || { ask "try$number" daemon 0 && ask "try$number" pids; } > /dev/null ||
    sound "the daemon of the payload ended with it"
  case $VICTIM in
  launcher) victim=$([ $number -gt 1 ] || launcher "try$number") ;;
  other) victim=$(others "try$number" | sed -n "${number}p") ;;
  esac
  [ -n "$victim" ] || break
  echo "SIG$SIGNAL to $victim: $(tr '\0' ' ' < "/proc/$victim/cmdline" | cut -c 1-100)"
  # shellcheck disable=SC2086  # without the space behind it
  kill -s "$SIGNAL" $victim
  bare=0
  left=20
  while ask "try$number" pids > /dev/null && [ $((left -= 1)) -gt 0 ]; do
    conflict "$REF" exclusive > /dev/null && bare=0 || bare=$((bare + 1))
    [ $bare -lt 5 ] || shows "the payload lives on, and $REF is not locked" "it ends, or its copy stays locked"
    pause
  done
  if [ $left -le 0 ]; then
    remember "$COPY"
    clean "pass$number"
    changed "$COPY" && shows "the payload lives on, and a clean-up deleted in its copy" "it is kept, whole"
    echo "the payload lives on under its lock"
  else
    echo "the payload ended"
  fi
  end_all
  number=$((number + 1))
done
sound "no payload lived on without a lock; processes that got SIG$SIGNAL: $((number - 1))"
