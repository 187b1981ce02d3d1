watch_files
hold holder "$REF" shared "$KIND" "$START" "$LENGTH"
start busy remover
await_end busy || shows "the removal does not end" "it ends"
echo "removal while a shared lock is held: status $(cat "$WORK/busy.status")"
gone=$(lost)
[ "$gone" = 0 ] || shows "$gone of 3 files went while a shared lock was held" "a runtime in use stays whole"
release holder
[ -z "$USER_NAME" ] || writable_again "$REF"
start free remover
await_end free || shows "the second removal does not end" "it ends"
[ "$(lost)" = 3 ] || shows "still there: status $(cat "$WORK/free.status")" "an unused runtime goes"
sound "it stayed while a shared lock was held, and went after it"
