for used in one two; do
  unused=two
  [ $used = one ] || unused=one
  candidate $used
  hold "holder-$used" "$COPY_REF" shared ofd 0 0
  candidate $unused
  clean "pass-$used" || waits "$COPY_REF" || shows "it hangs" "the pass ends"
  [ ! -e "$COPY" ] || shows "the unused copy stayed beside a used one: $(how "pass-$used")" "it is deleted"
  release "holder-$used"
  clean "after-$used"
done
sound "of two copies the one that nobody used went, whichever that was"
