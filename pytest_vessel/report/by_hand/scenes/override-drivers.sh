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
  inode=$(ask one stat "$(word "${library:-/nothing}")" | sed -n 's/^stat [^ ]* \([^ ]*\) .*/\1/p')
  lead=$([ -z "$inode" ] || find "$WORK/trees" -inum "$inode" -printf '/%P')
  echo "$path names ${library:-no library}, of the provider: ${lead:-nothing}"
  case " $leads " in
  *" ${lead:-nothing} "*) ;;
  *) leads="$leads ${lead:-nothing}" ;;
  esac
  [ "$MORE" != layers ] || [ "${path%/*}" != "${path%_layer.d/*}" ] || shows "$path" "directly in the folder of its kind"
done
wanted=$WANTED
for lead in $leads; do
  # shellcheck disable=SC2254  # a pattern
  case $lead in
  *${wanted%% *}) ;;
  *) shows "$lead" "${wanted%% *}" ;;
  esac
  wanted=${wanted#"${wanted%% *}"}
  wanted=${wanted# }
done
[ -z "$wanted" ] || shows "nothing that names $wanted" "a manifest of each driver that can be used"
numbers=$(for file in $WANTED; do find "$OVERRIDES" -lname "*$file" -printf '%h\n'; done | sed 's|.*/||' | grep -x '[0-9]*' | sort)
case $MORE in
unnumbered) [ -z "$numbers" ] || shows "folders $numbers" "no numbered folder without a collision" ;;
numbered)
  [ "$(echo "$numbers" | wc -l)" = "$(in_lines "$WANTED" | wc -l)" ] || shows "folders ${numbers:-without numbers}" "one for each"
  last=$(echo "$numbers" | sort -n | tail -n 1)
  [ "$(echo "$numbers" | awk '{ print length }' | sort -u)" = "$(expr "$last" + 0 | awk '{ print length }')" ] ||
    shows "folders $numbers" "as many digits as the last one has"
  ;;
esac
sound "as wanted: $WANTED"
