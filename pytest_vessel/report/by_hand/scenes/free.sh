start one subject
await one
ran one || shows "$(how one)" "the payload runs"
links=$(find "$PARENT" -lname "$SRC/*")
[ "$REF" = "$PARENT_REF" ] || [ -z "$links" ] || sound "the copy still uses the runtime"
freed "$REF" || shows "$REF is still locked" "it is free while the payload runs in its copy"
sound "it is free while the payload runs in its copy"
