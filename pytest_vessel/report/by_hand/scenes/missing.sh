start sound subject
await sound
ran sound || shows "$(how sound)" "the payload runs when the file is there"
finish sound
rm "$REF"
start one subject traced "delay_enter=$DELAY_US" "delay_enter=$DELAY_US"
await one
if ran one; then
  left=50
  until [ -f "$REF" ] || ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
  [ -f "$REF" ] || shows "the payload ran, and there is no file" "the file is created and locked first, or a clear error"
  protected "$REF" || shows "the payload runs without a lock" "the file is locked"
  sound "created and locked"
fi
await_end one
refused one || shows "$(how one)" "the file is created and locked, or a clear error"
sound "$(how one)"
