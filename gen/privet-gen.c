#include "core/log.h"
#include "core/stream.h"
#include "core/threads.h"
#include "gen/command.h"

#include <gsl/gsl_errno.h>
#include <signal.h>
#include <string.h>

static void on_signal(int number)
{
    (void)number;
    pv_curator_request_stop();
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaction(numbers[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static pv_status dispatch(const pv_command *c, pv_error *err)
{
    const char *name = c->rest[0];
    if (strcmp(name, "methods") == 0)
        return pv_command_methods(c, err);
    if (strcmp(name, "answer") == 0)
        return pv_command_answer(c, err);
    if (strcmp(name, "plan") == 0)
        return pv_command_plan(c, err);
    if (strcmp(name, "account") == 0)
        return pv_command_account(c, err);
    if (strcmp(name, "ledger") == 0)
        return pv_command_ledger(c, err);
    const pv_generator *method = pv_generator_find(name);
    if (method == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "\"%s\" is neither a command nor a method; privet-gen "
                       "methods lists the methods",
                       name);
    return c->from_measurements != NULL
               ? pv_command_from_measurements(c, method, err)
               : pv_command_run(c, method, err);
}

int main(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    pv_command command;
    bool done;
    pv_log_init("privet-gen", PV_LOG_NORMAL);
    (void)gsl_set_error_handler_off();
    pv_status status = pv_command_parse(argc, argv, &command, &done, &err);
    if (status == PV_OK && !done) {
        pv_log_init("privet-gen", (pv_log_level)command.log_level);
        pv_threads_set(pv_threads_resolve(command.threads));
        catch_signals();
        status = pv_crypto_init(&err);
        if (status == PV_OK)
            status = dispatch(&command, &err);
    }
    if (status == PV_ESTOPPED)
        pv_log_warning("%s", err.message);
    else if (status != PV_OK)
        pv_log_error("%s", err.message);
    return pv_status_exit(status);
}
