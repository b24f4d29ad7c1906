#include "audit/stop.h"

#include "dp/curator.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t requested;

void pv_stop_request(void)
{
    requested = 1;
    pv_curator_request_stop();
}

bool pv_stop_requested(void)
{
    return requested != 0;
}

static void on_signal(int number)
{
    (void)number;
    pv_stop_request();
}

void pv_stop_on_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* no SA_RESTART: waits end at once */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaction(numbers[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGCHLD, SIG_DFL); /* ignored, children cannot be waited for */
}
