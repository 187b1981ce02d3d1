under_lock
conflict "$REF" exclusive > /dev/null || shows "no lock while the payload runs" "a shared whole-file fcntl lock"
locked=$(identity "$REF")
for path in $INSIDE; do
  leads=$(ask one stat "$path" | sed -n 's/^stat \([^ ]* [^ ]*\) .*/\1/p')
  [ "$leads" = "$locked" ] || shows "$path inside leads to ${leads:-nothing}" "the locked inode, $locked"
done
sound "every path inside leads to the locked inode, $locked"
