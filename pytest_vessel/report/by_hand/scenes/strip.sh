under_lock
conflict "$REF" exclusive > /dev/null || shows "no lock while the payload runs" "a shared whole-file fcntl lock"
ask one strip "$INSIDE" > /dev/null
conflict "$REF" exclusive > /dev/null || shows "no lock after the payload closed and unlocked all it could" "the lock stays"
sound "still locked after the payload closed and unlocked all it could"
