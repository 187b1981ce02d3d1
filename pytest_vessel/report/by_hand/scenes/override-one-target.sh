overrides_of one subject
links=$(find "$OVERRIDES" -path '*/dri/*' -type l -printf '%P -> %l\n')
[ "$(echo "$links" | wc -l)" = 2 ] || shows "$links" "a link for each name of the driver"
[ "$(echo "$links" | sed 's/.* -> //' | uniq | wc -l)" = 1 ] || shows "$links" "the same target"
sound "$links"
