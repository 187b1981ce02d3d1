under_lock
conflict "$REF" exclusive > /dev/null || shows "no lock while the payload runs" "an open file description lock"
table "$REF" | grep -q OFDLCK || shows "a lock, and none of it is an OFD lock" "an open file description lock"
sound "an open file description lock"
