/* One recorded case: a model, its inputs, its outputs; read, lowered and run as the program would. */
#ifndef TESTS_OPS_REPLAY_H
#define TESTS_OPS_REPLAY_H

#include "host/engine/backend.h"

typedef enum ops_verdict { OPS_PASS, OPS_FAIL, OPS_UNSUPPORTED } ops_verdict;

typedef struct ops_replay {
    ops_verdict verdict;
    double worst; /* largest error relative to the largest value of its output */
    char detail[640];
} ops_replay;

/* operators: when not NULL, a NULL-terminated list; a model with any other is UNSUPPORTED. */
ops_replay ops_replay_case(const char *model, const char *data_set, ph_device *device, bool simplify, double tolerance,
                           const char *const *operators);

#endif
