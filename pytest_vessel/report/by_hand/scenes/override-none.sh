overrides_of one subject
there=$(find "$OVERRIDES" -mindepth 1)
[ -z "$there" ] || shows "$there" "an empty folder"
for name in $VARIABLES; do
  [ -z "$(variable "$name")" ] || shows "the payload has $name=$(variable "$name")" "no driver variable"
done
sound "the folder is empty"
