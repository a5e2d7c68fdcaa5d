#include "host/cli/progress.h"

#include "host/cli/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_WIDTH = 78, NAME_WIDTH = 32 };
static const double INTERVAL = 1.0 / 6;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void ph_cli_progress_start(ph_cli_progress *progress, bool quiet)
{
    *progress = (ph_cli_progress){.on = !quiet && isatty(STDERR_FILENO), .shown_at = -INTERVAL};
}

static void time_text(double seconds, char *text, size_t size)
{
    if (!(seconds >= 0))
        snprintf(text, size, " ");
    else if (seconds < 90)
        snprintf(text, size, "%.0f s left", seconds);
    else if (seconds < 5400)
        snprintf(text, size, "%.0f min left", seconds / 60);
    else
        snprintf(text, size, "%.1f h left", seconds / 3600);
}

void ph_cli_progress_show(ph_cli_progress *progress, const ph_progress *state)
{
    if (!progress->on)
        return;
    const double time = now();
    if (time - progress->shown_at < INTERVAL)
        return;
    progress->shown_at = time;
    char place[32] = "", octave[32] = "", left[32];
    if (state->pictures > 1)
        snprintf(place, sizeof place, "[%d/%d] ", state->picture, state->pictures);
    if (state->octaves > 1)
        snprintf(octave, sizeof octave, "octave %d/%d  ", state->octave, state->octaves);
    time_text(state->seconds_left, left, sizeof left);
    char *line = ph_cli_clean(ph_cli_format("%s%.*s  %sstep %d/%d  objective %.5g  %s", place, NAME_WIDTH,
                                            state->target, octave, state->step, state->steps, state->objective, left));
    const int length = (int)strlen(line), width = length < LINE_WIDTH ? length : LINE_WIDTH;
    fprintf(stderr, "\r%.*s%*s", width, line, progress->width > width ? progress->width - width : 0, "");
    free(line);
    fflush(stderr);
    progress->width = width;
}

void ph_cli_progress_clear(ph_cli_progress *progress)
{
    if (!progress->width)
        return;
    fprintf(stderr, "\r%*s\r", progress->width, "");
    fflush(stderr);
    progress->width = 0;
    progress->shown_at = -INTERVAL;
}
