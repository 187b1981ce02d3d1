prepared one subject strace_names
named=$(acts | grep '^launcher' | changes | grep -F "\"$OVERRIDES/")
[ -z "$named" ] || shows "$(echo "$named" | head -n 3)" "the launcher changes nothing by an absolute path in there"
sound "$(find "$OVERRIDES" -mindepth 1 | wc -l) entries, and no change by an absolute path"
