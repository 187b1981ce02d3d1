looked_up() {  # looked_up NAME COMMAND...: how often each path was, without a change; and the number of entries
  prepared "$@"
  acts | changes -v | grep -o "\"$OVERRIDES[^\"]*" | sed "s|.$OVERRIDES|OVERRIDES|" | sort | uniq -c > "$WORK/$1.paths"
  entries=$(find "$OVERRIDES" -mindepth 1 | wc -l)
  lookups=$(awk '{ sum += $1 } END { print sum + 0 }' "$WORK/$1.paths")
}
looked_up one subject strace_names
few=$entries before=$lookups
looked_up two second strace_names
entries=$((entries - few)) lookups=$((lookups - before))
[ $entries -gt 0 ] || cannot "the larger provider gives no more entries"
[ $lookups -le $entries ] || shows "$lookups absolute look-ups more for $entries entries more" "as many at most"
grown=$(awk 'FILENAME == ARGV[1] { few[$2] = $1; next } $1 > 1 && $1 > few[$2]' "$WORK/one.paths" "$WORK/two.paths")
[ -z "$grown" ] || shows "looked up so often: $grown" "no path more often where there are more entries"
sound "$lookups absolute look-ups more for $entries entries more"
