#include "audit/trials.h"

#include "audit/stop.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* HDF5 and getopt are not for threads, so trials run in processes. A worker
 * sends lines through a pipe: "@N" as it begins trial N, the trial's line as it
 * ends, "!STATUS MESSAGE" (newlines as 0x01) as it fails. */

enum { most_workers = 256, patience = 3 }; /* seconds after a signal */

typedef struct worker {
    pid_t pid; /* 0: ended */
    int fd;
    char *text; /* received and not yet a whole line */
    size_t used, room;
    uint64_t trial; /* under way */
} worker;

typedef struct run {
    const pv_trials_work *what;
    const pv_trials_dir *dir;
    const uint64_t *trial;
    size_t count, done;
    worker *worker;
    int workers, alive, out;
    bool told;        /* to stop */
    bool torn;        /* the last line of `out` */
    double told_at, synced;
    pv_status status; /* of the first failure */
    pv_error *err;
} run;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, text, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        size -= (size_t)n;
    }
    return true;
}

/* --- the worker ----------------------------------------------------------- */

static bool send_failure(int fd, pv_status status, const pv_error *err)
{
    char line[sizeof err->message + 32];
    (void)snprintf(line, sizeof line, "!%d %s", (int)status, err->message);
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n')
            *c = '\1';
    const size_t length = strlen(line);
    line[length] = '\n';
    return write_all(fd, line, length + 1);
}

/* One trial; false to end the worker. */
static bool play(const run *r, uint64_t trial, int fd)
{
    char begin[32], *line = NULL;
    pv_error err = PV_ERROR_INIT;
    const int length = snprintf(begin, sizeof begin, "@%llu\n",
                                (unsigned long long)trial);
    if (!write_all(fd, begin, (size_t)length))
        return false;
    const pv_status status =
        r->what->play(r->what->context, trial, &line, &err);
    /* signals to all processes of a job end a program before it is asked to */
    if (status != PV_OK && pv_stop_requested())
        return false;
    if (status != PV_OK) {
        (void)send_failure(fd, status, &err);
        return false;
    }
    const bool sent = write_all(fd, line, strlen(line));
    free(line);
    return sent;
}

static void work(const run *r, int w, int fd, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_DUMPABLE, 0); /* no core file with people */
    if (getppid() != parent)
        _exit(1);
    pv_threads_set(1);
    if (pv_log_get_level() < PV_LOG_VERBOSE)
        pv_log_init("privet-audit", PV_LOG_QUIET);
    for (size_t i = (size_t)w; i < r->count && !pv_stop_requested();
         i += (size_t)r->workers)
        if (!play(r, r->trial[i], fd))
            _exit(pv_stop_requested() ? 0 : 1);
    _exit(0);
}

static pv_status start(run *r, int w, pv_error *err)
{
    int ends[2];
    const pid_t self = getpid();
    if (pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
        return pv_fail_errno(err, PV_EIO, "cannot make a pipe");
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        work(r, w, ends[1], self);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return pv_fail_errno(err, PV_EIO, "cannot start a process");
    }
    r->worker[w] = (worker){.pid = pid, .fd = ends[0]};
    r->alive++;
    return PV_OK;
}

/* --- the parent ----------------------------------------------------------- */

static void tell(run *r, int number)
{
    for (int w = 0; w < r->workers; w++)
        if (r->worker[w].pid > 0)
            (void)kill(r->worker[w].pid, number);
    if (!r->told)
        r->told_at = now();
    r->told = true;
}

static void keep_failure(run *r, pv_status status, const char *message,
                         uint64_t trial)
{
    if (r->status == PV_OK && !pv_stop_requested())
        r->status = pv_fail(r->err, status, "%s %llu: %s", r->what->noun,
                            (unsigned long long)trial, message);
    tell(r, SIGTERM);
}

static void take_line(run *r, worker *w, char *line, size_t length)
{
    if (line[0] == '@') {
        w->trial = strtoull(line + 1, NULL, 10);
    } else if (line[0] == '!') {
        char *rest;
        const long status = strtol(line + 1, &rest, 10);
        line[length] = '\0';
        for (char *c = rest; *c != '\0'; c++)
            if (*c == '\1')
                *c = '\n';
        keep_failure(r, (pv_status)status, rest + (*rest == ' '), w->trial);
    } else if (r->torn || !write_all(r->out, line, length + 1)) {
        r->torn = true; /* nothing may follow it */
        if (r->status == PV_OK)
            r->status = pv_fail_errno(r->err, PV_EIO, "%s: cannot write",
                                      r->dir->trials);
        tell(r, SIGTERM);
    } else {
        pv_progress_update(++r->done);
    }
}

