/* The backend that the others are checked against: naive loops over host memory in double precision. */
#ifndef PH_REF_REF_H
#define PH_REF_REF_H

#include "host/engine/backend.h"

extern const ph_backend ph_backend_ref;

#endif
