under_lock
before=$(table "$REF" | grep -c -v FLOCK)
path=${INSIDE%% *}
got=$(ask one lock 0 "$path" "$ACCESS" ofd "$MODE" nowait 0 0)
echo "$MODE lock inside, on $path: $got"
if [ "$MODE" = shared ]; then
  [ "$got" = locked ] || shows "$got" "a shared lock is granted"
  [ "$(table "$REF" | grep -c -v FLOCK)" -gt "$before" ] || shows "no such lock outside" "the lock is seen on the file"
  sound "granted, and seen outside"
fi
case $got in
open-errno*) sound "the file cannot be opened for writing inside" ;;
"lock-errno 11" | "lock-errno 13") sound "refused" ;;
esac
shows "$got" "refused with EAGAIN or EACCES"
