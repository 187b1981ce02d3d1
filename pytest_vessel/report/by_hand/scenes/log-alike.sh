quiet() {  # quiet NAME: its log without what differs from run to run and may
  prepared "$1" subject
  sed -E "s/$(basename "$COPY")/COPY/g; s/\[[0-9]+\]/[PID]/g; s/\bpid [0-9]+/pid PID/g; s/\b[0-9]+\.[0-9]+ ?m?s\b/TIME/g" \
    "$WORK/$1.err" > "$WORK/$1.quiet"
}
prepared zero subject  # which finds nothing in any cache
quiet one
quiet two
differing=$(diff "$WORK/one.quiet" "$WORK/two.quiet") || shows "$(echo "$differing" | head -n 6)" "the same lines in both runs"
sound "the same $(wc -l < "$WORK/one.quiet") lines in both runs"
