/* Vectors from files. */
#ifndef PH_OBJECTIVE_NPY_H
#define PH_OBJECTIVE_NPY_H

#include "phosphene.h"

/* Reads the numbers of a file of at most 64 MiB: NumPy's .npy (format 1.0 to 3.0, '<f4' or '<f8', at most one dimension
 * other than 1), told by its first bytes, else text (numbers separated by blanks, commas or newlines; '#' starts a
 * comment). *values is a new array (ph_free). PH_IO; PH_FORMAT: damaged, another type, no numbers, or one that is not
 * finite as a float; PH_NO_MEMORY. */
ph_status ph_vector_read(const char *path, float **values, size_t *count, ph_error *err);

#endif
