start one subject
await_end one || shows "it does not end" "status 0"
[ "$(cat "$WORK/one.status")" = 0 ] || shows "$(how one)" "status 0"
[ -n "$(copies)" ] || shows "there is no copy" "a copy"
source=$REF
find_copy
content() {
  (cd "$1" && find . -type f ! -path "./$(basename "$source")" -exec cksum {} + | sort)
}
content "$SRC" > "$WORK/before"
content "$COPY_TREE" > "$WORK/after"
missing=$(comm -23 "$WORK/before" "$WORK/after")
[ -z "$missing" ] || shows "missing or different in the copy: $missing" "all files with equal content"
[ -e "$REF" ] || shows "no lock file in the copy" "a lock file that is free"
freed "$REF" || shows "$REF is still locked" "free, since nobody uses the copy"
sound "$(wc -l < "$WORK/before") files with equal content, and the lock is free"
