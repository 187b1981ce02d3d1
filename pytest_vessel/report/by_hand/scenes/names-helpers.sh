prepared one subject strace_names
given=$(acts | grep '^helper' | grep -F "$OVERRIDES")
[ -z "$given" ] || shows "$(echo "$given" | head -n 3)" "no helper program is told that path, or uses it"
sound "none of $(acts | grep -c '^helper .* execve') programs is told $OVERRIDES, or uses it"
