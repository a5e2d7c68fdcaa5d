/* Reads the .npy files of this folder: float32, little-endian, C order. */
#ifndef PH_TESTS_GOLDEN_NPY_H
#define PH_TESTS_GOLDEN_NPY_H

#include <stddef.h>

/* tests/golden/NAME.npy, which must hold `count` numbers; fails the running test otherwise. Free with free(). */
float *ph_golden_read(const char *name, size_t count);

#endif
