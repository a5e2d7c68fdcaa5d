/* SIGINT and SIGTERM: the first asks for an end that keeps the picture so far, one that comes a second or two later
 * kills. */
#ifndef PH_CLI_INTERRUPT_H
#define PH_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on signals are noted. A closed pipe and a file that has reached its limit are failed writes like any other,
 * so that pictures in work are kept. */
void ph_cli_interrupt_watch(void);
bool ph_cli_interrupted(void);

#endif
