start sound subject
await sound
ran sound || shows "$(how sound)" "the command runs when the file is there"
finish sound
rm "$REF"
start one subject traced "delay_enter=$DELAY_US" "delay_enter=$DELAY_US"
await one
left=50
until [ -e "$REF" ] || ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
there=no
[ -e "$REF" ] && there=yes
[ $there = yes ] || ! ran one || shows "the command ran, and there is no file" "no start without a lock"
if [ "$TOLD" = create ]; then
  { [ $there = yes ] && ran one; } || shows "a file: $there; $(how one)" "the file is created, and the command runs"
else
  { [ $there = no ] && refused one; } || shows "a file: $there; $(how one)" "no file is created, and a clear error"
fi
sound "a file: $there; $(how one)"
