start one subject
await one
ran one || shows "$(how one)" "the payload runs"
find_copy
# shellcheck disable=SC2012  # one folder, and its mode alone
mode=$(ls -ld "$COPY" | cut -c 1-10)
[ "$mode" = drwx------ ] || shows "$COPY has mode $mode" "drwx------"
sound "mode $mode"
