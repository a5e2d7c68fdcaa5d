/* The line that moves while pictures are made: on a terminal only, at most six times a second. */
#ifndef PH_CLI_PROGRESS_H
#define PH_CLI_PROGRESS_H

#include "phosphene.h"

typedef struct ph_cli_progress {
    bool on;
    double shown_at; /* seconds */
    int width;       /* columns that the line takes now, 0 = no line */
} ph_cli_progress;

/* quiet: never show anything. */
void ph_cli_progress_start(ph_cli_progress *progress, bool quiet);
void ph_cli_progress_show(ph_cli_progress *progress, const ph_progress *state);
/* Takes the line away: before anything else is said, and at the end. */
void ph_cli_progress_clear(ph_cli_progress *progress);

#endif
