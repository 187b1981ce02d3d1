start dry subject traced "delay_enter=1" "delay_enter=1"
await dry
ran dry || shows "$(how dry)" "the payload runs"
protected "$REF"
finish dry
first=$(grep -o 'F_[A-Z_]*LKW\{0,1\},' "$WORK/trace" | head -n 1)
echo "its first lock call: ${first:-none}"
case $first in
F_OFD_*) start one subject traced "delay_enter=1" "error=EINVAL:when=1" ;;
*) start one subject ;;
esac
await one
ran one || shows "$(how one)" "the payload runs under a POSIX lock"
protected "$REF" || shows "no lock while the payload runs" "a POSIX lock"
grep INJECTED "$WORK/trace"
table "$REF"
table "$REF" | grep -q POSIX || shows "no POSIX lock" "a POSIX lock"
{ ask one daemon 0 && ask one pids; } > /dev/null || sound "a POSIX lock; the daemon of the payload ended with it"
left=30
until ended one || [ $((left -= 1)) -lt 0 ]; do pause; done
conflict "$REF" exclusive > /dev/null || shows "no lock while a daemon of the payload lives" "a lock as long as any process lives"
sound "a POSIX lock, also while only a daemon of the payload lives"
