candidate beside
beside=$COPY
candidate candidate
kept=$COPY
case $WHAT in
lock-file) kept=$PARENT_REF ;;
other-name) kept=$PARENT/other && mv "$COPY" "$kept" ;;
plain-file) rm -r "$COPY" && : > "$COPY" ;;
symlink) mv "$COPY" "$WORK/outside/target" && ln -s "$WORK/outside/target" "$COPY" ;;
esac
before=$(inode "$kept")
remember "$kept"
clean pass || shows "it hangs" "the pass ends"
{ [ -e "$kept" ] && [ "$(inode "$kept")" = "$before" ]; } || shows "it went" "it is kept: $WHAT"
changed "$kept" && shows "names in it went or changed" "it is kept, whole"
[ ! -e "$beside" ] || cannot "it left an unused copy beside it, too: $(how pass)"
sound "it was kept, and an unused copy beside it went"
