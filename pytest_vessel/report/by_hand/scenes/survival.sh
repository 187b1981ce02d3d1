start one subject watched "$CALLS"
hold_at one "<$PARENT/|\"$PARENT/[^/\"]*/" || cannot "it makes no name in a copy, so it could not be held there"
echo "held at: $AT"
start pass cleaner
left=50
until ended pass || ran pass || waits "$PARENT_REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
copies > "$WORK/before"
echo "the clean-up: $(how pass)"
go_on
await one 600
ran one || shows "$(how one)" "the set-up that was held goes on to its payload"
mine=$(copy_of one)
grep -q -x -F "$mine" "$WORK/before" || shows "the copy that was held is not the one that it runs in: ${mine:-none}" "the copy survives"
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
