/* What the program says to people, on stderr: one line each, and the exit status that goes with it. */
#ifndef PH_CLI_TALK_H
#define PH_CLI_TALK_H

#include "host/cli/memory.h"
#include "phosphene.h"

enum { PH_EXIT_DONE = 0, PH_EXIT_FAILED = 1, PH_EXIT_MISUSE = 2, PH_EXIT_INTERRUPTED = 130 };

/* Names come from files that anyone may have made: control characters become '?', so that they cannot drive a terminal.
 * Changes `text` and returns it. */
char *ph_cli_clean(char *text);
/* "phosphene: …" */
void ph_cli_say(const char *format, ...) PH_CLI_PRINTF(1, 2);
/* "phosphene: … (try 'phosphene COMMAND --help')"; returns PH_EXIT_MISUSE. command: NULL for the program itself. */
int ph_cli_misuse(const char *command, const char *format, ...) PH_CLI_PRINTF(2, 3);
/* Says the message and returns the exit status of an error. */
int ph_cli_fail(const ph_error *err);
int ph_cli_exit_status(ph_status status);

/* The name nearest to `word`, or NULL when none is near. */
const char *ph_cli_nearest(const char *word, const char *const *names, size_t count);

#endif
