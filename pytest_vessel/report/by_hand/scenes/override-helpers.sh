behind_env() {  # behind_env COMMAND...: `env -i NAME=VALUE... PROGRAM` with strace before PROGRAM, which is left alone
  words=$# at=front
  for word in "$@"; do
    case $at$word in
    front-i) at=variables ;;
    front* | variables*=*) ;;
    variables*)
      at=program
      # shellcheck disable=SC2086  # several options
      set -- "$@" strace --quiet=attach,path-resolution -f -o "$WORK/trace" -e trace=execve $options
      ;;
    esac
    set -- "$@" "$word"
  done
  shift $words
  "$@"
}
options=
overrides_of sound subject behind_env
remember "$OVERRIDES"
programs=$(sed -n '1d; / = -1 /d; s/.* execve("\([^"]*\)", .*/\1/p' "$WORK/trace" | grep -v '/vessel/probe$' | sort -u)
number=0
for program in $programs; do
  rm "$WORK/trace" && copies > "$WORK/copies"
  options="-P $program -e inject=execve:$ANSWER"
  start $((number += 1)) subject behind_env
  await $number
  grep -q -e INJECTED -e SIGKILL "$WORK/trace" || cannot "strace does not change what becomes of $program"
  if ran $number; then
    new_overrides
    changed "$OVERRIDES" && shows "the payload runs with other overrides, as shown" "all of them, or no start"
  else
    await_end $number || shows "$(how $number)" "an end"
    [ "$MESSAGE" = no ] || refused $number || shows "$(how $number)" "a status that is not zero, and a message"
  fi
  echo "without $program: $(how $number)"
done
sound "complete, or no start: $(echo "$programs" | tr '\n' ' ')"
