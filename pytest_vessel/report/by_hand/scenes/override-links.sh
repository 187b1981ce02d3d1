overrides_of one subject
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
for lead in $LEADS; do
  path=${lead%%=*}
  [ "${path#/}" != "$path" ] || path=$OVERRIDES_INSIDE/$path
  found=$(whose one "$path")
  [ "$found" = "${lead#*=}" ] || shows "$path is of: $found" "${lead#*=}"
done
sound "as due: $DUE; no link: ${ABSENT:-none}"
