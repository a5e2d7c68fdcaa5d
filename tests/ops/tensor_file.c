#include "tensor_file.h"
#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/model/onnx_array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 28 };

ph_array *ops_read_tensor(const char *path, int *data_type, char *message, size_t size)
{
    void *bytes = NULL;
    size_t count = 0;
    ph_array *array = NULL;
    ph_error err = {0};
    snprintf(message, size, "%s cannot be represented", path);
    if (ph_file_read(path, FILE_LIMIT, &bytes, &count, &err) != PH_OK) {
        snprintf(message, size, "%s", err.message);
        return NULL;
    }
    Onnx__TensorProto *tensor = onnx__tensor_proto__unpack(NULL, count, bytes);
    ph_onnx_source source = {.name = path};
    if (!tensor)
        snprintf(message, size, "%s is no TensorProto", path);
    else if (ph_onnx_array(tensor, &source, "the tensor", &array, &err) != PH_OK)
        snprintf(message, size, "%s", err.message);
    else if (data_type)
        *data_type = tensor->data_type;
    if (tensor)
        onnx__tensor_proto__free_unpacked(tensor, NULL);
    ph_free(bytes);
    return array;
}

/* Parses "(1, 64, 5)" behind 'shape': in the header. */
static bool parse_shape(const char *header, ph_shape *shape)
{
    const char *c = strstr(header, "'shape': (");
    if (!c || !strstr(header, "'<f4'") || !strstr(header, "'fortran_order': False"))
        return false;
    for (c += strlen("'shape': ("); *c != ')' && shape->rank < PH_MAX_RANK;) {
        char *end = NULL;
        shape->dim[shape->rank++] = strtoll(c, &end, 10);
        if (end == c)
            return false;
        c = end + strspn(end, ", ");
    }
    return *c == ')';
}

ph_array *ops_read_npy(const char *path, char *message, size_t size)
{
    void *bytes = NULL;
    size_t count = 0;
    ph_error err = {0};
    ph_shape shape = {0};
    ph_array *array = NULL;
    if (ph_file_read(path, FILE_LIMIT, &bytes, &count, &err) != PH_OK) {
        snprintf(message, size, "%s", err.message);
        return NULL;
    }
    const unsigned char *b = bytes;
    /* Version 1: magic, two version bytes, the header's length in two bytes. */
    const size_t header = count >= 10 && memcmp(b, "\x93NUMPY\x01", 7) == 0 ? 10 + b[8] + 256 * (size_t)b[9] : 0;
    char text[256] = "";
    if (header > 10 && header <= count && header - 10 < sizeof text)
        memcpy(text, b + 10, header - 10);
    const size_t values = header && parse_shape(text, &shape) ? (size_t)ph_shape_count(&shape) : 0;
    if (values && count - header == values * sizeof(float))
        array = ph_array_new(PH_DTYPE_FLOAT, &shape, values);
    if (array)
        memcpy(array->data, b + header, values * sizeof(float));
    else
        snprintf(message, size, "%s is no .npy of float32", path);
    ph_free(bytes);
    return array;
}
