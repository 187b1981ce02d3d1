start sound subject
await sound
ran sound || shows "$(how sound)" "the payload runs when the folder of copies is there"
finish sound
rm -r "$WORK/parents"
start one subject
await one
litter=$(find "$WORK/parents" "$WORK/outside" -mindepth 1 -path "$PARENT" -prune -o -mindepth 1 -print 2> /dev/null)
[ -z "$litter" ] || shows "also made: $litter" "nothing but the folder appears"
if ran one; then
  [ -d "$PARENT" ] || shows "the payload runs, and there is no $PARENT" "the folder is made, or an error"
  sound "the folder was made, with its parents"
fi
refused one || shows "$(how one)" "the folder is made, or a clear error"
sound "$(how one)"
