overrides_of one subject
stray=$(find "$OVERRIDES" ! -type d ! -type l ! '(' -type f -name '*.json' ')')
[ -z "$stray" ] || shows "$stray" "folders, links, and *.json files"
for type in l f; do
  [ -n "$(find "$OVERRIDES" -type $type)" ] || shows "nothing of type $type" "a link to a driver and its manifest"
done
sound "folders, links, and *.json files"
