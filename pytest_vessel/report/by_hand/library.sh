cannot() {  # cannot WHY: this machine cannot decide
  echo "cannot decide: $*"
  exit 2
}

shows() {  # shows OBSERVED EXPECTED
  printf 'expected: %s\nobserved: %s\nthe failure shows\n' "$2" "$1"
  exit 1
}

sound() {  # sound OBSERVED
  printf 'observed: %s\nthe failure does not show\n' "$1"
  exit 0
}

marked() {  # pids of all that was started here, known by a mark in its environment
  grep -l -F "BY_HAND=$WORK" /proc/[0-9]*/environ 2> /dev/null | tr -cd '0-9\n'
}

end_all() {  # end all that was started here
  _left=100
  while _pids=$(marked) && [ -n "$_pids" ]; do
    # shellcheck disable=SC2086  # several pids, so several words
    kill -CONT $_pids
    # shellcheck disable=SC2086
    kill -KILL $_pids
    [ $((_left -= 1)) -gt 0 ] || break
    pause
  done 2> /dev/null
  [ $_left -le 0 ] || wait
}

leave() {  # end all that was started here, then remove the folder
  end_all
  cd / && rm -rf "$WORK"
}

pause() {
  sleep 0.1 2> /dev/null || sleep 1
}

needs() {  # needs PROGRAM PACKAGE
  command -v "$1" > /dev/null || cannot "there is no $1 here: install $2"
}

start() {  # start NAME COMMAND...: in the background; $WORK/NAME.in, .out, .err, .status are its ends
  _name=$1
  shift
  mkfifo "$WORK/$_name.in"
  : > "$WORK/$_name.out" 2> "$WORK/$_name.err"
  {
    "$@" 0<> "$WORK/$_name.in" > "$WORK/$_name.out" 2> "$WORK/$_name.err" 6<&- 7<&- 8<&- 9<&-
    echo $? > "$WORK/$_name.status"
  } &
  echo $! > "$WORK/$_name.pid"
}

launcher() {  # launcher NAME: the pid of what was started, while it lives
  cat "/proc/$(cat "$WORK/$1.pid")/task/"*/children 2> /dev/null
}

others() {  # others NAME: pids of its processes that are neither launcher nor payload
  for _pid in $(marked); do
    [ "$_pid" -eq "$(launcher "$1")" ] || cmp -s "/proc/$_pid/exe" "$PROBE" || echo "$_pid"
  done
}

ran() {  # ran NAME: its payload has said that it runs
  grep -q '^vessel-ready ' "$WORK/$1.out"
}

ended() {  # ended NAME: and its status is there
  [ -s "$WORK/$1.status" ]
}

await() {  # await NAME [TENTHS]: until its payload runs or it has ended, at most 20 s
  _left=${2:-200}
  until ran "$1" || ended "$1" || [ $((_left -= 1)) -lt 0 ]; do pause; done
}

await_end() {  # await_end NAME: at most 30 s
  _left=300
  until ended "$1" || [ $((_left -= 1)) -lt 0 ]; do pause; done
  ended "$1"
}

refused() {  # refused NAME: it ended with a status that is not zero, and with a message
  ended "$1" && [ "$(cat "$WORK/$1.status")" != 0 ] && [ -s "$WORK/$1.err" ]
}

how() {  # how NAME: what has become of it
  if ran "$1"; then
    echo "the payload runs"
  elif ended "$1"; then
    echo "status $(cat "$WORK/$1.status"), message: $(tr '\n' ' ' < "$WORK/$1.err" | tr -cd '[:print:]' | cut -c 1-300)"
  else
    echo "it neither ran its payload nor ended"
  fi
}

finish() {  # finish NAME: its payload exits, and it ends
  ask "$1" exit 0 > /dev/null
  await_end "$1"
}

word() {  # word PATH: as the probe wants it
  printf %s "$1" | sed 's/%/%25/g; s/ /%20/g'
}

ask() {  # ask NAME WORD...: one command to a probe that runs there; prints its answer, fails where none comes in 5 s
  _name=$1
  shift
  _before=$(grep -c '^= ' "$WORK/$_name.out")
  echo "$*" 1<> "$WORK/$_name.in"
  _left=50
  until [ "$(grep -c '^= ' "$WORK/$_name.out")" -gt "$_before" ]; do
    [ $((_left -= 1)) -gt 0 ] || return 1
    pause
  done
  grep '^= ' "$WORK/$_name.out" | tail -n 1 | cut -c 3-
}

