#include "host/cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

/* A signal handler can reach nothing but globals. */
static volatile sig_atomic_t noted;
static volatile sig_atomic_t noted_at; /* seconds of the monotonic clock */

/* One Ctrl-C may arrive several times: from the terminal, from a parent that passes it on, from timeout(1), which
 * signals the process and its group. Only one that comes later is meant to kill. */
static void note(int signal_number)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!noted) {
        noted_at = (sig_atomic_t)now.tv_sec;
        noted = 1;
    } else if ((sig_atomic_t)now.tv_sec - noted_at >= 2) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
}

void ph_cli_interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
#ifdef SIGXFSZ
    signal(SIGXFSZ, SIG_IGN);
#endif
}

bool ph_cli_interrupted(void)
{
    return noted != 0;
}
