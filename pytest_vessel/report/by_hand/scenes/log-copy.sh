prepared one subject
told one
line=$(grep -F "$COPY" "$WORK/one.err") || shows "no line holds $COPY" "the path of the copy"
sound "$(echo "$line" | head -n 1)"
