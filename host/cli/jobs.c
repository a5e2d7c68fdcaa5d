#include "host/cli/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_target(ph_cli_jobs *jobs, const char *target)
{
    jobs->targets = ph_cli_grow(jobs->targets, jobs->target_count, sizeof *jobs->targets);
    jobs->targets[jobs->target_count++] = ph_cli_format("%s", target);
}

/* One target per line, empty lines passed over. There are no comments: '#7' is a layer. */
static bool read_targets(const char *path, ph_cli_jobs *jobs)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    errno = 0;
    while (file && (length = getline(&line, &capacity, file)) >= 0) {
        while (length > 0 && strchr(" \t\r\n", line[length - 1]))
            line[--length] = '\0';
        const char *start = line + strspn(line, " \t");
        if (*start)
            add_target(jobs, start);
    }
    const bool good = file && !ferror(file);
    if (!good)
        ph_cli_say("cannot read targets from %s: %s", path, strerror(errno));
    free(line);
    if (file && file != stdin)
        fclose(file);
    return good;
}

bool ph_cli_jobs_collect(const ph_cli_arguments *arguments, const char *fallback, bool negative, ph_cli_jobs *jobs,
                         int *status)
{
    *jobs = (ph_cli_jobs){.pair = ph_cli_has(arguments, "pair")};
    for (size_t i = 1; i < arguments->word_count; i++)
        add_target(jobs, arguments->words[i]);
    const char *file = ph_cli_value(arguments, "targets");
    if (file && !read_targets(file, jobs)) {
        *status = PH_EXIT_FAILED;
        return false;
    }
    if (!jobs->target_count && !file && fallback)
        add_target(jobs, fallback);
    if (!jobs->target_count) {
        *status = file ? ph_cli_misuse("render", "no targets in %s", file)
                       : ph_cli_misuse("render", "which targets? 'phosphene info' lists the layers");
        return false;
    }
    jobs->count = (jobs->pair ? 2 : 1) * jobs->target_count;
    jobs->list = ph_cli_alloc(jobs->count, sizeof *jobs->list);
    for (size_t i = 0; i < jobs->count; i++)
        jobs->list[i] =
            (ph_job){.target = jobs->targets[jobs->pair ? i / 2 : i], .negative = jobs->pair ? i % 2 == 1 : negative};
    return true;
}

void ph_cli_jobs_clear(ph_cli_jobs *jobs)
{
    for (size_t i = 0; i < jobs->target_count; i++)
        free(jobs->targets[i]);
    free(jobs->targets);
    free(jobs->list);
    *jobs = (ph_cli_jobs){0};
}
