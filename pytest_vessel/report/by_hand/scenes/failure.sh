start one subject strace --quiet=all -f -o "$WORK/trace" -e trace='?link,linkat,?symlink,symlinkat' \
  -e inject='?link,linkat,?symlink,symlinkat:error=ENOSPC'
await one
grep -m 1 INJECTED "$WORK/trace" || cannot "it makes no links in a copy, so none could fail"
ran one && shows "the payload ran in half a copy" "no payload after a set-up that failed"
ended one || shows "$(how one)" "it ends after a set-up that failed"
freed "$REF" || shows "$REF is still locked after a set-up that failed" "it is free"
sound "it failed, and $REF is free"
