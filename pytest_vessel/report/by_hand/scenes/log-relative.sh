prepared one subject
told one
absolute=$(messages one | grep -F "$OVERRIDES")
[ -z "$absolute" ] || shows "$(echo "$absolute" | head -n 3)" "paths in the overrides folder are relative to it"
sound "no line holds $OVERRIDES"
