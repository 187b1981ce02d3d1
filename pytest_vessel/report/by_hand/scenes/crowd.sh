for name in a b c; do hold "$name" "$REF" shared ofd 0 0; done
running=0
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do start "s$number" subject; done
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
  await "s$number"
  if ran "s$number"; then running=$((running + 1)); else echo "start $number: $(how "s$number")"; fi
done
[ $running = 12 ] || shows "$running of 12 run beside shared locks" "all 12 run"
sound "12 payloads ran at once beside shared locks"
