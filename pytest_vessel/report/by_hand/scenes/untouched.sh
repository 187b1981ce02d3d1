files() {
  (cd "$SRC" && find . -mindepth 1 ! -path ./.ref -printf '%p %y mode %m size %s modified %T@ %l\n' | sort &&
    find . -type f ! -path ./.ref -exec cksum {} + | sort)
}
files > "$WORK/before"
start one subject
await one
ran one || shows "$(how one)" "the payload runs"
finish one
files > "$WORK/after"
diff "$WORK/before" "$WORK/after" || shows "files of the runtime have changed" "no change"
sound "$(wc -l < "$WORK/before") lines about the files, unchanged"
