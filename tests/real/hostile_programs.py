"""Programs that misbehave, each named for its defect: scripts for a hostile adapter (`hostile_world`).

They are called with the verb first. What is not their defect they do as the reference does it.
"""

from __future__ import annotations

HONEST = """#!/bin/sh
verb=$1
shift
honest() {
    case $verb in
        version) echo hostile 1 ;;
        lock) file=$1; shift; "$PYTHON" -P -m pytest_vessel.reference lock "$file" -- "$@" ;;
        run) runtime=$1; shift; "$PYTHON" -P -m pytest_vessel.reference run "$runtime" -- "$@" ;;
        copy) runtime=$1 parent=$2; shift 2
              "$PYTHON" -P -m pytest_vessel.reference copy --no-collect "$runtime" "$parent" -- "$@" ;;
        *) "$PYTHON" -P -m pytest_vessel.reference "$verb" "$@" ;;
    esac
}
[ "$verb" = version ] && honest && exit
"""

PYTHON = """#!/usr/bin/env python3
import ctypes, fcntl, os, signal, socket, sys, time
libc = ctypes.CDLL(None)
verb, *words = sys.argv[1:]
if verb == "version":
    print("hostile 1")
    sys.exit()
greeting = "vessel-ready " + words[-1] + " "
def honest():
    argv = [os.environ["PYTHON"], "-P", "-m", "pytest_vessel.reference", verb, words[0]]
    os.execv(argv[0], [*argv, "--", *words[1:]] if words[1:] else argv)
"""

BEFORE = {
    "hangs": HONEST + "exec sleep 1000\n",
    "hangs-without-end": HONEST + "trap '' TERM HUP INT; while :; do sleep 1; done\n",
    "spins": HONEST + "while :; do :; done\n",
    "stops-itself": HONEST + "kill -STOP $$\n",
    "exits-0-with-garbage": HONEST + "head -c 100000 /dev/urandom; head -c 100000 /dev/urandom >&2; exit 0\n",
    "exits-0-in-silence": HONEST + "exit 0\n",
    "dies-by-a-signal": HONEST + "kill -SEGV $$\n",
    "ends-everybody": HONEST + "kill -9 -1; kill -9 $PPID; sleep 1000\n",
    "stops-everybody": HONEST + "kill -STOP -1; kill -STOP $PPID; sleep 1000\n",
    "closes-its-streams": HONEST + "exec <&- >&- 2>&-; sleep 1000\n",
    "closes-its-streams-and-exits-0": HONEST + "exec <&- >&- 2>&-; exit 0\n",
    "leaves-daemons": HONEST + "for i in 1 2 3; do (setsid sh -c 'trap \"\" TERM HUP; sleep 1000' &); done; exit 0\n",
    "leaves-daemons-without-streams": HONEST + "(setsid sleep 1000 <&- >&- 2>&- &); exit 0\n",
}
"""What goes wrong before any payload has started."""

AFTER = {
    "hangs-after": HONEST + 'honest "$@"; sleep 1000\n',
    "hangs-after-against-every-signal": HONEST + "trap '' TERM HUP INT; honest \"$@\"; while :; do sleep 1; done\n",
    "spins-after": HONEST + 'honest "$@"; while :; do :; done\n',
    "leaves-daemons-after": HONEST + '(setsid sleep 1000 &); honest "$@"\n',
}
"""What goes wrong beside and after a payload that runs as it should."""

FLOODS = {
    "floods-stdout": HONEST + "exec head -c 1G /dev/zero\n",
    "floods-stderr": HONEST + "exec head -c 1G /dev/urandom >&2\n",
    "floods-lines": HONEST + "yes '= 1' | head -c 1G\n",
    "floods-after": HONEST + 'honest "$@"; yes | head -c 1G >&2\n',
    "floods-beside": HONEST + '(yes | head -c 1G >&2 &); honest "$@"\n',
}

FORKS = {
    "forks-without-end": HONEST + "bomb() { bomb | bomb & }; bomb; sleep 1000\n",
    "forks-and-exits": PYTHON + "while True:\n    if os.fork(): os._exit(0)\n",
    "forks-in-depth": PYTHON + "while True:\n    if os.fork(): signal.pause()\n",
    "forks-in-breadth": PYTHON
    + "while True:\n    try:\n        if not os.fork(): signal.pause()\n    except OSError: pass\n",
}

