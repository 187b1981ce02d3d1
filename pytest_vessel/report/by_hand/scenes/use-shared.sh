under_lock
conflict "$REF" exclusive > /dev/null || shows "no lock while the payload runs" "a shared whole-file fcntl lock"
conflict "$REF" shared > /dev/null && shows "another shared lock would be refused" "a shared whole-file fcntl lock"
sound "an exclusive lock would be refused, a shared one granted"
