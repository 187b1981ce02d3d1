start one subject watched '?mkdir,mkdirat'
left=600
until [ -n "$(copies)" ] && in_copy "$(copies)" && pending | grep -E "[<\"]$OVERRIDES(>, \"|/)$PART[\"/]"; do
  { ended one || [ $((left -= 1)) -lt 0 ]; } && cannot "no call that makes $PART in there was seen: $(how one)"
  pause
done
mv "$OVERRIDES" "$OVERRIDES-opened" && mkdir "$OVERRIDES"
await_end one || shows "it does not end" "it ends"
diverted=$(find "$OVERRIDES" -path "$OVERRIDES/$PART*")
[ -z "$diverted" ] || shows "in the other folder: $diverted" "all of $PART in the one that was opened"
[ "$(cat "$WORK/one.status")" = 0 ] || {
  refused one || shows "$(how one)" "success, or a status and a message"
  sound "$(how one)"
}
landed=$(find "$OVERRIDES-opened/$PART" -type f -o -type l)
[ -n "$landed" ] || shows "nothing in $PART of the folder that was opened" "all of it"
sound "in the folder that was opened: $landed"
