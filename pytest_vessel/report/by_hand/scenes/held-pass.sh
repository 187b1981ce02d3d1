candidate unused
start pass cleaner watched "$CALLS"
hold_at pass "$COPY|$(basename "$COPY")" || cannot "it deletes nothing of an unused copy, so it could not be held there"
conflict "$PARENT_REF" shared || shows "no exclusive lock on $PARENT_REF before $AT" "one while it deletes"
copies > "$WORK/before"
start one subject
left=200
until ran one || ended one || waits "$PARENT_REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
ran one && shows "the payload ran beside the clean-up" "it waits or fails"
new=$(copies | grep -v -x -F -f "$WORK/before")
[ -z "$new" ] || shows "appeared beside the clean-up: $new" "it waits or fails"
go_on
await pass 600
last=one
if ended one; then
  refused one || shows "$(how one)" "a status that is not zero, and a message"
  start two subject
  last=two
fi
await $last
ran $last || shows "after the clean-up: $(how $last)" "the payload starts"
mine=$(copy_of $last)
[ -n "$mine" ] || shows "no copy has the lock file that the payload sees" "a copy of its own"
if ran pass; then
  [ "$(copy_of pass)" != "$mine" ] || shows "both run in $mine" "two distinct copies"
  finish pass
fi
await_end pass || shows "the clean-up hangs" "it succeeds"
[ "$(cat "$WORK/pass.status")" = 0 ] || shows "the clean-up: $(how pass)" "it succeeds"
sound "no copy appeared beside the clean-up; the payload ran after it"
