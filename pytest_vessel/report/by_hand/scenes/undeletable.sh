for word in first second third; do candidate $word; done
copies > "$WORK/before"
in_copy "$(head -n 1 "$WORK/before")"
# shellcheck disable=SC2046  # several options, so several words
start pass cleaner strace --quiet=all -f -o "$WORK/trace" $(find "$COPY" | sed 's/^/-P /') -e trace="$CALLS" \
  -e inject="$CALLS:error=EPERM"
await_end pass || shows "it hangs" "the pass ends"
grep -m 1 INJECTED "$WORK/trace" || cannot "it made no call that deletes something in the copy"
gone=$((3 - $(copies | wc -l)))
[ $gone = 2 ] || shows "$gone of 2 other copies went: $(how pass)" "it goes on to the others"
grep -F "$(basename "$COPY")" "$WORK/pass.err" || shows "$(how pass)" "a message that names $COPY"
sound "the others went, and a message names the one that could not be deleted"