hold() {  # hold NAME FILE shared|exclusive ofd|posix START LENGTH: a process of its own takes a lock, and keeps it
  start "$1" env -i BY_HAND="$WORK" "$PROBE" talk holder
  await "$1"
  _access=rw
  [ "$3" = exclusive ] || _access=r
  _got=$(ask "$1" lock 0 "$(word "$2")" $_access "$4" "$3" nowait "$5" "$6")
  [ "$_got" = locked ] || cannot "the lock that was to be held is not granted: $_got"
}

release() {  # release NAME: the holder gives its lock up
  [ "$(ask "$1" unlock 0)" = ok ] || cannot "the lock that was held cannot be released"
}

conflict() {  # conflict FILE shared|exclusive: tells what refuses such a lock (F_OFD_GETLK); fails where nothing does
  printf 'test %s %s 0 0\n' "$(word "$1")" "$2" | "$PROBE" talk look | grep '^= conflict'
}

protected() {  # protected FILE: an exclusive lock on it would be refused, at once or within 5 s
  _left=50
  until conflict "$1" exclusive > /dev/null; do
    [ $((_left -= 1)) -gt 0 ] || return 1
    pause
  done
}

inode() {  # inode FILE
  # shellcheck disable=SC2012  # one file, and its number alone
  ls -Ldi "$1" | sed 's/^ *//; s/ .*//'
}

table() {  # table FILE: the lines of /proc/locks about its inode, of any family; fails where there is none
  grep -v -e '->' /proc/locks | grep -e ":$(inode "$1") "
}

waits() {  # waits FILE: somebody is blocked in a lock call on it
  grep -q -e "->.*:$(inode "$1") " /proc/locks
}

freed() {  # freed FILE: nobody holds a lock on it, now or within 5 s
  _left=50
  while conflict "$1" exclusive > /dev/null; do
    [ $((_left -= 1)) -gt 0 ] || return 1
    pause
  done
}

identity() {  # identity FILE: device and inode
  printf 'stat %s\n' "$(word "$1")" | "$PROBE" talk look | sed -n 's/^= stat \([^ ]* [^ ]*\) .*/\1/p'
}

traced() {  # traced OPENS FCNTLS COMMAND...: strace does this to opens of the file, and to fcntl calls on it
  _opens=$1
  _fcntls=$2
  shift 2
  # shellcheck disable=SC2046  # several options, so several words
  strace --quiet=all -f -o "$WORK/trace" $(paths) -e trace='?open,openat,?openat2,fcntl' \
    -e inject="?open,openat,?openat2:$_opens" -e inject="fcntl:$_fcntls" "$@"
}

watched() {  # watched CALLS COMMAND...: strace delays each of these calls, so that one can look before it takes place
  _calls=$1
  shift
  strace --quiet=all -f -y -o "$WORK/trace" -e trace="$_calls" -e inject="$_calls:delay_enter=${DELAY_US:-300000}" "$@"
}

pending() {  # the call that strace delays now, with the pid in front; fails where there is none
  tail -n 1 "$WORK/trace" 2> /dev/null | grep -v -e ') *= ' -e 'resumed>' -e '+++' -e '---'
}

hold_at() {  # hold_at NAME PATTERN: stop it where strace delays a call that holds this: AT; fails where none comes
  _left=600
  until AT=$(pending | grep -E "$2"); do
    if ran "$1" || ended "$1" || [ $((_left -= 1)) -lt 0 ]; then return 1; fi
    pause
  done
  kill -STOP "${AT%% *}"
}

go_on() {  # what was stopped goes on
  kill -CONT "${AT%% *}"
}

asks_lock() {  # it has made a lock call that strace delays
  grep -q SETLK "$WORK/trace" 2> /dev/null
}

change_file() {  # change_file FILE: what happens to a lock file: CHANGE
  case $CHANGE in
  replaced) cp -p "$1" "$1.new" && mv "$1.new" "$1" ;;
  deleted) rm "$1" ;;
  gone) rm -r "$(dirname "$1")" ;;
  esac
}

as_user() {  # the words in front of a command that make USER_NAME run it, where we are root
  [ "$(id -u)" != 0 ] ||
    echo "setpriv --reuid=$(id -u "$USER_NAME") --regid=$(id -g "$USER_NAME") --clear-groups"
}

give_away() {  # the folders to the user that shall work in them
  [ "$(id -u)" != 0 ] || chown -R "$(id -u "$USER_NAME"):$(id -g "$USER_NAME")" "$WORK/home" "$WORK/tmp" \
    "$WORK/files" "$WORK/runtimes" "$WORK/parents" "$WORK/trees" "$WORK/work"
}

only_read() {  # only_read FILE: the user may read it, and not write to it
  if [ "$(id -u)" = 0 ]; then
    chown 0:0 "$1" && chmod 644 "$1"
  else
    chmod 444 "$1"
  fi
}

