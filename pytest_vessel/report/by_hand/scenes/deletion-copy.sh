candidate candidate
exec 6< "$COPY_REF"
start pass cleaner watched "$CALL"
hold_at pass "$COPY|$(basename "$COPY")" || cannot "it made no $CALL call about the copy: $(how pass)"
echo "held at: $AT"
start user env -i BY_HAND="$WORK" "$PROBE" talk user
await user
remember "$COPY"
got=$(ask user lock 0 "/proc/$$/fd/6" r ofd shared nowait 0 0)
echo "a shared lock, asked for meanwhile: $got"
go_on
await pass
! ran pass || ask pass exit 0 > /dev/null
await_end pass || cannot "the pass does not end"
[ "$got" = locked ] && changed "$COPY" &&
  shows "a shared lock was granted, then these names went" "no lock is granted, or nothing is lost"
[ -e "$COPY" ] && cannot "the unused copy stayed, so how it is deleted was not seen: $(how pass)"
sound "lock: $got; the copy went"
