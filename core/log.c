#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *program;
    pv_log_level level;
} settings = {"privet", PV_LOG_NORMAL};

static struct {
    char what[64];
    uint64_t total;
    double last; /* seconds, when something was last printed */
    bool active, bar, drawn;
} progress;

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool pv_log_colour(int fd)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    return isatty(fd) == 1 && (no_color == NULL || no_color[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

static void clear_bar(void)
{
    if (progress.drawn) {
        (void)fputs("\r\033[K", stderr);
        progress.drawn = false;
    }
}

void pv_log_printable(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++)
        if ((*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f)
            *c = '?';
}

static void print(const char *label, const char *colour, const char *fmt,
                  va_list args)
{
    const bool coloured = colour != NULL && pv_log_colour(STDERR_FILENO);
    char message[4096];
    (void)vsnprintf(message, sizeof message, fmt, args);
    pv_log_printable(message);
    clear_bar();
    (void)fprintf(stderr, "%s: %s%s%s%s\n", settings.program,
                  coloured ? colour : "", label, coloured ? "\033[0m" : "",
                  message);
}

void pv_log_init(const char *program, pv_log_level level)
{
    settings.program = program;
    settings.level = level;
}

pv_log_level pv_log_get_level(void)
{
    return settings.level;
}

void pv_log_error(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print("error: ", "\033[31m", fmt, args);
    va_end(args);
}

void pv_log_warning(const char *fmt, ...)
{
    if (settings.level < PV_LOG_NORMAL)
        return;
    va_list args;
    va_start(args, fmt);
    print("warning: ", "\033[33m", fmt, args);
    va_end(args);
}

void pv_log_info(const char *fmt, ...)
{
    if (settings.level < PV_LOG_NORMAL)
        return;
    va_list args;
    va_start(args, fmt);
    print("", NULL, fmt, args);
    va_end(args);
}

void pv_log_detail(const char *fmt, ...)
{
    if (settings.level < PV_LOG_VERBOSE)
        return;
    va_list args;
    va_start(args, fmt);
    print("", NULL, fmt, args);
    va_end(args);
}

void pv_progress_begin(const char *what, uint64_t total)
{
    (void)snprintf(progress.what, sizeof progress.what, "%s", what);
    progress.total = total;
    progress.last = now_seconds();
    progress.active = settings.level >= PV_LOG_NORMAL;
    progress.bar = pv_log_colour(STDERR_FILENO);
    progress.drawn = false;
}

static void draw_bar(uint64_t done)
{
    enum { width = 32 };
    char bar[width + 1];
    const double share =
        progress.total > 0 ? (double)done / (double)progress.total : 0.0;
    const int filled = (int)((share > 1.0 ? 1.0 : share) * width);
    for (int i = 0; i < width; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[width] = '\0';
    (void)fprintf(stderr, "\r%s [%s] %3.0f %%", progress.what, bar,
                  100.0 * share);
    (void)fflush(stderr);
    progress.drawn = true;
}

void pv_progress_update(uint64_t done)
{
    if (!progress.active)
        return;
    const double now = now_seconds();
    if (now - progress.last < (progress.bar ? 0.1 : 60.0))
        return;
    progress.last = now;
    if (progress.bar && progress.total > 0)
        draw_bar(done);
    else if (progress.total > 0)
        pv_log_info("%s: %.0f %%", progress.what,
                    100.0 * (double)done / (double)progress.total);
    else
        pv_log_info("%s: %llu", progress.what, (unsigned long long)done);
}

void pv_progress_end(void)
{
    clear_bar();
    progress.active = false;
}
