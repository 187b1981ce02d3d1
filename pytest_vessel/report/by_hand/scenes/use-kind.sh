under_lock
lines=$(table "$REF")
case $lines in
*FLOCK*) shows "a lock of flock(2)" "a whole-file fcntl lock" ;;
esac
[ -z "$lines" ] || ! echo "$lines" | grep -v ' 0 EOF$' || shows "a lock on a part of the file" "a whole-file fcntl lock"
conflict "$REF" exclusive > /dev/null || shows "no lock while the payload runs" "a whole-file fcntl lock"
sound "a whole-file fcntl lock"
