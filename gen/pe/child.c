#define _GNU_SOURCE /* pipe2 */
#include "gen/pe/child.h"

#include "core/log.h"
#include "core/memory.h"
#include "dp/curator.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
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

static void shut(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* --- starting ---------------------------------------------------------------------- */

/* pipe[k]: of input, output, errors, and of the reason why it cannot be run. */
enum { to_in, from_out, from_errors, reason, pipes };

static void shut_pipes(int (*pipe)[2])
{
    for (size_t k = 0; k < pipes; k++) {
        shut(&pipe[k][0]);
        shut(&pipe[k][1]);
    }
}

/* In the child: never returns. Only what is safe after fork. */
static void become(char *const *word, int (*pipe)[2], pid_t parent)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1, SIGPIPE};
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)signal(numbers[i], SIG_DFL);
    if (dup2(pipe[to_in][0], 0) == 0 && dup2(pipe[from_out][1], 1) == 1 &&
        dup2(pipe[from_errors][1], 2) == 2)
        (void)execvp(word[0], word);
    const int why = errno;
    if (write(pipe[reason][1], &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

/* 0 when it runs, else why not. */
static int hear_reason(int fd)
{
    int why = 0;
    ssize_t n;
    do
        n = read(fd, &why, sizeof why);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof why ? why : 0;
}

pv_status pv_child_start(pv_child *c, char *const *word, pv_error *err)
{
    int pipe[pipes][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    *c = (pv_child){.name = word[0], .in = -1, .out = -1, .errors = -1};
    for (size_t k = 0; k < pipes; k++)
        if (pipe2(pipe[k], O_CLOEXEC) != 0) {
            shut_pipes(pipe);
            return pv_fail_errno(err, PV_EIO, "%s: cannot make pipes", word[0]);
        }
    const pid_t self = getpid();
    c->pid = fork();
    if (c->pid == 0)
        become(word, pipe, self);
    shut(&pipe[to_in][0]);
    shut(&pipe[from_out][1]);
    shut(&pipe[from_errors][1]);
    shut(&pipe[reason][1]);
    if (c->pid < 0) {
        c->pid = 0;
        shut_pipes(pipe);
        return pv_fail_errno(err, PV_EIO, "%s: cannot start", word[0]);
    }
    (void)setpgid(c->pid, c->pid); /* whoever is first */
    const int why = hear_reason(pipe[reason][0]);
    shut(&pipe[reason][0]);
    c->in = pipe[to_in][1];
    c->out = pipe[from_out][0];
    c->errors = pipe[from_errors][0];
    (void)fcntl(c->in, F_SETFL, O_NONBLOCK);
    (void)fcntl(c->out, F_SETFL, O_NONBLOCK);
    (void)fcntl(c->errors, F_SETFL, O_NONBLOCK);
    if (why != 0) {
        pv_child_kill(c);
        return pv_fail(err, PV_EIO, "%s: cannot be run: %s", word[0],
                       strerror(why));
    }
    return PV_OK;
}

/* --- the pipes --------------------------------------------------------------------- */

static void tell(pv_child *c, const char *text, size_t size)
{
    const size_t left = PV_CHILD_TOLD - c->told;
    const size_t now_told = size < left ? size : left;
    c->told += now_told;
    c->dropped += size - now_told;
    for (size_t at = 0; at < now_told;) {
        const ssize_t n = write(STDERR_FILENO, text + at, now_told - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return;
    }
}

/* What is there, but not for ever. */
static void hear_errors(pv_child *c)
{
    char text[8192];
    for (int k = 0; k < 64 && c->errors >= 0; k++) {
        const ssize_t n = read(c->errors, text, sizeof text);
        if (n > 0)
            tell(c, text, (size_t)n);
        else if (n < 0 && errno != EINTR)
            return;
        else if (n == 0)
            shut(&c->errors);
    }
}

static void say(pv_child *c)
{
    const ssize_t n = write(c->in, c->request, c->unsent);
    if (n > 0) {
        c->request += n;
        c->unsent -= (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        c->unsent = 0; /* it does not listen: that it is gone shows elsewhere */
    }
}

/* Reads into room for one block more than was heard; false at the end. */
static pv_status hear(pv_child *c, bool *ended, pv_error *err)
{
    enum { block = 65536 };
    *ended = false;
    if (c->room - c->size < block) {
        const size_t room = c->room + (c->room > block ? c->room : block);
        unsigned char *heard = pv_array_realloc(c->heard, room, 1);
        if (heard == NULL)
            return pv_fail_memory(err, "an answer");
        c->heard = heard;
        c->room = room;
    }
    const ssize_t n = read(c->out, c->heard + c->size, c->room - c->size);
    if (n > 0)
        c->size += (size_t)n;
    *ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    return PV_OK;
}

/* Whether it has ended, within `seconds`; its number stays taken. */
static bool wait_end(pid_t pid, double seconds)
{
    const double until = now() + seconds;
    for (;;) {
        siginfo_t info = {0};
        const int asked =
            waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
        if ((asked == 0 && info.si_pid == pid) || (asked != 0 && errno != EINTR))
            return true;
        if (now() > until)
            return false;
        (void)nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
}

static pv_status describe_end(pv_child *c, pv_error *err)
{
    siginfo_t info = {0};
    c->died = true;
    const bool ended = wait_end(c->pid, 1);
    hear_errors(c);
    if (!ended || waitid(P_PID, (id_t)c->pid, &info,
                         WEXITED | WNOHANG | WNOWAIT) != 0)
        return pv_fail(err, PV_EIO, "closed its output before it had answered");
    if (info.si_code == CLD_EXITED)
        return pv_fail(err, PV_EIO,
                       "ended with exit status %d before it had answered",
                       info.si_status);
    return pv_fail(err, PV_EIO,
                   "was killed by signal %d (%s) before it had answered",
                   info.si_status, strsignal(info.si_status));
}

/* Serves the pipes once, as they are ready. */
static pv_status serve(pv_child *c, pv_error *err)
{
    enum { slice = 200 }; /* ms: a signal may come between looking and waiting */
    bool ended = false;
    const double left =
        c->timeout > 0 ? fmax(0, c->deadline - now()) * 1000 : slice;
    struct pollfd at[3] = {{c->out, POLLIN, 0},
                           {c->errors, POLLIN, 0},
                           {c->unsent > 0 ? c->in : -1, POLLOUT, 0}};
    if (pv_curator_stopping())
        return pv_fail(err, PV_ESTOPPED, "stopped");
    if (c->timeout > 0 && !(left > 0))
        return pv_fail(err, PV_EIO,
                       "gave no answer within %g seconds and was killed; allow "
                       "it more, or see what it waits for",
                       c->timeout);
    if (poll(at, 3, left < slice ? (int)left + 1 : slice) <= 0)
        return PV_OK;
    if (at[1].revents != 0)
        hear_errors(c);
    if (at[2].revents != 0)
        say(c);
    const pv_status status =
        at[0].revents != 0 ? hear(c, &ended, err) : PV_OK;
    return status == PV_OK && ended ? describe_end(c, err) : status;
}

/* --- a request --------------------------------------------------------------------- */

pv_status pv_child_begin(pv_child *c, const void *request, size_t size,
                         double timeout, pv_error *err)
{
    enum { keep = 1 << 26 }; /* bytes of room for the next answer */
    bool ended;
    if (c->room > keep) {
        free(c->heard);
        c->heard = NULL;
        c->room = 0;
    }
    c->size = c->taken = c->told = c->dropped = 0;
    c->request = request;
    c->unsent = size;
    c->timeout = timeout;
    c->deadline = now() + timeout;
    const pv_status status = hear(c, &ended, err);
    if (status != PV_OK)
        return status;
    if (ended)
        return describe_end(c, err);
    if (c->size > 0)
        return pv_fail(err, PV_EFORMAT,
                       "wrote to its output without being asked, or more than "
                       "its last answer's \"bytes\"");
    return PV_OK;
}

pv_status pv_child_line(pv_child *c, size_t most, const char **line,
                        size_t *length, pv_error *err)
{
    for (;;) {
        const size_t left = c->size - c->taken;
        const unsigned char *from = c->heard + c->taken;
        const unsigned char *end =
            left > 0 ? memchr(from, '\n', left < most ? left : most) : NULL;
        if (end != NULL) {
            *line = (const char *)from;
            *length = (size_t)(end - from);
            c->taken += *length + 1;
            return PV_OK;
        }
        if (left >= most)
            return pv_fail(err, PV_EFORMAT,
                           "wrote %zu bytes without the end of a line; an "
                           "answer begins with a line of JSON",
                           left);
        const pv_status status = serve(c, err);
        if (status != PV_OK)
            return status;
    }
}

pv_status pv_child_bytes(pv_child *c, size_t size, const unsigned char **bytes,
                         pv_error *err)
{
    while (c->size - c->taken < size) {
        const pv_status status = serve(c, err);
        if (status != PV_OK)
            return status;
    }
    *bytes = c->heard + c->taken;
    c->taken += size;
    return PV_OK;
}

pv_status pv_child_finish(pv_child *c, pv_error *err)
{
    while (c->unsent > 0) {
        const pv_status status = serve(c, err);
        if (status != PV_OK)
            return status;
    }
    hear_errors(c);
    if (c->dropped > 0)
        pv_log_warning("%s: %zu bytes more of its messages are dropped",
                       c->name, c->dropped);
    if (c->size > c->taken)
        return pv_fail(err, PV_EFORMAT,
                       "wrote more than its answer's \"bytes\" says");
    return PV_OK;
}

/* --- ending ------------------------------------------------------------------------ */

/* Kills what is left of its group, then takes its status: in this order, so that the
 * group's number cannot be another's by then. */
void pv_child_kill(pv_child *c)
{
    if (c->pid > 0) {
        (void)kill(-c->pid, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        hear_errors(c);
        if (c->dropped > 0)
            pv_log_warning("%s: %zu bytes more of its messages are dropped",
                           c->name, c->dropped);
    }
    shut(&c->in);
    shut(&c->out);
    shut(&c->errors);
    free(c->heard);
    *c = (pv_child){.in = -1, .out = -1, .errors = -1};
}

void pv_child_end(pv_child *c, const void *bye, size_t size)
{
    const double until = now() + 5;
    if (c->pid <= 0)
        return;
    c->told = c->dropped = 0;
    c->request = bye;
    c->unsent = size;
    say(c); /* a line: it fits, or the end of input says as much */
    shut(&c->in);
    while (!wait_end(c->pid, 0.05) && now() < until)
        hear_errors(c);
    pv_child_kill(c);
}
