start one subject
await_end one || shows "it does not end" "it ends"
status=$(cat "$WORK/one.status")
found=$(captured)
if [ "$DUE" = refusal ]; then
  { refused one && [ "$status" -lt 128 ]; } || shows "$(how one), links: $found" "a status that is not zero, and a message"
  [ "$LEFT" = anything ] || [ -z "$(ls "$WORK/work")" ] || shows "left behind: a folder, $found" "nothing"
else
  [ "$status" = 0 ] || shows "$(how one)" "status 0"
  [ "$found" = "$(in_lines "$DUE")" ] || shows "$found" "$(in_lines "$DUE")"
fi
if [ -n "$WITNESS" ]; then
  rm -rf "$WORK/work/"*
  start two witness
  await_end two || shows "it does not end" "it ends"
  found=$(captured)
  [ "$found" = "$WITNESS" ] || shows "of what can be had: $found; $(how two)" "$WITNESS"
fi
sound "$(how one), links: $(in_lines "$DUE")"
