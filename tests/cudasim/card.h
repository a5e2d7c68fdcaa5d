/* A simulated card with a stream and some memory, for the simulation's own tests. */
#ifndef CUDASIM_CARD_H
#define CUDASIM_CARD_H

#include "cudasim.h"
#include "kernels.h"

#include <check.h>

#define OK(call) ck_assert_int_eq((int)(call), 0)

enum { COUNT = 256 };

extern cudaStream_t stream;
extern float *a, *b; /* COUNT floats each; a holds 1, 2, …, b was never written */

void open_card(void);
void close_card(void);

/* Runs act in a child, which must end by SIGABRT, having said a line "cudasim: …" with `line` in it. */
void expect_end(void (*act)(void), const char *line);

#endif
