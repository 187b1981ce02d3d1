overrides_of one subject
there=$(find "$OVERRIDES" -mindepth 1)
[ -z "$there" ] || shows "$there" "an empty folder"
for pid in $(marked); do
  for name in $VARIABLES; do
    ! cmp -s "/proc/$pid/exe" "$PROBE" || ! tr '\0' '\n' < "/proc/$pid/environ" | grep "^$name=" ||
      shows "the payload has $name" "no driver variable"
  done
done
sound "the folder is empty"