writable_again() {  # writable_again FILE
  [ ! -e "$1" ] || [ "$(id -u)" != 0 ] || chown "$(id -u "$USER_NAME")" "$1"
  [ ! -e "$1" ] || chmod 644 "$1"
}

read_only() {  # read_only FOLDER COMMAND...: with the folder as a read-only mount, in a mount namespace of its own
  [ "$(id -u)" = 0 ] || cannot "a read-only mount needs root"
  # shellcheck disable=SC2016  # the inner shell expands it
  unshare --mount sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"' sh "$@"
}

put_file() {  # put_file FILE CONTENT: of base64 of what gzip has packed
  mkdir -p "$(dirname "$1")"
  echo "$2" | base64 -d | gzip -d > "$1"
  chmod 755 "$1"
}

put_copy() {  # put_copy FILE FILE_OF_THIS_MACHINE
  mkdir -p "$(dirname "$1")"
  cp "$2" "$1"
}

put_link() {  # put_link PATH TARGET
  mkdir -p "$(dirname "$1")"
  ln -sfn "$2" "$1"
}

in_lines() {  # in_lines WORDS: each in a line, sorted
  # shellcheck disable=SC2086  # several words
  printf '%s\n' $1 | sort
}

captured() {  # NAME=TARGET of all that lies in the folder of links, which is the only one in work
  find "$WORK/work" -mindepth 2 -printf '%f=%l\n' | sort
}

tree() {  # tree FOLDER: a small runtime: the probe, some files
  usr=$1
  [ "$LAYOUT" = merged-usr ] || usr=$1/usr
  mkdir -p "$usr/bin" "$usr/libexec/vessel" "$usr/share/vessel/empty"
  cp "$PROBE" "$usr/libexec/vessel/probe" && chmod 755 "$usr/libexec/vessel/probe"
  echo "hello from the runtime" > "$usr/share/vessel/greeting.txt"
  ln -s greeting.txt "$usr/share/vessel/link.txt"
  [ "$LAYOUT" = merged-usr ] && return
  (cd "$1" && mkdir dev etc proc run sys tmp var && chmod 1777 tmp && ln -s usr/bin bin)
}

candidate() {  # candidate WORD: a copy that nobody uses, with files, folders and links: COPY
  in_copy "${COPIES%%\**}$1${COPIES##*\*}"
  mkdir -p "$COPY_TREE/share" "$COPY_TREE/lib/nested" "$COPY_TREE/lib/empty" "$(dirname "$COPY_REF")"
  for _file in share/file lib/file lib/nested/file; do echo content > "$COPY_TREE/$_file"; done
  ln -s lib/file "$COPY_TREE/link" && ln -s lib "$COPY_TREE/lib64"
  : > "$COPY_REF"
}

link_ref() {  # the lock file of COPY becomes a link to one in a folder below
  _below=usr/$(basename "$COPY_REF")
  mkdir -p "$COPY/usr" && mv "$COPY_REF" "$COPY/$_below" && ln -s "$_below" "$COPY_REF"
}

clean() {  # clean NAME: one pass of the cleaner; fails where it does not end
  start "$1" cleaner
  await "$1"
  ! ran "$1" || ask "$1" exit 0 > /dev/null
  await_end "$1"
}

listing() {  # listing FOLDER: every name in it, modes, targets of links, content
  (cd "$1" 2> /dev/null && find . -mindepth 1 -printf '%p %y %m %l\n' | sort && find . -type f -exec cksum {} + | sort)
}

copies() {  # the copies that there are
  for _path in $COPIES; do [ ! -e "$_path" ] || echo "$_path"; done
}

remember() {  # remember FOLDER: what is in it
  listing "$1" > "$WORK/before"
}

changed() {  # changed FOLDER: it is not as remembered; tells what differs
  ! listing "$1" | diff "$WORK/before" -
}

find_copy() {  # the copy that was made: COPY, and its lock file as REF
  in_copy "$(copies)"
  REF=$COPY_REF
}

copy_of() {  # copy_of NAME: the copy that its payload runs in: the one whose lock file it sees, or the only one
  for _copy in $(copies); do
    in_copy "$_copy"
    for _inside in $INSIDE; do
      case $(ask "$1" stat "$_inside") in
      "stat $(identity "$COPY_REF") "*) echo "$COPY" && return ;;
      esac
    done
  done
  [ "$(copies | wc -l)" != 1 ] || copies
}

under_lock() {  # start the payload, and give it 5 s to be locked
  start one subject
  await one
  ran one || shows "$(how one)" "the payload runs"
  [ -z "$COPIES" ] || find_copy
  protected "$REF"
  echo "locks on the file while the payload runs:"
  table "$REF" || echo "none"
}

