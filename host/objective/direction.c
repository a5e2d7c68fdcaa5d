#include "host/objective/direction.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/element/philox.h"

#include <math.h>

ph_status ph_direction_random(uint64_t seed, size_t length, float **direction, ph_error *err)
{
    float *vector = ph_alloc(length, sizeof *vector);
    *direction = vector;
    if (!vector)
        return ph_fail_memory(err, length * sizeof *vector, "a direction");
    double squares = 0;
    for (size_t i = 0; i < length; i++) {
        const ph_random random = ph_philox(seed, PH_PURPOSE_DIRECTION, 0, i);
        double normal[2];
        ph_random_normal(random.x[0], random.x[1], normal);
        vector[i] = (float)normal[0];
        squares += normal[0] * normal[0];
    }
    const double norm = sqrt(squares);
    for (size_t i = 0; i < length && norm > 0; i++)
        vector[i] = (float)((double)vector[i] / norm);
    return PH_OK;
}
