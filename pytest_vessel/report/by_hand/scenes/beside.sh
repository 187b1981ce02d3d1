candidate unused
remember "$COPY"
hold holder "$REF" "$MODE" ofd 0 0
start one subject
await one
ran one || shows "beside a lock ($MODE) on $REF: $(how one)" "the payload runs"
changed "$COPY" && shows "an unused copy went beside the lock" "clean-up is skipped"
sound "the payload runs beside the lock, and nothing was cleaned up"
