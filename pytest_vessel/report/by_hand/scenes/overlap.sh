start one subject watched "$CALLS"
left=600
until ran one || ended one || { call=$(pending) && echo "$call" | grep -E "<$PARENT/|\"$PARENT/[^/\"]*/"; } ||
  [ $((left -= 1)) -lt 0 ]; do pause; done
{ ran one || ended one; } && cannot "it makes no name in a copy, so it could not be held there"
kill -STOP "${call%% *}"
start two subject
await two
ran two || shows "while another copy was being made: $(how two)" "the second start proceeds"
kill -CONT "${call%% *}"
left=600
until ran one || ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
ran one || shows "the first: $(how one)" "the first payload runs as well"
sound "the second payload ran while the first copy was being made"
