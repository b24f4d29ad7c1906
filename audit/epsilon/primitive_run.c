/* Runs side by side: in processes, because a curator is for one thread. Each
 * writes features into memory that all share, at places given by the run. */
#include "audit/epsilon/primitive_internal.h"

#include "audit/stop.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_workers = 256, block = 512 }; /* runs of a block: an even number */

/* What a worker tells the parent. */
typedef struct report {
    atomic_size_t done;
    pv_status status;
    pv_error err;
    pv_noise_sums noise;
} report;

typedef struct crew {
    const pv_case *c;
    double *feature;
    size_t count;
    report *report;
    pid_t pid[most_workers];
    int workers, pipe[2]; /* that is at its end when all workers are */
} crew;

static pv_status work_blocks(const crew *w, int me, pv_case_hand *hand,
                             pv_error *err)
{
    report *r = &w->report[me];
    for (size_t from = (size_t)me * block; from < w->count;
         from += (size_t)w->workers * block)
        for (size_t i = from; i < from + block && i < w->count; i++) {
            if (pv_stop_requested())
                return PV_OK;
            const pv_status status = pv_case_draw(
                hand, i, i - from, w->feature + i * w->c->width, err);
            if (status != PV_OK)
                return status;
            atomic_fetch_add_explicit(&r->done, 1, memory_order_relaxed);
        }
    return PV_OK;
}

static void work(const crew *w, int me, pid_t parent)
{
    pv_case_hand hand;
    report *r = &w->report[me];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)close(w->pipe[0]);
    pv_threads_set(1);
    r->status = pv_case_hand_alloc(w->c, &r->noise, &hand, &r->err);
    if (r->status == PV_OK)
        r->status = work_blocks(w, me, &hand, &r->err);
    pv_case_hand_free(&hand);
    _exit(0);
}

static void tell(const crew *w)
{
    for (int i = 0; i < w->workers; i++)
        if (w->pid[i] > 0)
            (void)kill(w->pid[i], SIGTERM);
}

static pv_status start(crew *w, pv_error *err)
{
    const pid_t self = getpid();
    for (int i = 0; i < w->workers; i++) {
        w->pid[i] = fork();
        if (w->pid[i] == 0)
            work(w, i, self);
        if (w->pid[i] < 0)
            return pv_fail_errno(err, PV_EIO, "cannot start a process");
    }
    return PV_OK;
}

static size_t done(const crew *w)
{
    size_t sum = 0;
    for (int i = 0; i < w->workers; i++)
        sum += atomic_load_explicit(&w->report[i].done, memory_order_relaxed);
    return sum;
}

static pv_status bury(const crew *w, int i, pv_error *err)
{
    int how = 0;
    const report *r = &w->report[i];
    if (w->pid[i] <= 0)
        return PV_OK;
    while (waitpid(w->pid[i], &how, 0) < 0 && errno == EINTR)
        continue;
    if (r->status != PV_OK)
        return pv_fail(err, r->status, "%s", r->err.message);
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
        return pv_fail(err, PV_EINTERNAL,
                       "a process that drew runs died (%s); please report this",
                       WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "status");
    return PV_OK;
}

/* Until the last worker has closed the pipe by ending. */
static void watch(const crew *w, bool started)
{
    struct pollfd end = {.fd = w->pipe[0], .events = POLLIN};
    (void)close(w->pipe[1]);
    if (!started)
        tell(w);
    while (poll(&end, 1, 100) <= 0 || (end.revents & POLLHUP) == 0) {
        pv_progress_update(done(w));
        if (pv_stop_requested())
            tell(w);
    }
    (void)close(w->pipe[0]);
}

static pv_status collect(crew *w, pv_status status, pv_case_runs *runs,
                         pv_error *err)
{
    for (int i = 0; i < w->workers; i++) {
        pv_error why = PV_ERROR_INIT;
        const pv_status one = bury(w, i, &why);
        if (one != PV_OK && status == PV_OK && !pv_stop_requested())
            status = pv_fail(err, one, "%s", why.message);
        for (size_t k = 0; k < PV_NOISE_SUMS; k++) {
            runs->noise.sum[k] += w->report[i].noise.sum[k];
            runs->noise.terms[k] += w->report[i].noise.terms[k];
        }
    }
    if (status == PV_OK && done(w) < w->count)
        return pv_fail(err, PV_ESTOPPED,
                       "stopped by a signal; nothing is kept, and the same "
                       "command begins anew");
    return status;
}

/* Outcomes are counted by their features: that of a candidate is its number, of
 * labels they are its bits. */
static pv_status count_outcomes(const pv_case *c, pv_case_runs *runs,
                                pv_error *err)
{
    for (int in = 0; in < 2; in++) {
        runs->outcome[in] =
            pv_array_calloc(c->outcomes, sizeof *runs->outcome[in]);
        if (runs->outcome[in] == NULL)
            return pv_fail_memory(err, "the runs");
    }
    for (size_t i = 0; i < runs->count; i++) {
        const double *feature = runs->feature + i * c->width + 1;
        size_t outcome = (size_t)feature[0];
        if (c->which.primitive == PV_PRIMITIVE_LABELS)
            for (size_t l = 1; l < PV_CASE_LABELS; l++)
                outcome |= (size_t)feature[l] << l;
        runs->outcome[runs->world[i]][outcome]++;
    }
    return PV_OK;
}

static void *shared(size_t size)
{
    void *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return area == MAP_FAILED ? NULL : area;
}

static pv_status draw_all(crew *w, pv_case_runs *runs, pv_error *err)
{
    const size_t size = (size_t)w->workers * sizeof *w->report;
    w->report = shared(size);
    if (w->report == NULL)
        return pv_fail_memory(err, "the runs");
    pv_status status = PV_OK;
    if (pipe(w->pipe) != 0) {
        status = pv_fail_errno(err, PV_EIO, "cannot make a pipe");
        goto out;
    }
    pv_progress_begin("runs", w->count);
    status = start(w, err);
    watch(w, status == PV_OK);
    status = collect(w, status, runs, err);
    pv_progress_end();
out:
    (void)munmap(w->report, size);
    return status;
}

pv_status pv_case_run(const pv_case *c, pv_case_runs *runs, pv_error *err)
{
    const size_t count = c->options->runs;
    crew w = {.c = c, .count = count, .workers = c->options->workers};
    if (w.workers > most_workers)
        w.workers = most_workers;
    *runs = (pv_case_runs){.count = count,
                           .area_size = count * c->width * sizeof(double)};
    runs->world = pv_array_alloc(count, sizeof *runs->world);
    runs->area = shared(runs->area_size);
    if (runs->area == NULL || runs->world == NULL)
        return pv_fail_memory(err, "so many runs; ask for fewer");
    runs->feature = w.feature = runs->area;
    for (size_t i = 0; i < count; i++)
        runs->world[i] = i % 2;
    const pv_status status = draw_all(&w, runs, err);
    return status != PV_OK || c->outcomes == 0 ? status
                                               : count_outcomes(c, runs, err);
}

void pv_case_runs_clear(pv_case_runs *runs)
{
    if (runs->area != NULL)
        (void)munmap(runs->area, runs->area_size);
    free(runs->world);
    free(runs->outcome[0]);
    free(runs->outcome[1]);
    memset(runs, 0, sizeof *runs);
}
