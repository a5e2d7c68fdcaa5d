/* What is to be rendered: the targets and their signs. */
#ifndef PH_CLI_JOBS_H
#define PH_CLI_JOBS_H

#include "host/cli/arguments.h"

typedef struct ph_cli_jobs {
    char **targets; /* owned */
    size_t target_count;
    ph_job *list; /* one per target, or two with `pair`: positive, negative */
    size_t count;
    bool pair;
} ph_cli_jobs;

/* The operands behind the model, then the lines of --targets; `fallback` (may be NULL) if there are none. Returns false
 * after a message, *status is then the exit status. */
bool ph_cli_jobs_collect(const ph_cli_arguments *arguments, const char *fallback, bool negative, ph_cli_jobs *jobs,
                         int *status);
void ph_cli_jobs_clear(ph_cli_jobs *jobs);

#endif
