/* What the card itself can do, measured: the two ceilings that a step is judged by. */
#ifndef TESTS_BENCH_CEILING_H
#define TESTS_BENCH_CEILING_H

#include "host/engine/backend.h"

typedef struct bench_ceiling {
    double copy;      /* bytes per second, read and written, of a large copy within the card's memory */
    double matrix[5]; /* operations per second of a large product of random numbers, by ph_precision */
    char device[256];
} bench_ceiling;

/* PH_BACKEND without a card or in a build without CUDA. */
ph_status bench_ceiling_measure(bench_ceiling *ceiling, ph_error *err);
/* Bytes of the card's memory in use, by anyone. 0 when unknown. */
int64_t bench_memory_used(void);

#endif
