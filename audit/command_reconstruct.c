/* privet-audit reconstruct: one instance, its objective, bound and solution. */
#include "audit/attack/instance_file.h"
#include "audit/attack/solve.h"
#include "audit/command.h"
#include "audit/findings.h"
#include "audit/output.h"
#include "core/log.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
    const char *file;
    pv_output output;
    unsigned solvers;
    pv_solve_options solve;
    long long threads;
    bool help, version;
    pv_log_level level;
} options;

static const char help[] =
    "usage: privet-audit reconstruct FILE.bin [options]\n"
    "Solves one instance of linear reconstruction: users' secret bits t from\n"
    "noisy sums b over groups of them, A t ~ b, 0 <= t <= 1. FILE.bin is\n"
    "little-endian: int64 queries, users, entries; int64 start[queries + 1];\n"
    "int32 user[entries]; float64 b[queries].\n"
    "\n"
    "  --solver NAMES     l1 (exact, the default), pdhg (l1 with a certified\n"
    "                     gap), ls, wls (least squares, by group size),\n"
    "                     separated by commas, or all\n"
    "  --gap G            relative gap at which pdhg (1e-2), ls and wls (1e-3)\n"
    "                     stop\n"
    "  --iterations N     at most so many\n"
    "  --json             one JSON document, with the solutions\n"
    "  -o, --output FILE  write there, mode 0600 (-: standard output)\n"
    "  --force            replace FILE when it exists\n"
    "  --threads N        threads; no result depends on it\n"
    "  --quiet, -v        fewer or more messages\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 wrong use.\n";

enum {
    opt_solver = 256,
    opt_gap,
    opt_iterations,
    opt_json,
    opt_force,
    opt_threads,
    opt_quiet,
    opt_help,
    opt_version
};

static const struct option long_options[] = {
    {"solver", required_argument, NULL, opt_solver},
    {"gap", required_argument, NULL, opt_gap},
    {"iterations", required_argument, NULL, opt_iterations},
    {"json", no_argument, NULL, opt_json},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"threads", required_argument, NULL, opt_threads},
    {"quiet", no_argument, NULL, opt_quiet},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

static pv_status read_gap(const char *text, double *gap, pv_error *err)
{
    char *end;
    errno = 0;
    *gap = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(*gap > 0 && *gap < 1))
        return pv_fail(err, PV_EUSAGE,
                       "--gap takes a number above 0 and below 1, not \"%s\"",
                       text);
    return PV_OK;
}

static pv_status read_option(int opt, options *o, pv_error *err)
{
    long long n = 0;
    pv_status status = PV_OK;
    switch (opt) {
    case opt_solver:
        return pv_solvers_parse(optarg, &o->solvers, err);
    case opt_gap:
        return read_gap(optarg, &o->solve.gap, err);
    case opt_iterations:
        status = pv_option_number("--iterations", optarg, 1, 1000000000, &n,
                                  err);
        o->solve.most = (size_t)n;
        return status;
    case opt_json:
        o->output.json = true;
        break;
    case 'o':
        o->output.path = optarg;
        break;
    case opt_force:
        o->output.force = true;
        break;
    case opt_threads:
        return pv_option_number("--threads", optarg, 1, 1024, &o->threads, err);
    case opt_quiet:
        o->level = PV_LOG_QUIET;
        break;
    case 'v':
        o->level = PV_LOG_VERBOSE;
        break;
    case opt_help:
        o->help = true;
        break;
    case opt_version:
        o->version = true;
        break;
    default:
        /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit reconstruct --help");
    }
    return PV_OK;
}