LIES = {
    "greets-and-ends": PYTHON + "print(greeting + '1', flush=True)\n",
    "greets-and-is-silent": PYTHON + "print(greeting + '1', flush=True)\nsignal.pause()\n",
    "answers-nothing": PYTHON + "print(greeting + '1', flush=True)\nfor line in sys.stdin: print('= ', flush=True)\n",
    "answers-garbage": PYTHON
    + "print(greeting + '1', flush=True)\n"
    + "for line in sys.stdin: os.write(1, b'= \\xff\\x00%ff%00 \\x1b[31m = -1 :: %e2%80%ae\\n')\n",
    "answers-without-end": PYTHON
    + "print(greeting + '1', flush=True)\nwhile True: os.write(1, b'= stat 1:1 1\\n' * 1000)\n",
    "steals-from-our-pipes": PYTHON
    + "stdout = os.open('/proc/self/fd/1', os.O_RDONLY | os.O_NONBLOCK)\n"
    + "stdin = os.open('/proc/self/fd/0', os.O_WRONLY | os.O_NONBLOCK)\n"
    + "os.write(1, (greeting + '1\\n').encode())\n"
    + "time.sleep(0.3)\n"
    + "try:\n    while True: os.write(stdin, b'x' * 4096)\nexcept BlockingIOError: pass\n"
    + "while True:\n    os.write(1, b'y' * 8192)\n"
    + "    try: os.read(stdout, 1 << 16)\n    except BlockingIOError: pass\n",
    "has-a-name-that-is-no-text": PYTHON
    + "libc.prctl(15, b'\\xff\\n:\\t\\x1b[31m')\nprint(greeting + '1', flush=True)\n"
    + "for line in sys.stdin: print('= ', flush=True)\n",
    "leases-the-lock-file": PYTHON
    + "file = os.open(words[0], os.O_RDWR)\n"
    + "signal.signal(signal.SIGIO, signal.SIG_IGN)\n"
    + "fcntl.fcntl(file, 1024, fcntl.F_WRLCK)\nprint(greeting + '1', flush=True)\n"
    + "for line in sys.stdin: print('= ', flush=True)\n",
}

SAYS = "\\033[31mred\\033]0;title\\007 \\000 \\377\\376 \\302\\233 \\342\\200\\256txt \\r\\n"
SAYS += "::error::x\\n##[group]x\\n\\033[2J"
"""For printf(1): colours, a title, NUL, no UTF-8, C1, a change of direction, words for CI logs, a cleared screen."""

SPEAKS = {"speaks-in-escapes": HONEST + f"printf '{SAYS}' >&2; printf '{SAYS}'; exit 1\n"}

VERSIONS = {
    "has-a-version-of-a-gigabyte": HONEST.replace("echo hostile 1", "head -c 1G /dev/zero") + 'honest "$@"\n',
    "has-a-version-and-a-daemon": HONEST.replace("echo", "(setsid sleep 1000 &); echo") + 'honest "$@"\n',
    "has-a-version-of-escapes": HONEST.replace("echo hostile 1", f"printf '{SAYS}'") + 'honest "$@"\n',
}

SLOW_VERSIONS = {
    "has-a-version-and-no-end": HONEST.replace("echo", "sleep 1000; echo") + 'honest "$@"\n',
}

PLANTS = {
    "plants-a-file-of-a-terabyte": HONEST + '[ $verb = run ] && truncate -s 1T "$1/huge"; honest "$@"\n',
    "plants-a-deep-tree": PYTHON
    + "os.chdir(words[0])\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\n"
    + "os.chdir('/')\nhonest()\n",
    "plants-odd-files": PYTHON
    + "os.chdir(words[0])\nos.mkfifo('fifo'); os.mkdir('closed', 0)\n"
    + "socket.socket(socket.AF_UNIX).bind('socket')\n"
    + "open(b'\\xff\\x1b[31m\\n::error::x', 'w'); open('\\u202e.txt', 'w')\n"
    + "os.symlink(os.environ['CANARY'], 'canary'); os.symlink('loop', 'loop')\n"
    + "if not os.geteuid(): os.mknod('null', 0o20666, os.makedev(1, 3))\nhonest()\n",
    "plants-many-files": PYTHON
    + "os.chdir(words[0])\nfor number in range(2000): open(f'file-{number}', 'w').close()\nhonest()\n",
    "plants-a-closed-folder": HONEST
    + '[ $verb = run ] && mkdir -p "$1/closed/d" && chmod 0 "$1/closed"; honest "$@"\n',
}

