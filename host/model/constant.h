/* Constants while lowering: values that depend on shapes and weights alone. New ones live as long as the net and count
 * against the folding budget. Private to lower*.c. */
#ifndef PH_MODEL_CONSTANT_H
#define PH_MODEL_CONSTANT_H

#include "host/model/lowering.h"

/* A zeroed array. PH_FORMAT when it or all of them together would be unreasonably large. */
ph_status ph_constant_new(ph_lowering *l, ph_dtype dtype, const ph_shape *shape, ph_array **out);

/* out[position] = in[offset + sum of index * stride], positions of `shape`. */
ph_status ph_constant_gather(ph_lowering *l, const ph_array *in, const ph_shape *shape, const int64_t *stride,
                             int64_t offset, const ph_array **out);
/* The same values in another shape of the same count; shares the data. */
ph_status ph_constant_reshape(ph_lowering *l, const ph_array *in, const ph_shape *shape, const ph_array **out);
/* As floats: the array's own when it has floats, else a copy. */
ph_status ph_constant_floats(ph_lowering *l, const ph_array *in, const float **out);

/* Elements, converted: reals to integers by truncation, saturating, NaN to 0. */
double ph_constant_real(const ph_array *array, int64_t i);
int64_t ph_constant_int(const ph_array *array, int64_t i);
void ph_constant_copy(const ph_array *from, int64_t i, ph_array *to, int64_t j);
int64_t ph_real_to_int(double x);

/* Element-wise with broadcasting. The function sees doubles, or integers when both arrays hold them. */
typedef struct ph_constant_fn {
    double (*real)(double a, double b);
    bool (*integer)(int64_t a, int64_t b, int64_t *out); /* false: not defined (division by zero) */
    bool truth;                                          /* the result is an integer 0 or 1 whatever goes in */
} ph_constant_fn;
ph_status ph_constant_binary(ph_lowering *l, const ph_constant_fn *fn, const ph_array *a, const ph_array *b,
                             const ph_array **out);

#endif
