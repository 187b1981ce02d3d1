start one subject traced "delay_enter=$DELAY_US" "error=ENOLCK:delay_enter=$DELAY_US"
await one
ran one && shows "the payload ran although no lock can be had" "no start without a lock"
await_end one
refused one || shows "$(how one)" "a status that is not zero, and a message"
grep INJECTED "$WORK/trace" || cannot "it made no fcntl call on the file: $(how one)"
sound "$(how one)"