static void take_lines(run *r, worker *w)
{
    size_t begin = 0;
    char *end;
    while ((end = memchr(w->text + begin, '\n', w->used - begin)) != NULL) {
        const size_t length = (size_t)(end - (w->text + begin));
        take_line(r, w, w->text + begin, length);
        begin += length + 1;
    }
    memmove(w->text, w->text + begin, w->used - begin);
    w->used -= begin;
}

/* How a worker ended that has closed its pipe. */
static void bury(run *r, worker *w)
{
    int how = 0;
    char message[256];
    (void)close(w->fd);
    while (waitpid(w->pid, &how, 0) < 0 && errno == EINTR)
        continue;
    w->pid = 0;
    r->alive--;
    if (r->told || pv_stop_requested() ||
        (WIFEXITED(how) && WEXITSTATUS(how) == 0))
        return;
    if (WIFSIGNALED(how))
        (void)snprintf(message, sizeof message,
                       "its process died of signal %d (%s); %s", WTERMSIG(how),
                       strsignal(WTERMSIG(how)),
                       WTERMSIG(how) == SIGKILL
                           ? "for lack of memory? give fewer --threads"
                           : "please report this");
    else
        (void)snprintf(message, sizeof message,
                       "its process ended with status %d", WEXITSTATUS(how));
    keep_failure(r, PV_EINTERNAL, message, w->trial);
}

static void receive(run *r, worker *w)
{
    enum { step = 65536 };
    if (w->room - w->used < step) {
        char *grown = pv_array_realloc(w->text, w->room + 2 * step, 1);
        if (grown == NULL) {
            if (r->status == PV_OK)
                r->status = pv_fail_memory(r->err, "the trials");
            tell(r, SIGKILL);
            bury(r, w);
            return;
        }
        w->text = grown;
        w->room += 2 * step;
    }
    const ssize_t n = read(w->fd, w->text + w->used, step);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        bury(r, w);
        return;
    }
    w->used += (size_t)n;
    take_lines(r, w);
}

static void watch(run *r)
{
    struct pollfd fds[most_workers];
    for (int w = 0; w < r->workers; w++)
        fds[w] = (struct pollfd){
            .fd = r->worker[w].pid > 0 ? r->worker[w].fd : -1, .events = POLLIN};
    const int ready = poll(fds, (nfds_t)r->workers, 200);
    for (int w = 0; ready > 0 && w < r->workers; w++)
        if (r->worker[w].pid > 0 && fds[w].revents != 0)
            receive(r, &r->worker[w]);
    if (pv_stop_requested() && !r->told)
        tell(r, SIGTERM);
    if (r->told && now() - r->told_at > patience)
        tell(r, SIGKILL);
    if (now() - r->synced > 5) {
        (void)fsync(r->out);
        r->synced = now();
    }
}

static pv_status conclude(run *r, pv_error *err)
{
    if (fsync(r->out) != 0 && r->status == PV_OK)
        r->status = pv_fail_errno(err, PV_EIO, "%s: cannot sync",
                                  r->dir->trials);
    if (r->status != PV_OK)
        return r->status;
    if (r->done < r->count)
        return pv_fail(err, PV_ESTOPPED,
                       "stopped with %zu of %zu %ss to do: run the same "
                       "command again",
                       r->count - r->done, r->count, r->what->noun);
    return PV_OK;
}

pv_status pv_trials_run(const pv_trials_work *what, const pv_trials_dir *dir,
                        const uint64_t *trial, size_t count, int workers,
                        pv_error *err)
{
    pv_status status = PV_OK;
    worker worker_of[most_workers] = {{0}};
    run r = {.what = what, .dir = dir, .trial = trial, .count = count,
             .worker = worker_of, .synced = now(), .err = err};
    if (count == 0)
        return PV_OK;
    r.workers = workers > most_workers ? most_workers : workers;
    if ((size_t)r.workers > count)
        r.workers = (int)count;
    r.out = open(dir->trials, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (r.out < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", dir->trials);
    pv_progress_begin(what->progress, count);
    for (int w = 0; w < r.workers && r.status == PV_OK; w++)
        r.status = start(&r, w, err);
    if (r.status != PV_OK)
        tell(&r, SIGKILL);
    while (r.alive > 0)
        watch(&r);
    pv_progress_end();
    status = conclude(&r, err);
    for (int w = 0; w < r.workers; w++)
        free(worker_of[w].text);
    (void)close(r.out);
    return status;
}
