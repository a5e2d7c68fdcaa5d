/* Finished pictures: written, reported, gathered on sheets. */
#ifndef PH_CLI_PICTURES_H
#define PH_CLI_PICTURES_H

#include "host/cli/jobs.h"
#include "host/cli/output.h"
#include "host/cli/progress.h"

/* One target: its pictures may come in any order. */
typedef struct ph_cli_target_state {
    char *base;    /* of a pair: the name of its sheet, once one side is there; owned */
    int delivered; /* sides that came or failed */
} ph_cli_target_state;

typedef struct ph_cli_pictures {
    const ph_cli_jobs *jobs;
    ph_cli_output *output;
    ph_cli_progress *progress;
    const char *backend; /* as asked for: told of pictures that failed */
    uint64_t seed;
    bool json, quiet, keep;       /* keep: all results, for a sheet of them */
    ph_result **results;          /* one per job, NULL if not there (any more) */
    ph_cli_target_state *targets; /* one per target */
    size_t failed;
    bool interrupted;
    ph_error first, last; /* of the failures */
} ph_cli_pictures;

/* Makes the arrays; the plain fields above them are for the caller to fill. */
void ph_cli_pictures_start(ph_cli_pictures *pictures);
/* As ph_result_fn: takes the result. */
void ph_cli_pictures_add(ph_cli_pictures *pictures, size_t index, ph_result *result, const ph_error *err);
/* The sheet of all pictures. */
void ph_cli_pictures_sheet(ph_cli_pictures *pictures, const char *path, int columns);
/* Counts a failure and says it. */
void ph_cli_pictures_fail(ph_cli_pictures *pictures, const ph_error *err);
/* The exit status after all. */
int ph_cli_pictures_status(const ph_cli_pictures *pictures);
void ph_cli_pictures_clear(ph_cli_pictures *pictures);

#endif