overrides_of() {  # overrides_of NAME COMMAND...: start one that makes a copy: OVERRIDES
  copies > "$WORK/copies"
  start "$@"
  await "$1"
  ran "$1" || shows "$(how "$1")" "the payload runs"
  new_overrides
}

prepared() {  # prepared NAME COMMAND...: make a copy that nobody uses: COPY, OVERRIDES
  copies > "$WORK/copies"
  start "$@"
  await_end "$1" || shows "it does not end" "a copy is made"
  [ "$(cat "$WORK/$1.status")" = 0 ] || shows "$(how "$1")" "a copy is made"
  new_overrides
}

new_overrides() {  # of the copy that was not there before: COPY, OVERRIDES
  in_copy "$(copies | grep -v -x -F -f "$WORK/copies")"
  [ -d "$OVERRIDES" ] || shows "no folder $OVERRIDES" "a folder in the copy"
}

messages() {  # messages NAME: the lines of its log that are no arguments of a program: one text in quotes each
  awk "!/^([^ ]+: ([A-Z]: )?)?[ \t]*'.*'[ \t]*\$/ || /' '/" "$WORK/$1.err"
}

told() {  # told NAME: its log says something
  [ -s "$WORK/$1.err" ] || shows "no line in the log" "lines that tell what is done"
}

variable() {  # variable NAME: what the environment of the payload says
  for _pid in $(marked); do
    ! cmp -s "/proc/$_pid/exe" "$PROBE" || tr '\0' '\n' < "/proc/$_pid/environ" | sed -n "s/^$1=//p"
  done
}

inode_for() {  # inode_for NAME PATH: of what a path leads to, for that payload; empty where that is nothing
  ask "$1" stat "$(word "$2")" | sed -n 's/^stat [^ ]* \([^ ]*\) .*/\1/p'
}

whose() {  # whose NAME PATH: whose file a path leads to, for that payload
  _inode=$(inode_for "$1" "$2")
  if [ -z "$_inode" ]; then
    echo nothing
  elif [ -n "$(find "$WORK/trees" -inum "$_inode")" ]; then
    echo provider
  elif [ -n "$(find "$WORK/runtimes" "$COPY" -inum "$_inode")" ]; then
    echo runtime
  else
    echo another
  fi
}

watch_files() {  # hold on to folders of the runtime, so that renaming it hides nothing
  usr=$SRC
  [ "$LAYOUT" = merged-usr ] || usr=$SRC/usr
  exec 6< "$REF" 7< "$SRC" 8< "$usr/libexec/vessel" 9< "$usr/share/vessel"
}

lost() {  # how many of three files of the runtime are gone
  _lost=0
  [ -e /proc/$$/fd/7/.ref ] || _lost=$((_lost + 1))
  [ -e /proc/$$/fd/8/probe ] || _lost=$((_lost + 1))
  [ -e /proc/$$/fd/9/greeting.txt ] || _lost=$((_lost + 1))
  echo $_lost
}

strace_names() {  # strace_names COMMAND...: strace logs the calls that name a file, make a process, or change the folder
  strace --quiet=all -f -y -s 4096 -o "$WORK/trace" -e trace=%file,%process,fchdir "$@"
}

acts() {  # the calls of the trace, with the names that they were given: `launcher`, or `helper` where a child has executed
  # a program; `here`, or `away` where it has left the folder in which all began; the call
  awk '
    NR == FNR { if (/(clone3?|v?fork)[( ].* = [0-9]+$/) parent[$NF] = $1; next }
    FNR == 1 { first = $1 }
    !($1 in who) { who[$1] = $1 in parent ? who[parent[$1]] : "launcher"; place[$1] = place[parent[$1]] }
    / execve(at)?\(/ && $1 != first { who[$1] = "helper" }
    { call = $0; sub(/^[0-9]+ +/, "", call); gsub(/<\/[^>]*>/, "", call) }
    call ~ /^readlink/ { sub(/", ".*/, "\"", call) }
    call ~ /^symlink/ { sub(/\("[^"]*", /, "(", call) }
    call !~ /resumed>|^getcwd|^---|^\+\+\+/ { print who[$1], place[$1] ? "away" : "here", call }
    /chdir[( ].* = 0$/ { place[$1] = "away" }
  ' "$WORK/trace" "$WORK/trace"
}

changes() {  # changes OPTION...: those lines whose call makes, changes or deletes what it names, or tries to
  _calls='creat|mknod|mkdir|link|symlink|rename|unlink|rmdir|chmod|fchmodat|l?chown|fchownat|truncate|utimensat|setxattr'
  grep -E "$@" "O_CREAT|O_TRUNC| ($_calls)[a-z0-9]*\("
}
