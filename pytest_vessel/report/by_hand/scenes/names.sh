for number in 1 2 3 4 5 6; do
  copies > "$WORK/before"
  start "s$number" subject
  await "s$number"
  new=$(copies | grep -v -x -F -f "$WORK/before")
  [ -n "$new" ] || shows "no new copy with start $number: $(how "s$number")" "a new copy for each start"
  new=${new#"${COPIES%%\**}"}
  echo "${new%"${COPIES##*\*}"}" | tee -a "$WORK/names"
  finish "s$number"
done
same=$(awk '
  { if (NR == 1 || length($0) < shortest) shortest = length($0); word[NR] = $0 }
  END {
    for (one in word) for (other in word) for (at = 1; one < other && at <= shortest; at++) {
      all++
      same += substr(word[one], at, 1) == substr(word[other], at, 1)
    }
    print shortest < 6 ? 100 : int(100 * same / all)
  }' "$WORK/names")
[ "$same" -le 60 ] || shows "$same % of the characters are the same in two names" "names that differ in most characters"
sound "in two names $same % of the characters are the same"
