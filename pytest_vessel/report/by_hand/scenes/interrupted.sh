start one subject traced "delay_enter=$DELAY_US" "error=EINTR:delay_enter=$DELAY_US:when=1"
await one
if ran one; then
  protected "$REF" && decided=sound || decided=shows
else
  await_end one || shows "$(how one)" "the call is retried, or its failure reported"
  refused one && decided=sound || decided=shows
fi
grep INJECTED "$WORK/trace" || cannot "it made no fcntl call on the file, so none was interrupted"
[ $decided = shows ] || sound "$(how one)"
table "$REF" || echo "no lock on the file"
ran one && shows "the payload ran after EINTR, without a lock" "the call is retried, or its failure reported"
shows "$(how one)" "the call is retried, or its failure reported"
