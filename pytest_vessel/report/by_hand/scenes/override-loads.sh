start one subject
await_end one || shows "it does not end" "it lists what the loader takes"
[ "$(cat "$WORK/one.status")" = 0 ] || shows "$(how one); $(cat "$WORK/one.out")" "the container's loader finds everything"
overrides_of two second
for load in $LOADS; do
  path=$(sed -n "s|^[[:space:]]*${load%%=*} => \([^ ]*\) .*|\1|p" "$WORK/one.out")
  found=$(whose two "$path")
  [ "$found" = "${load#*=}" ] || shows "it takes ${path:-no} ${load%%=*}, of: $found" "${load#*=}"
done
sound "the loader takes $LOADS"
