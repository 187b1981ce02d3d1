cd "$WORK/work" || exit 2
# shellcheck disable=SC2086  # several names
mkdir $DECOYS
prepared one subject strace_names
for name in $DECOYS; do
  { [ -d "$name" ] && [ -z "$(ls -A "$name")" ]; } || shows "$name is gone, or something is in there" "it stays, and stays empty"
done
named=$(acts | grep -E "^[a-z]+ here .*(\(|AT_FDCWD, )\"(\./)?($(echo "$DECOYS" | tr ' ' '|'))[\"/]")
[ -z "$named" ] || shows "$(echo "$named" | head -n 3)" "no call from the current folder names one of $DECOYS"
sound "$DECOYS stay empty, and no call names them from there"
