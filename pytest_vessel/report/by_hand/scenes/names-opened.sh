opened() {  # opened NAME: the descriptor that the folder gets, which is opened before anything is made in there
  prepared "$1" subject strace_names
  lines=$(grep -n -E "open.* = [0-9]+<$OVERRIDES>\$" "$WORK/trace")
  [ "$(echo "$lines" | grep -c .)" = 1 ] || shows "${lines:-not opened}" "it is opened once"
  head -n "${lines%%:*}" "$WORK/trace" | changes | grep -E "[\"<]$OVERRIDES(/|>, \")" &&
    shows "something is made before: $lines" "it is opened before anything is made in there"
  number=${lines##* = } && number=${number%%<*}
}
opened one
first=$number
opened two
[ "$first" = "$number" ] || shows "descriptor $first, in another run $number" "the same number in each run"
sound "opened once, as descriptor $number, in both runs"
