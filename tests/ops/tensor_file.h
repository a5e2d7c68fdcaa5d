/* Tensors as test data stores them: ONNX TensorProto files, NumPy files. */
#ifndef TESTS_OPS_TENSOR_FILE_H
#define TESTS_OPS_TENSOR_FILE_H

#include "host/model/graph.h"

/* A serialized TensorProto. NULL with a message when it cannot be read or holds a type that no array can represent.
 * Free with ph_array_free (host/model/onnx_array.h). `data_type` (may be NULL): the ONNX type in the file. */
ph_array *ops_read_tensor(const char *path, int *data_type, char *message, size_t size);
/* A .npy of little-endian float32 in C order. */
ph_array *ops_read_npy(const char *path, char *message, size_t size);

#endif
