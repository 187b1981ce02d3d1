candidate unused
unused=$COPY
start pass cleaner watched "$CALLS"
left=600
until ended pass || ran pass || { call=$(pending) && echo "$call" | grep -e "$unused" -e "$(basename "$unused")"; } ||
  [ $((left -= 1)) -lt 0 ]; do pause; done
{ ran pass || ended pass; } && cannot "it deletes nothing of an unused copy, so it could not be held there"
held=${call%% *}
kill -STOP "$held"
conflict "$PARENT_REF" shared || shows "no exclusive lock on $PARENT_REF before $call" "one while it deletes"
copies > "$WORK/before"
start one subject
left=200
until ran one || ended one || waits "$PARENT_REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
ran one && shows "the payload ran beside the clean-up" "it waits or fails"
new=$(copies | grep -v -x -F -f "$WORK/before")
[ -z "$new" ] || shows "appeared beside the clean-up: $new" "it waits or fails"
kill -CONT "$held"
left=600
until ran pass || ended pass || [ $((left -= 1)) -lt 0 ]; do pause; done
last=one
if ended one; then
  refused one || shows "$(how one)" "a status that is not zero, and a message"
  start two subject
  last=two
fi
await $last
ran $last || shows "after the clean-up: $(how $last)" "the payload starts"
wanted=1
! ran pass || wanted=2
there=$(copies | wc -l)
[ "$there" -ge $wanted ] || shows "$there copies in use" "$wanted distinct copies in use"
! ran pass || finish pass
await_end pass || shows "the clean-up hangs" "it succeeds"
[ "$(cat "$WORK/pass.status")" = 0 ] || shows "the clean-up: $(how pass)" "it succeeds"
sound "no copy appeared beside the clean-up; the payload ran after it"
