few_files() {  # few_files NUMBER COMMAND...: with PARENT as an empty file system that has room for so many files
  [ "$(id -u)" = 0 ] || cannot "a file system of its own needs root"
  _number=$1
  shift
  # shellcheck disable=SC2016  # the inner shell expands it
  unshare --mount sh -c 'mount -t tmpfs -o "nr_inodes=$1,mode=777" tmpfs "$2" && shift 2 && exec "$@"' \
    sh "$_number" "$PARENT" "$@"
}
attempt() {  # attempt NUMBER: with room for so many files; fails where the payload does not run
  start "$1" subject few_files "$1"
  await "$1"
  if ran "$1"; then
    for _copy in "/proc/$(launcher "$1" | tr -d ' ')/root"$COPIES; do in_copy "$_copy"; done
    [ -d "$COPY" ] || cannot "the copy cannot be seen from outside"
    changed "$OVERRIDES" &&
      shows "with room for $1 files the payload runs with other overrides, as shown" "all of them, or no start"
    finish "$1"
  else
    refused "$1" || shows "with room for $1 files: $(how "$1")" "a status that is not zero, and a message"
    false
  fi
}
overrides_of sound subject
remember "$OVERRIDES"
entries=$(find "$OVERRIDES" -mindepth 1 | wc -l)
few=2 enough=4
until attempt $enough; do
  few=$enough
  [ $((enough *= 2)) -lt 16384 ] || cannot "no number of files is enough: $(how "$few")"
done
while [ $((enough - few)) -gt 1 ]; do
  middle=$(((few + enough) / 2))
  if attempt $middle; then enough=$middle; else few=$middle; fi
done
[ $few -gt 2 ] || cannot "it runs with room for any number of files"
room=$((enough - entries - 5))
while [ $((room += 1)) -lt $enough ]; do
  [ $room -lt 2 ] || [ -e "$WORK/$room.pid" ] || attempt $room
done
sound "complete with room for $enough files, refused with room for $few: $(how $few)"
