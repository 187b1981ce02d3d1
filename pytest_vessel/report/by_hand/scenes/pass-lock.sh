candidate unused
start pass cleaner watched "$CALLS"
left=600
looks=0
until ran pass || ended pass || [ $((left -= 1)) -lt 0 ]; do
  if call=$(pending | grep -e "$COPY" -e "$(basename "$COPY")") && [ -e "$COPY" ]; then
    looks=$((looks + 1))
    conflict "$PARENT_REF" shared > /dev/null || [ "$(pending)" != "$call" ] ||
      shows "no exclusive lock on $PARENT_REF before $call" "one while it deletes"
  fi
  pause
done
[ $looks -gt 0 ] || cannot "it made no call that deletes something in a copy: $(how pass)"
sound "$PARENT_REF was locked exclusively at $looks looks"
