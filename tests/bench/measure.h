/* One configuration measured: the network through the backend's interface, whole steps through the public one. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include "tests/bench/roofline.h"

typedef struct bench_options {
    const char *model, *layer, *backend, *precision; /* precision: "fp32" … */
    int size, batch;
} bench_options;

typedef struct bench_result {
    double network, step; /* seconds for the batch: forward and backward of the network; a whole step of a render */
    bench_count count;
    int64_t estimate, taken; /* bytes of the engine: said, and really taken from the card */
} bench_result;

ph_status bench_measure(const bench_options *options, bench_result *result, ph_error *err);

#endif
