under_lock
found=$(ask one fds)
file=$(identity "$REF" | tr ' ' :)
echo "descriptors of the payload: $found"
echo "the lock file: $file"
case "$found " in
*":$file:"*) shows "one of the payload's descriptors is the lock file" "no descriptor of the lock file" ;;
esac
sound "no descriptor of the payload is the lock file"
