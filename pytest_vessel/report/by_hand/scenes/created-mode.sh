rm "$REF"
start one subject
await one
left=30
until [ -e "$REF" ] || ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
[ -e "$REF" ] || sound "it creates no lock file: $(how one)"
# shellcheck disable=SC2012  # one file, and its mode alone
mode=$(ls -ld "$REF" | cut -c 1-10)
[ "$mode" = -rw-r--r-- ] || shows "created as $mode with umask 022" "-rw-r--r--"
sound "created as $mode"
