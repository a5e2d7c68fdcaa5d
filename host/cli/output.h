/* Where pictures go: file names from a pattern, checked before the work begins. */
#ifndef PH_CLI_OUTPUT_H
#define PH_CLI_OUTPUT_H

#include "host/cli/talk.h"

typedef struct ph_cli_output {
    char *directory; /* "" or ends in '/' */
    char *pattern;   /* of the name in it */
    bool by_default; /* no pattern given: "-negative" tells pictures of the other sign apart */
    bool to_stdout;
    char **taken; /* paths given out so far */
    size_t taken_count;
} ph_cli_output;

/* What a name can be made of. */
typedef struct ph_cli_naming {
    const char *target, *layer; /* any text: what does not fit into a name becomes '-' */
    const char *photo;          /* a path, of which the file's name without its ending is taken; NULL in a render */
    int64_t channel;            /* -1 = "all" */
    uint64_t seed;
    size_t index, count; /* index from 1, with as many digits as count has */
    bool negative;
} ph_cli_naming;

/* option: a file, a pattern with {target} {index} {seed} {layer} {channel} {photo}, a directory, "-", or NULL for the
 * current directory. standard: the pattern of names in a directory, "{target}.png". Sees that the directory can be
 * written to. PH_MISUSE, PH_IO. */
ph_status ph_cli_output_open(const char *option, const char *standard, ph_cli_output **out, ph_error *err);
void ph_cli_output_free(ph_cli_output **output);

/* Sees that a file can be put at `path`: its directory can be written to, and nothing but a file is there now. */
ph_status ph_cli_output_check(const char *path, ph_error *err);
/* The path of a picture, a new string: numbered "-2", "-3" … if this run has taken the name already. */
char *ph_cli_output_name(ph_cli_output *output, const ph_cli_naming *naming);
/* `path` with `suffix` before its ".png" (or at the end), numbered in the same way. */
char *ph_cli_output_beside(ph_cli_output *output, const char *path, const char *suffix);
/* Takes a path that was named otherwise. */
void ph_cli_output_take(ph_cli_output *output, const char *path);
/* The finished picture as PNG on stdout. */
ph_status ph_cli_output_send(const ph_result *result, ph_error *err);

#endif