REMOVERS = {
    "puts-a-link-in-place-of-the-runtime": HONEST + 'mv "$1" "$1.moved" && ln -s "$CANARY" "$1"; exit 1\n',
    "puts-a-link-in-place-of-the-lock-file": HONEST + 'rm "$1/.ref" && ln -s "$CANARY/.ref" "$1/.ref"; exit 1\n',
    "puts-a-fifo-in-place-of-the-lock-file": HONEST + 'rm "$1/.ref" && mkfifo "$1/.ref"; exit 1\n',
    "moves-the-runtime-away": HONEST + 'mv "$1" "$VESSEL_WORK/elsewhere"; exit 0\n',
    "puts-a-link-in-place-of-the-work-folder": HONEST
    + 'cd "$VESSEL_WORK/.." && mv work away; ln -s "$CANARY" work\n'
    + 'mv runtimes gone; ln -s "$CANARY" runtimes; exit 0\n',
}

LINKERS = {
    "runs-and-links-the-runtime-away": HONEST + 'honest "$@"; mv "$1" "$1.moved" && ln -s "$CANARY" "$1"\n',
}

COPIERS = {
    "copies-honestly": HONEST + 'honest "$@"\n',
    "plants-a-link-among-the-copies": HONEST + 'ln -sT "$CANARY" "$2/tmp-planted"; honest "$@"\n',
    "plants-files-among-the-copies": HONEST + 'touch "$2/tmp-file"; mkfifo "$2/tmp-fifo"; honest "$@"\n',
    "plants-links-in-copies": HONEST
    + 'mkdir -p "$2/tmp-x/usr"; ln -sT "$CANARY/.ref" "$2/tmp-x/.ref"; ln -sT "$CANARY" "$2/tmp-x/usr/bin"\n'
    + 'honest "$@"\n',
    "makes-many-copies": HONEST + 'for n in $(seq 200); do mkdir "$2/tmp-$n"; done; honest "$@"\n',
    "swaps-the-parent": HONEST
    + '[ -L "$2" ] && exit 1; honest "$@"; status=$?; mv "$2" "$2.moved"; ln -sT "$CANARY" "$2"; exit $status\n',
    "swaps-the-lock-of-the-parent": HONEST + 'rm -f "$2/.ref"; ln -sT "$CANARY/.ref" "$2/.ref"; honest "$@"\n',
}

MOUNTERS_OF_COPIES = {
    "mounts-the-canary-in-a-copy": HONEST + 'mkdir "$2/tmp-x"; mount --bind "$CANARY" "$2/tmp-x"; honest "$@"\n',
    "mounts-the-canary-on-the-parent": HONEST + 'mount --bind "$CANARY" "$2"; exit 1\n',
}

MOUNTS = {
    "mounts-over-everything": HONEST
    + "for place in /mnt /tmp /etc /proc /usr; do mount -t tmpfs none $place; done; while :; do :; done\n",
    "mounts-the-canary": HONEST
    + 'mkdir "$1/mounted"; mount --bind "$CANARY" "$1/mounted"; mount -t tmpfs none "$VESSEL_WORK"; honest "$@"\n',
    "unmounts-everything": HONEST + "umount -l /proc; umount -a -l; sleep 1000\n",
    "makes-files-immutable": HONEST
    + 'mkdir "$1/dir" && touch "$1/dir/file" && chattr +i "$1/dir/file" && chattr +a "$1/dir"; honest "$@"\n',
}
"""What only root can do."""

FORKS_IN_C = """
/* Forks and exits, without end, as fast as the kernel can. No library: see the probe. */
#if defined(__x86_64__)
enum { CLONE = 56, EXIT = 231, WRITE = 1 };
static long call(long number, long a, long b, long c) {
    long result;
    register long r10 __asm__("r10") = 0;
    register long r8 __asm__("r8") = 0;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}
__asm__(".globl _start\\n_start:\\n xor %ebp, %ebp\\n mov %rsp, %rdi\\n and $-16, %rsp\\n call begin\\n hlt\\n");
#else
enum { CLONE = 220, EXIT = 94, WRITE = 64 };
static long call(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = 0;
    register long x4 __asm__("x4") = 0;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
__asm__(".globl _start\\n_start:\\n mov x29, #0\\n mov x30, #0\\n mov x0, sp\\n bl begin\\n");
#endif

void begin(long *stack) {
    const char *verb = (const char *)stack[2];
    if (verb[0] == 'v') {
        call(WRITE, 1, (long)"hostile 1\\n", 10);
        call(EXIT, 0, 0, 0);
    }
    for (;;)
        if (call(CLONE, 17, 0, 0) > 0) call(EXIT, 0, 0, 0);
}
"""