static pv_status read_options(int argc, char **argv, options *o, pv_error *err)
{
    int opt;
    *o = (options){.level = PV_LOG_NORMAL, .solvers = 1};
    while ((opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1) {
        const pv_status status = read_option(opt, o, err);
        if (status != PV_OK)
            return status;
    }
    if (!o->help && !o->version && optind != argc - 1)
        return pv_fail(err, PV_EUSAGE,
                       "name one FILE.bin; see privet-audit reconstruct "
                       "--help");
    o->file = argv[argc - 1];
    return PV_OK;
}

/* --- solving -------------------------------------------------------------- */

static pv_status add(pv_findings *findings, const char *solver,
                     const char *what, double value, pv_error *err)
{
    char id[64];
    (void)snprintf(id, sizeof id, "reconstruct.%s.%s", solver, what);
    const pv_metric metric = {.id = id, .value = value};
    return pv_findings_add(findings, &metric, err);
}

static pv_status add_solution(const pv_solver *solver, const pv_solution *s,
                              size_t users, pv_findings *findings,
                              pv_error *err)
{
    pv_status status = PV_OK;
    char name[64];
    const double gap =
        s->objective > 0 ? (s->objective - s->bound) / s->objective : 0;
    PV_TRY(add(findings, solver->name, "objective", s->objective, err));
    PV_TRY(add(findings, solver->name, "bound", s->bound, err));
    PV_TRY(add(findings, solver->name, "gap", gap, err));
    PV_TRY(add(findings, solver->name, "iterations", (double)s->iterations,
               err));
    (void)snprintf(name, sizeof name, "reconstruct.%s.t", solver->name);
    PV_TRY(pv_findings_add_series(findings, name, s->t, users, err));
out:
    return status;
}

static pv_status solve_all(const options *o, const pv_instance_file *file,
                           pv_findings *findings, pv_error *err)
{
    const pv_instance instance = {.incidence = &file->incidence,
                                  .levels = 1,
                                  .answer = file->answer};
    for (size_t i = 0; i < PV_SOLVERS; i++) {
        pv_solution solution;
        if ((o->solvers >> i & 1) == 0)
            continue;
        const pv_solver *solver = pv_solver_at(i);
        pv_log_detail("solving by %s", solver->name);
        pv_status status = pv_solve(i, &instance, &o->solve, &solution, err);
        if (status == PV_OK) {
            if (!solution.converged)
                pv_log_warning("%s stopped after %zu iterations, short of the "
                               "gap that was asked",
                               solver->name, solution.iterations);
            status = add_solution(solver, &solution, file->incidence.users,
                                  findings, err);
        }
        pv_solution_clear(&solution);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

static void summarise(FILE *out, const pv_findings *findings, bool colour)
{
    const size_t per_solver = 4;
    (void)colour;
    (void)fprintf(out, "%-8s %18s %18s %10s %10s\n", "solver", "objective",
                  "bound", "gap", "iterations");
    for (size_t i = 0; i + per_solver <= pv_findings_count(findings);
         i += per_solver) {
        const char *name = strchr(pv_findings_metric(findings, i)->id, '.') + 1;
        (void)fprintf(out, "%-8.*s", (int)strcspn(name, "."), name);
        (void)fprintf(out, " %18.10g %18.10g %10.2e %10.0f\n",
                      pv_findings_metric(findings, i)->value,
                      pv_findings_metric(findings, i + 1)->value,
                      pv_findings_metric(findings, i + 2)->value,
                      pv_findings_metric(findings, i + 3)->value);
    }
    (void)fputs("No t has an objective below the bound. l1 and pdhg: sum of "
                "|A t - b|; ls, wls: half\nthe (weighted) sum of squares. "
                "--json has the solutions.\n",
                out);
}

static pv_status reconstruct(const options *o, pv_error *err)
{
    pv_status status = PV_OK;
    pv_instance_file file = {0};
    pv_findings *findings = NULL;
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(pv_findings_new("privet-audit", "reconstruct", &findings, err));
    PV_TRY(pv_instance_read(o->file, &file, err));
    PV_TRY(pv_findings_add_input(findings, "instance", o->file,
                                 (int64_t)file.incidence.queries,
                                 (int64_t)file.incidence.users, err));
    PV_TRY(solve_all(o, &file, findings, err));
    PV_TRY(pv_output_deliver(&o->output, findings, summarise, err));
out:
    pv_instance_file_clear(&file);
    pv_findings_free(findings);
    return status;
}

int pv_command_reconstruct(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    options o;
    pv_status status = read_options(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? help : NULL);
    if (status == PV_OK) {
        pv_command_begin(o.level, o.threads);
        status = reconstruct(&o, &err);
    }
    return pv_command_end(status, &err);
}
