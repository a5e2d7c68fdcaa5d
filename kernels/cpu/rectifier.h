/* The gradient through a ReLU, fused or not, and through ReLU6, in both modes of backend.h. */
#ifndef PH_CPU_RECTIFIER_H
#define PH_CPU_RECTIFIER_H

#include "host/engine/backend.h"

#include <math.h>

#define PH_NO_UPPER INFINITY

typedef struct ph_rectifier {
    const float *x; /* the input of y = min(max(x, 0), upper); the output does as well when upper is PH_NO_UPPER */
    const float *from;
    float *to; /* may be `from` when not adding */
    int64_t count;
    float upper;
    ph_relu_mode mode;
    bool add;
} ph_rectifier;

void ph_cpu_rectify(const ph_rectifier *r);

#endif
