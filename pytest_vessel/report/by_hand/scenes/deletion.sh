# Once without disturbance: the how many-th of these calls is the first that is about the runtime?
start dry remover strace --quiet=all -f -y -o "$WORK/dry" -e trace="$CALL"
await_end dry || cannot "the removal does not end under strace"
[ ! -e "$REF" ] || shows "still there: status $(cat "$WORK/dry.status")" "an unused runtime goes"
number=$(awk -v src="$SRC" '
  /resumed>/ { next }
  { seen[$1]++ }
  index($0, src) || /"(libexec|share|vessel|probe|empty|greeting\.txt|link\.txt)"/ { print seen[$1]; exit }
' "$WORK/dry")
[ -n "$number" ] || cannot "it made no $CALL call about the runtime"
ground
watch_files
start one remover strace --quiet=all -f -o "$WORK/wet" -e trace="$CALL" -e inject="$CALL:delay_enter=5000000:when=$number"
left=250
until ended one || awk -v number="$number" '
  /resumed>/ { next }
  ++seen[$1] == number { found = 1 }
  END { exit !found }
' "$WORK/wet" 2> /dev/null || [ $((left -= 1)) -lt 0 ]; do pause; done
before=$(lost)
start user env -i BY_HAND="$WORK" "$PROBE" talk user
await user
got=$(ask user lock 0 "/proc/$$/fd/6" r ofd shared nowait 0 0)
echo "a shared lock, asked for while the remover is held before $CALL number $number: $got"
await_end one || cannot "the removal does not end"
gone=$(($(lost) - before))
[ "$got" != locked ] || [ "$gone" = 0 ] ||
  shows "a shared lock was granted before $CALL, then $gone of 3 files went" "no lock is granted, or nothing is lost"
sound "lock: $got; files that went after it: $gone"
