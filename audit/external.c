#include "audit/external.h"

#include "audit/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In the child: never returns. Only what is safe after fork. */
static void become(char *const *word, int log, pid_t parent)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1, SIGPIPE};
    const int nothing = open("/dev/null", O_RDONLY);
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)signal(numbers[i], SIG_DFL);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(log, 1) == 1 &&
        dup2(log, 2) == 2)
        (void)execvp(word[0], word);
    const char *why = strerror(errno);
    if (write(log, why, strlen(why)) < 0)
        _exit(126);
    _exit(127);
}

/* Waits in steps that grow, so that a short program is not slowed down. */
static pv_status wait_for(pid_t child, double timeout, int *how, pv_error *err)
{
    const double begun = now();
    long step = 200000; /* ns */
    for (;;) {
        const pid_t ended = waitpid(child, how, WNOHANG);
        if (ended == child)
            return PV_OK;
        if (ended < 0 && errno != EINTR)
            return pv_fail_errno(err, PV_EIO, "cannot wait for a program");
        const bool late = timeout > 0 && now() - begun > timeout;
        if (late || pv_stop_requested()) {
            (void)kill(-child, SIGKILL);
            while (waitpid(child, how, 0) < 0 && errno == EINTR)
                continue;
            return late ? pv_fail(err, PV_EIO,
                                  "took longer than the %g seconds of "
                                  "--timeout",
                                  timeout)
                        : pv_fail(err, PV_ESTOPPED, "stopped");
        }
        (void)nanosleep(&(struct timespec){0, step}, NULL);
        if (step < 20000000)
            step += step / 4;
    }
}

/* The last lines of a file, at most `size` - 1 bytes of them. */
static void read_tail(const char *path, char *text, size_t size)
{
    enum { lines = 6 };
    size_t length = 0;
    FILE *file = fopen(path, "rb");
    text[0] = '\0';
    if (file == NULL)
        return;
    if (fseek(file, 0, SEEK_END) == 0) {
        const long end = ftell(file);
        const long from = end > (long)size - 1 ? end - (long)size + 1 : 0;
        if (fseek(file, from, SEEK_SET) == 0)
            length = fread(text, 1, size - 1, file);
    }
    (void)fclose(file);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    int seen = 0;
    for (size_t i = length; i > 0; i--)
        if (text[i - 1] == '\n' && ++seen == lines) {
            memmove(text, text + i, length - i + 1);
            break;
        }
}

static pv_status describe_end(const char *name, const char *log, int how,
                              pv_error *err)
{
    char tail[1024];
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
        return PV_OK;
    read_tail(log, tail, sizeof tail);
    const char *before = tail[0] != '\0' ? "; it printed last:\n" : "";
    if (WIFSIGNALED(how))
        return pv_fail(err, PV_EIO, "%s was killed by signal %d (%s)%s%s", name,
                       WTERMSIG(how), strsignal(WTERMSIG(how)), before, tail);
    if (WEXITSTATUS(how) == 127)
        return pv_fail(err, PV_EIO, "%s cannot be run (127)%s%s", name, before,
                       tail);
    return pv_fail(err, PV_EIO, "%s ended with exit status %d%s%s", name,
                   WEXITSTATUS(how), before, tail);
}

pv_status pv_external_run(char *const *word, const char *log, double timeout,
                          pv_error *err)
{
    int how = 0;
    const int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
                        0600);
    if (fd < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot make it", log);
    const pid_t self = getpid();
    const pid_t child = fork();
    if (child == 0)
        become(word, fd, self);
    (void)close(fd);
    if (child < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot start", word[0]);
    (void)setpgid(child, child); /* whoever is first */
    const pv_status status = wait_for(child, timeout, &how, err);
    if (status != PV_OK)
        return status == PV_ESTOPPED
                   ? status
                   : pv_fail_context(err, status, "%s", word[0]);
    /* whatever it left running may not write into the next trial's files */
    (void)kill(-child, SIGKILL);
    return describe_end(word[0], log, how, err);
}
