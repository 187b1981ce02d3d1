overrides_of one subject
links=$(cd "$OVERRIDES" && find . -type l -printf '%P\n')
[ -n "$links" ] || shows "no link" "links to the libraries of a driver"
for link in $links; do
  target=$(readlink "$OVERRIDES/$link")
  [ "${target#/}" != "$target" ] || shows "$link -> $target" "an absolute target"
  case $(ask one stat "$(word "$OVERRIDES_INSIDE/$link")") in
  "stat "*) ;;
  *) shows "$link -> $target, which is not there" "something in the container" ;;
  esac
done
sound "each leads to something: $links"
