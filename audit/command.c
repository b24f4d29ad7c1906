#include "audit/command.h"

#include "core/memory.h"
#include "core/threads.h"

#include <config.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pv_command_tell(const char *help)
{
    (void)fputs(help != NULL ? help : "privet-audit (Privet) " PV_VERSION "\n",
                stdout);
    return fflush(stdout) == 0 ? 0 : 1;
}

void pv_command_begin(pv_log_level level, long long threads)
{
    pv_log_init("privet-audit", level);
    pv_threads_set(pv_threads_resolve((int)threads));
}

int pv_command_end(pv_status status, const pv_error *err)
{
    if (status == PV_ESTOPPED)
        pv_log_warning("%s", err->message);
    else if (status != PV_OK)
        pv_log_error("%s", err->message);
    return pv_status_exit(status);
}

pv_status pv_command_load(const char *role, const char *path,
                          const pv_schema *schema,
                          const pv_load_options *options, pv_table **table,
                          pv_load_report *report, pv_findings *findings,
                          pv_error *err)
{
    pv_load_options how = *options;
    how.private_rows = strcmp(role, "synthetic") != 0;
    pv_log_detail("reading the %s table", role);
    const pv_status status = pv_load(path, schema, &how, table, report, err);
    if (status != PV_OK)
        return pv_fail_context(err, status, "the %s table", role);
    return pv_findings_add_input(findings, role, path,
                                 (int64_t)pv_table_rows(*table),
                                 (int64_t)pv_schema_columns(schema), err);
}

pv_status pv_option_number(const char *option, const char *text,
                           long long least, long long most, long long *number,
                           pv_error *err)
{
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *number < least ||
        *number > most)
        return pv_fail(err, PV_EUSAGE,
                       "%s takes a number from %lld to %lld, not \"%s\"",
                       option, least, most, text);
    return PV_OK;
}

pv_status pv_option_size(const char *option, const char *text, size_t *bytes,
                         pv_error *err)
{
    return pv_size_parse(text, bytes)
               ? PV_OK
               : pv_fail(err, PV_EUSAGE,
                         "%s takes a size such as 500M or 4G, not \"%s\"",
                         option, text);
}

pv_status pv_option_real(const char *option, const char *text, double least,
                         double below, double *number, pv_error *err)
{
    char *end;
    *number = strtod(text, &end);
    if (end == text || *end != '\0' || !(*number >= least && *number < below))
        return pv_fail(err, PV_EUSAGE,
                       "%s takes a number from %g to below %g, not \"%s\"",
                       option, least, below, text);
    return PV_OK;
}

pv_status pv_option_shard(const char *text, uint64_t *shard, uint64_t *shards,
                          pv_error *err)
{
    unsigned long long i = 0, n = 0;
    int used = 0;
    if (text[strspn(text, "0123456789/")] != '\0' ||
        sscanf(text, "%9llu/%9llu%n", &i, &n, &used) != 2 ||
        text[used] != '\0' || i < 1 || i > n)
        return pv_fail(err, PV_EUSAGE,
                       "--shard takes I/N with I from 1 to N, as 2/8, not "
                       "\"%s\"",
                       text);
    *shard = i - 1;
    *shards = n;
    return PV_OK;
}

pv_status pv_option_seed(const char *text, pv_key *key, pv_error *err)
{
    return text == NULL || pv_key_from_hex(text, key)
               ? PV_OK
               : pv_fail(err, PV_EUSAGE,
                         "--seed takes 1 to 64 hexadecimal digits");
}
