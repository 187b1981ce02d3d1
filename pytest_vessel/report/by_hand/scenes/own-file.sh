start one subject
await one
ran one || shows "$(how one)" "the payload runs"
source=$(identity "$REF")
find_copy
leads=$(readlink -f "$REF")
case $leads in
"$(readlink -f "$COPY")"/*) ;;
*) shows "$REF leads to ${leads:-nothing}" "it leads to a file in the copy" ;;
esac
[ -f "$leads" ] || shows "$REF leads to no regular file" "it leads to a regular file in the copy"
[ "$(identity "$REF")" != "$source" ] || shows "$REF is the lock file of the runtime" "another file"
sound "a regular file in the copy, another than that of the runtime"
