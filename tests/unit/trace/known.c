/* Makes known system calls, for test_trace.py: known FOLDER NAME */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *again[] = {"", "", "", "again", 0};

static void *blocked(void *unused) { pause(); return unused; }

static void *replaced(void *self) {
  again[0] = self;
  execv(self, again);
  return 0;
}

int main(int count, char **words) {
  if (count > 3) return 7; /* the exec of a thread */
  pid_t child;
  pthread_t one, two;
  char long_text[5000];
  int folder = open(words[1], O_RDONLY | O_DIRECTORY);
  int file = openat(folder, words[2], O_CREAT | O_RDWR | O_EXCL, 0600);
  memset(long_text, 'x', sizeof long_text);
  write(file, long_text, sizeof long_text);
  openat(folder, "absent", O_RDONLY);
  unlinkat(folder, words[2], 0);
  fcntl(file, F_GETFD);
  syscall(549, 1, 2);
  child = fork();
  if (!child) { pause(); _exit(0); }
  kill(child, SIGKILL);
  waitpid(child, 0, 0);
  child = fork();
  if (!child) { kill(getpid(), SIGSTOP); _exit(3); }
  waitpid(child, 0, WUNTRACED);
  kill(child, SIGCONT);
  waitpid(child, 0, 0);
  pthread_create(&one, 0, blocked, 0);
  pthread_create(&two, 0, replaced, words[0]);
  pthread_join(one, 0);
  return 1;
}
