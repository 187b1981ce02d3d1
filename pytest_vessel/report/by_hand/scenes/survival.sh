start one subject watched "$CALLS"
hold_at one "<$PARENT/|\"$PARENT/[^/\"]*/" || cannot "it makes no name in a copy, so it could not be held there"
echo "held at: $AT"
start pass cleaner
left=50
until ended pass || ran pass || waits "$PARENT_REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
mine=$(copies | head -n 1)
echo "the clean-up: $(how pass)"
go_on
await one 600
ran one || shows "$(how one)" "the set-up that was held goes on to its payload"
in_copy "$mine"
names() {
  (cd "$1" 2> /dev/null && find . -mindepth 1 ! -name .ref | sort)
}
names "$SRC" > "$WORK/wanted"
names "$COPY_TREE" > "$WORK/have"
missing=$(comm -23 "$WORK/wanted" "$WORK/have")
[ -z "$missing" ] || shows "its copy lacks $missing" "the copy survives the clean-up"
await pass
! ran pass || finish pass
await_end pass || shows "the clean-up hangs" "it succeeds"
[ "$(cat "$WORK/pass.status")" = 0 ] || shows "the clean-up: $(how pass)" "it succeeds"
sound "the set-up was held in its copy while somebody cleaned up, and the copy is whole"
