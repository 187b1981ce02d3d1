overrides_of one subject
case $(ask one stat "$(word "$OVERRIDES_INSIDE")") in
"stat $(identity "$OVERRIDES") "*) ;;
*) shows "another folder, or nothing, is at $OVERRIDES_INSIDE" "that folder of the copy" ;;
esac
for folder in . lib share; do
  case $(ask one touch "$(word "$OVERRIDES_INSIDE/$folder/made-inside")" 644) in
  "errno "*) ;;
  *) shows "a file was made in $folder" "read-only inside" ;;
  esac
done
sound "the copy's folder, and not to be written to"
