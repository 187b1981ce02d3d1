candidate beside
beside=$COPY
candidate candidate
outside=$WORK/outside
mkdir -p "$outside/folder/inner"
for file in file folder/file folder/inner/file; do echo content > "$outside/$file"; done
chmod 444 "$outside/folder/file"
case $WHAT in
no-ref) rm "$COPY_REF" ;;
empty) rm -r "$COPY" && mkdir "$COPY" ;;
half-copied) rm -r "$COPY_TREE" && rm -f "$COPY_REF" && mkdir -p "$COPY_TREE" && : > "$COPY_TREE/half" ;;
linked) link_ref ;;
dangling) link_ref && rm "$(readlink -f "$COPY_REF")" ;;
links-out)
  ln "$outside/folder/file" "$COPY_TREE/shared"
  ln -s "$outside/folder" "$COPY_TREE/out"
  ln -s "$outside/folder/inner" "$COPY_TREE/share/out"
  ;;
folder) rm "$COPY_REF" && mkdir "$COPY_REF" ;;
fifo) rm "$COPY_REF" && mkfifo "$COPY_REF" ;;
symlink-out) ln -sf "$outside/file" "$COPY_REF" ;;
symlink-to-nothing) ln -sf "$outside/made-by-following-a-link" "$COPY_REF" ;;
esac
remember "$outside"
clean pass || shows "it hangs" "the pass ends"
changed "$outside" && shows "something outside has changed" "nothing outside changes"
conflict "$outside/file" exclusive && shows "the file outside stays locked" "nothing outside changes"
if [ "$MAY_STAY" = yes ]; then
  [ ! -e "$beside" ] || cannot "it left an unused copy beside it, too: $(how pass)"
  sound "nothing outside has changed"
fi
[ ! -e "$COPY" ] || shows "kept: $(how pass)" "it is deleted"
sound "deleted, and nothing outside has changed"
