/* Tensors of an ONNX file to arrays. */
#ifndef PH_MODEL_ONNX_ARRAY_H
#define PH_MODEL_ONNX_ARRAY_H

#include "host/model/graph.h"

#include <onnx.pb-c.h>

/* Where tensors come from. */
typedef struct ph_onnx_source {
    const char *name;       /* of the file, for messages */
    const char *directory;  /* of external data, or NULL: none allowed */
    uint64_t external_left; /* bytes of external data that may still be read */
} ph_onnx_source;

/* What arrays represent an ONNX data type by, and the bytes of one element in the file; false: no array can. */
bool ph_onnx_dtype(int data_type, ph_dtype *dtype, size_t *width);

/* The array of a tensor (ph_array_free), or *out = NULL with PH_OK when its type or rank cannot be represented.
 * PH_FORMAT: sizes and data contradict each other; PH_IO: external data cannot be read. `what` names it in messages. */
ph_status ph_onnx_array(const Onnx__TensorProto *tensor, ph_onnx_source *source, const char *what, ph_array **out,
                        ph_error *err);

/* A new array; the data is zeroed. NULL when out of memory. `count` must be the product of the dimensions. */
ph_array *ph_array_new(ph_dtype dtype, const ph_shape *shape, size_t count);
void ph_array_free(ph_array **array);

/* Exactly `needed` bytes of a tensor whose data lies in another file of the model's folder (ph_free). */
ph_status ph_onnx_external(const Onnx__TensorProto *tensor, ph_onnx_source *source, const char *what, size_t needed,
                           uint8_t **bytes, ph_error *err);

#endif
