hold holder "$REF" exclusive ofd 0 0
start one subject
left=200
until ran one || ended one || waits "$REF" || [ $((left -= 1)) -lt 0 ]; do pause; done
ran one && shows "the payload ran beside the lock" "it waits"
ended one && sound "it does not wait: $(how one)"
left=30
until grep -q -F "$REF" "$WORK/one.err" || [ $((left -= 1)) -lt 0 ]; do pause; done
grep -F "$REF" "$WORK/one.err" || shows "it waits, and has said: $(cat "$WORK/one.err")" "a message that names $REF"
sound "it told what it waits for"
