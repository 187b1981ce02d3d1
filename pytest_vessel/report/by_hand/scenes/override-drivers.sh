overrides_of one subject
told=
for name in $NAMED_BY; do
  [ -n "$told" ] || told=$(variable "$name" | tr : ' ')
done
[ -n "$told" ] || told=$(find "$OVERRIDES" -path "*/$FOLDER/*.json" -printf "$OVERRIDES_INSIDE/%P\n" | LC_ALL=C sort)
leads=
for path in $told; do
  file=$OVERRIDES${path#"$OVERRIDES_INSIDE"}
  [ -e "$file" ] || cannot "$path cannot be read from outside"
  library=$(sed -n 's/.*"library_path": *"\([^"]*\)".*/\1/p' "$file")
  case $library in
  */* | '') ;;
  *) library=$OVERRIDES_INSIDE/$(cd "$OVERRIDES" && find lib -maxdepth 2 -name "$library") ;;
  esac
  inode=$(inode_for one "${library:-/nothing}")
  lead=$([ -z "$inode" ] || find "$WORK/trees" -inum "$inode" -printf '/%P')
  echo "$path names ${library:-no library}, of the provider: ${lead:-nothing}"
  case " $leads " in
  *" ${lead:-nothing} "*) ;;
  *) leads="$leads ${lead:-nothing}" ;;
  esac
  folder=${path%/*}
  [ "$MORE" != layers ] || [ "${folder%_layer.d}" != "$folder" ] || shows "$path" "directly in the folder of its kind"
done
# shellcheck disable=SC2086  # several words
set -- $WANTED
for lead in $leads; do
  { [ $# -gt 0 ] && [ "${lead%"$1"}" != "$lead" ]; } || shows "$lead" "${1:-no more of them}"
  shift
done
[ $# = 0 ] || shows "nothing that names $*" "a manifest of each driver that can be used"
numbers=$(for file in $WANTED; do find "$OVERRIDES" -lname "*$file" -printf '%h\n'; done | sed 's|.*/||' | grep -x '[0-9]*' | sort)
case $MORE in
unnumbered) [ -z "$numbers" ] || shows "folders $numbers" "no numbered folder without a collision" ;;
numbered)
  [ "$(echo "$numbers" | wc -l)" = "$(in_lines "$WANTED" | wc -l)" ] || shows "folders ${numbers:-without numbers}" "one for each"
  last=$(echo "$numbers" | sort -n | tail -n 1)
  [ "$(echo "$numbers" | awk '{ print length }' | sort -u)" = "$(echo "$last" | awk '{ print length($0 + 0) }')" ] ||
    shows "folders $numbers" "as many digits as the last one has"
  ;;
esac
sound "as wanted: $WANTED"
