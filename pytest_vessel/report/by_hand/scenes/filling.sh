case $WHAT in
entry) about="<$PARENT>, \"|\"$PARENT/[^/\"]*\"" ;;
source) about="<${SRC}[/>]|\"$SRC/" ;;
copy) about="<$PARENT/|\"$PARENT/[^/\"]*/" ;;
esac
start one subject watched "$CALLS"
left=600
looks=0
until ran one || ended one || [ $((left -= 1)) -lt 0 ]; do
  if call=$(pending | grep -E "$about"); then
    looks=$((looks + 1))
    conflict "$REF" exclusive > /dev/null || [ "$(pending)" != "$call" ] ||
      shows "no lock on $REF before $call" "a lock at each of these calls"
  fi
  pause
done
ran one || shows "$(how one)" "the payload runs"
[ $looks -gt 0 ] || cannot "it made no such call, so there was nothing to look at"
sound "$REF was locked at $looks looks"
