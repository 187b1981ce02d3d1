overrides_of one
for due in $DUE; do
  target=$(readlink "$OVERRIDES/${due%%=*}")
  # shellcheck disable=SC2254  # a pattern
  case $target in
  ${due#*=}) ;;
  *) shows "${due%%=*} -> ${target:-nothing}" "${due%%=*} -> ${due#*=}" ;;
  esac
done
[ -z "$SOME_IN" ] || [ -n "$(find "$OVERRIDES/$SOME_IN" -maxdepth 1 -type l)" ] || shows "no link in $SOME_IN" "some"
for path in $ABSENT; do
  [ ! -L "$OVERRIDES/$path" ] || shows "$path -> $(readlink "$OVERRIDES/$path")" "no link $path"
done
sound "as due: $DUE; no link: ${ABSENT:-none}"
