start one subject watched "$CALLS"
hold_at one "<$PARENT/|\"$PARENT/[^/\"]*/" || cannot "it makes no name in a copy, so it could not be held there"
echo "held at: $AT"
start two subject
await two
ran two || shows "while another copy was being made: $(how two)" "the second start proceeds"
go_on
await one 600
ran one || shows "the first: $(how one)" "the first payload runs as well"
sound "the second payload ran while the first copy was being made"
