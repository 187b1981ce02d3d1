candidate candidate
exec 6< "$COPY_REF"
start pass cleaner watched "$CALL"
left=300
until ended pass || ran pass || { call=$(pending) && echo "$call" | grep -e "$COPY" -e "$(basename "$COPY")"; } ||
  [ $((left -= 1)) -lt 0 ]; do pause; done
{ ran pass || ended pass; } && cannot "it made no $CALL call about the copy: $(how pass)"
kill -STOP "${call%% *}"
start user env -i BY_HAND="$WORK" "$PROBE" talk user
await user
listing "$COPY" > "$WORK/before"
got=$(ask user lock 0 "/proc/$$/fd/6" r ofd shared nowait 0 0)
echo "a shared lock, asked for while the cleaner is held at this call: $got"
kill -CONT "${call%% *}"
await pass
! ran pass || ask pass exit 0 > /dev/null
await_end pass || cannot "the pass does not end"
listing "$COPY" > "$WORK/after"
[ "$got" != locked ] || diff "$WORK/before" "$WORK/after" ||
  shows "a shared lock was granted, then these names went" "no lock is granted, or nothing is lost"
[ -e "$COPY" ] && cannot "the unused copy stayed, so how it is deleted was not seen: $(how pass)"
sound "lock: $got; the copy went"
