/* One recorded network: ../shared/models/reference/NAME with its description, and the picture it was given. */
#ifndef TESTS_OPS_REFERENCE_H
#define TESTS_OPS_REFERENCE_H

#include "host/model/lower.h"

#include <cjson/cJSON.h>

#define OPS_REFERENCES "../shared/models/reference"

typedef struct ops_reference {
    const char *name;
    cJSON *description;
    ph_graph *graph;
    ph_net *net;  /* every tensor that the description names is wanted */
    float *input; /* 1 x 3 x 224 x 224 */
} ops_reference;

/* Any failure fails the running test. */
ops_reference ops_reference_open(const char *name, const char *model);
void ops_reference_close(ops_reference *reference);

/* Index among the net's outputs of a tensor of the file; fails the test when it is none. */
int ops_reference_output(const ops_reference *reference, const char *tensor);
/* KIND_NAME.npy ("act", "grad"; '/' in NAME is written "__", the last ':' "_"), or NULL when no such file exists. */
float *ops_reference_values(const ops_reference *reference, const char *kind, const char *name, int64_t *count);

#endif
