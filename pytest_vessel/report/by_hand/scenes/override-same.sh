overrides_of one subject
remember "$OVERRIDES"
overrides_of two second
[ -n "$(find "$OVERRIDES" -type l)" ] || shows "no link" "a link to a driver"
changed "$OVERRIDES" && shows "the second one differs, as shown" "the same names and targets"
sound "two folders with the same names and targets"
