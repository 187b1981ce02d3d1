[ -n "$COPIES" ] || hold holder "$REF" shared ofd 0 0
start one subject
await one
ran one || shows "$(how one)" "the payload runs"
[ -z "$COPIES" ] || { find_copy && hold holder "$REF" shared ofd 0 0; }
path=${INSIDE%% *}
got=$(ask one test "$path" exclusive 0 0)
case $got in
conflict*) sound "$path inside: $got" ;;
esac
shows "$path inside: $got" "F_OFD_GETLK reports the lock"
