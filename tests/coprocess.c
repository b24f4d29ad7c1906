/* A co-process for tests: coprocess KIND FAULT LOG [LENGTH]. It answers with vectors that
 * are functions of seed, parent and fold, and payloads of LENGTH bytes ("seed/number" by
 * default); or commits a fault. LOG gets a line "start" and one for each request. */
#define _GNU_SOURCE /* memmem */
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind, *fault, *log_path;
static size_t payload_length;
static char *line;
static size_t line_room;

static void note(const char *text)
{
    FILE *file = fopen(log_path, "a");
    if (file != NULL) {
        (void)fprintf(file, "%s", text);
        (void)fclose(file);
    }
}

static bool is(const char *name)
{
    return strcmp(fault, name) == 0;
}

static long long number(const char *name)
{
    char key[32];
    (void)snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(line, key);
    return at != NULL ? atoll(at + strlen(key)) : 0;
}

static bool op_is(const char *op)
{
    char key[32];
    (void)snprintf(key, sizeof key, "{\"op\":\"%s\"", op);
    return strncmp(line, key, strlen(key)) == 0;
}

/* Once: whether it is the first of all co-processes with this log. */
static bool first_time(void)
{
    char path[4096];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s.once", log_path);
    if (stat(path, &info) == 0)
        return false;
    FILE *file = fopen(path, "w");
    if (file != NULL)
        (void)fclose(file);
    return true;
}

/* Longer than any test waits, but not for ever should a test fail to end it. */
static void hang(void)
{
    enum { long_time = 100 }; /* seconds */
    char text[64];
    const pid_t other = fork(); /* one of its group that outlives it */
    if (other == 0) {
        (void)sleep(long_time);
        _exit(0);
    }
    (void)snprintf(text, sizeof text, "pid %ld\n", (long)other);
    note(text);
    (void)sleep(long_time);
    _exit(0);
}

static void misbehave(void)
{
    static const char filler[1024] = {'x'};
    if (is("dies"))
        exit(3);
    if (is("aborts"))
        (void)raise(SIGKILL);
    if (is("dies-once") && first_time())
        exit(3);
    if (is("half-once") && first_time()) {
        (void)printf("{\"op\":\"random\",");
        (void)fflush(stdout);
        exit(4);
    }
    if (is("closes")) {
        (void)fclose(stdout);
        (void)close(1);
        hang();
    }
    if (is("hangs"))
        hang();
    if (is("floods"))
        for (int i = 0; i < 4096; i++)
            (void)fwrite(filler, 1, sizeof filler, stderr);
    if (is("says"))
        (void)fprintf(stderr, "one word\n");
    if (is("garbage"))
        (void)printf("thinking about it\n");
    if (is("no-newline"))
        for (int i = 0; i < 80; i++)
            (void)fwrite(filler, 1, sizeof filler, stdout);
    (void)fflush(stdout);
}

static void hello(void)
{
    const long long width = number("d");
    const char *metric = strstr(line, "\"metric\":\"") + 10;
    if (is("hello-dies") || (is("hello-dies-once") && first_time()))
        exit(5);
    if (is("hello-hangs"))
        hang();
    (void)printf("{\"op\":\"hello\",\"id\":%lld,\"abi\":%d,\"d\":%lld,"
                 "\"metric\":\"%.*s\",\"payload\":\"%s\",\"bytes\":0}\n",
                 is("hello-id") ? 7 : number("id"), is("hello-abi") ? 2 : 1,
                 is("hello-width") ? width + 1 : width,
                 (int)strcspn(metric, "\""),
                 is("hello-metric") ? "other\"" : metric,
                 is("hello-kind") ? "pictures" : kind);
    (void)fflush(stdout);
}

static void put_u32(uint32_t x)
{
    for (int k = 0; k < 4; k++)
        (void)putchar((int)(x >> 8 * k & 255));
}

static void put_payload(long long seed, long long i, long long count)
{
    char text[64];
    const bool last = i + 1 == count;
    (void)snprintf(text, sizeof text, "%lld/%lld", seed, i);
    if (is("no-utf8") && i == 0)
        (void)snprintf(text, sizeof text, "\xff\xfe*");
    const size_t length = payload_length > 0 ? payload_length : strlen(text);
    const bool beyond = is("payload-beyond") && last;
    put_u32((uint32_t)(beyond ? length + 1
                       : is("payload-left") && last ? length - 1 : length));
    for (size_t k = 0; k < length; k++)
        (void)putchar(text[k % strlen(text)]);
}

static size_t payload_size(long long seed, long long i)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%lld/%lld", seed, i);
    if (is("no-utf8") && i == 0)
        return 4 + 3;
    return 4 + (payload_length > 0 ? payload_length : strlen(text));
}

static void put_float(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    put_u32(bits);
}

static void answer(long long width)
{
    const long long seed = number("seed"), fold = number("fold");
    const long long count = number("n") * fold + (is("too-many") ? 1 : 0);
    const bool payloads = strcmp(kind, "none") != 0;
    long long bytes = count * (width + is("width")) * 4;
    for (long long i = 0; payloads && i < count; i++)
        bytes += (long long)payload_size(seed, i);
    if (is("claims-more"))
        bytes += 4;
    if (is("claims-less"))
        bytes = 4;
    if (is("claims-2G"))
        bytes = 1LL << 31;
    (void)printf("{\"op\":\"%s\",\"id\":%lld,\"n\":%lld,\"d\":%lld,%s"
                 "\"bytes\":%lld}\n",
                 is("op")           ? "else"
                 : op_is("random") ? "random"
                                   : "vary",
                 number("id") + is("id"), count, width + is("width"),
                 is("error") ? "\"error\":\"out of paint\"," : "", bytes);
    for (long long i = 0; i < count; i++)
        for (long long k = 0; k < width + is("width"); k++)
            put_float(is("nan") && i == 1    ? NAN
                      : is("zero") && i == 1 ? 0.0F
                                             : (float)(seed % 4096 + 1) +
                                                   (float)(100 * i + k));
    for (long long i = 0; payloads && i < count; i++)
        put_payload(seed, i, count);
    if (is("says-more"))
        (void)printf("surplus");
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    long long width = 0;
    if (argc < 4)
        return 2;
    kind = argv[1];
    fault = argv[2];
    log_path = argv[3];
    payload_length = argc > 4 ? (size_t)atol(argv[4]) : 0;
    note("start\n");
    while (getline(&line, &line_room, stdin) > 0) {
        if (op_is("bye")) {
            note("bye\n");
            break;
        }
        note(line);
        if (op_is("hello")) {
            width = number("d");
            hello();
            continue;
        }
        misbehave();
        if (is("early"))
            answer(width);
        for (long long left = number("bytes"); left > 0; left--)
            if (getchar() == EOF)
                return 1;
        if (!is("early"))
            answer(width);
    }
    free(line);
    return 0;
}
