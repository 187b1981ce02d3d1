start one subject traced "delay_enter=$DELAY_US" "error=ENOLCK:delay_enter=$DELAY_US"
await one
await_end one
echo "message: $(tr '\n' ' ' < "$WORK/one.err" | tr -cd '[:print:]')"
for name in "$REF" $INSIDE; do
  if grep -q -F "$name" "$WORK/one.err"; then
    grep INJECTED "$WORK/trace" || cannot "it made no fcntl call on the file"
    sound "the message names $name"
  fi
done
shows "no message that names it" "a message that names the file"
