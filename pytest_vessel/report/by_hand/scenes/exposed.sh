start one subject watched "$CALLS"
left=600
was_locked=no
until ran one || ended one || [ $((left -= 1)) -lt 0 ]; do
  if call=$(pending) && [ -n "$(copies)" ]; then
    find_copy
    guarded=$was_locked
    [ "$GUARD" != parent ] || { conflict "$PARENT_REF" exclusive > /dev/null && guarded=no || guarded=yes; }
    if conflict "$REF" exclusive > /dev/null; then
      was_locked=yes
    elif [ $guarded = yes ] && [ "$(pending)" = "$call" ]; then
      shows "not locked: $REF$([ "$GUARD" != parent ] || echo ", $PARENT_REF"), before $call" "$EXPECTED"
    fi
  fi
  pause
done
ran one || shows "$(how one)" "the payload runs"
find_copy
conflict "$REF" exclusive > /dev/null || shows "the payload runs, and $REF is not locked" "locked before the payload runs"
sound "locked at every look"
