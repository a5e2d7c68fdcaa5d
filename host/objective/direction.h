/* Directions in the space of a layer's channels. */
#ifndef PH_OBJECTIVE_DIRECTION_H
#define PH_OBJECTIVE_DIRECTION_H

#include "phosphene.h"

/* Unit vector of normal draws (Philox, a function of seed and length alone), so uniform on the sphere. A new array
 * (ph_free). PH_NO_MEMORY. */
ph_status ph_direction_random(uint64_t seed, size_t length, float **direction, ph_error *err);

#endif
