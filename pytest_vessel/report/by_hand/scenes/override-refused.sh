start one subject
await one
ran one && shows "the payload runs" "no start with a C library that has no loader"
{ await_end one && refused one; } || shows "$(how one)" "a status that is not zero, and a message"
sound "$(how one)"
