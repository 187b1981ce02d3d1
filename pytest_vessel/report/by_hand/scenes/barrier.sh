start one subject traced "delay_enter=$DELAY_US" "delay_enter=$DELAY_US"
await one
ran one || shows "$(how one)" "the payload runs once the lock is granted"
conflict "$REF" exclusive > /dev/null || shows "the payload runs, and its lock is not taken yet" "no start before the lock is granted"
sound "the payload runs, and is locked"
