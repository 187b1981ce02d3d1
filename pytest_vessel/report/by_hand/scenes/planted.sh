mkdir -p "$WORK/outside/there"
remember "$WORK/outside"
start one subject
await_end one || shows "it does not end" "it ends"
changed "$WORK/outside" && shows "changed outside, as shown; $(how one)" "nothing is changed where the link leads"
{ [ "$(cat "$WORK/one.status")" = 0 ] || refused one; } || shows "$(how one)" "a copy, or a status and a message"
sound "nothing is changed outside; $(how one)"
