#include "reference.h"
#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/model/onnx_array.h"
#include "run_net.h"
#include "tensor_file.h"

#include <check.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 224, CHANNELS = 3, MAX_WANTED = 32 };

static cJSON *read_description(const char *name)
{
    char path[512];
    void *bytes = NULL;
    size_t size = 0;
    ph_error err = {0};
    snprintf(path, sizeof path, OPS_REFERENCES "/%s/reference.json", name);
    ck_assert_msg(ph_file_read(path, 1U << 20, &bytes, &size, &err) == PH_OK, "%s", err.message);
    cJSON *json = cJSON_Parse(bytes);
    ph_free(bytes);
    ck_assert_msg(json != NULL, "%s is no JSON", path);
    return json;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(cJSON_IsNumber(item), "no number '%s' in the description", key);
    return item->valuedouble;
}

/* Network channel k = (pixel - mean[k]) scale, blue first when the network wants it so. */
static float *read_picture(const cJSON *description)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    unsigned char *pixels = calloc((size_t)SIDE * SIDE, CHANNELS);
    float *input = ops_floats((int64_t)SIDE * SIDE * CHANNELS);
    ck_assert_ptr_nonnull(pixels);
    ck_assert(png_image_begin_read_from_file(&image, OPS_REFERENCES "/dalmatian_224.png"));
    ck_assert_uint_eq(image.width, SIDE);
    ck_assert_uint_eq(image.height, SIDE);
    image.format = PNG_FORMAT_RGB;
    ck_assert(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    const bool bgr = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(description, "bgr"));
    const cJSON *mean = cJSON_GetObjectItemCaseSensitive(description, "mean");
    for (int k = 0; k < CHANNELS; k++) {
        const double shift = cJSON_GetArrayItem(mean, k)->valuedouble;
        for (int i = 0; i < SIDE * SIDE; i++)
            input[k * SIDE * SIDE + i] =
                (float)((pixels[i * CHANNELS + (bgr ? 2 - k : k)] - shift) * number(description, "scale"));
    }
    free(pixels);
    return input;
}

static int find_value(const ph_graph *graph, const char *name)
{
    for (int i = 0; i < graph->value_count; i++)
        if (strcmp(graph->values[i].name, name) == 0)
            return i;
    ck_abort_msg("the model has no tensor '%s'", name);
    return -1;
}

/* The tensor of a gradient's key "TENSOR:CHANNEL". */
static void tensor_of(const char *key, char *tensor, size_t size)
{
    const char *colon = strrchr(key, ':');
    snprintf(tensor, size, "%.*s", colon ? (int)(colon - key) : (int)strlen(key), key);
}

static int list_wanted(const ops_reference *r, int wanted[MAX_WANTED])
{
    static const char *const sections[] = {"activations", "gradients"};
    int count = 0;
    for (int k = 0; k < 2; k++) {
        const cJSON *section = cJSON_GetObjectItemCaseSensitive(r->description, sections[k]), *entry;
        cJSON_ArrayForEach(entry, section)
        {
            char tensor[256];
            tensor_of(entry->string, tensor, sizeof tensor);
            const int value = find_value(r->graph, tensor);
            int i = 0;
            while (i < count && wanted[i] != value)
                i++;
            ck_assert_int_lt(i, MAX_WANTED);
            wanted[i] = value;
            count += i == count;
        }
    }
    return count;
}

ops_reference ops_reference_open(const char *name, const char *model)
{
    ops_reference r = {.name = name, .description = read_description(name)};
    int wanted[MAX_WANTED];
    ph_error err = {0};
    ck_assert_msg(ph_graph_read(model, &r.graph, &err) == PH_OK, "%s", err.message);
    const ph_lower_options options = {
        .input = {.rank = 4, .dim = {1, CHANNELS, SIDE, SIDE}},
        .wanted = wanted,
        .wanted_count = list_wanted(&r, wanted),
        .simplify = true,
    };
    ck_assert_msg(ph_lower(r.graph, &options, &r.net, &err) == PH_OK, "%s", err.message);
    ck_assert_int_eq(r.net->output_count, options.wanted_count);
    r.input = read_picture(r.description);
    return r;
}

void ops_reference_close(ops_reference *r)
{
    free(r->input);
    ph_net_free(&r->net);
    ph_graph_free(&r->graph);
    cJSON_Delete(r->description);
}

int ops_reference_output(const ops_reference *r, const char *key)
{
    char tensor[256];
    tensor_of(key, tensor, sizeof tensor);
    for (int o = 0; o < r->net->output_count; o++)
        if (strcmp(r->net->tensors[r->net->outputs[o]].name, tensor) == 0)
            return o;
    ck_abort_msg("%s: '%s' is not among the outputs of the net", r->name, tensor);
    return -1;
}

float *ops_reference_values(const ops_reference *r, const char *kind, const char *name, int64_t *count)
{
    char path[512], message[256];
    size_t used = (size_t)snprintf(path, sizeof path, OPS_REFERENCES "/%s/%s_", r->name, kind);
    for (const char *c = name; *c && used < sizeof path - 8; c++) {
        const bool slash = *c == '/';
        path[used++] = slash || *c == ':' ? '_' : *c;
        if (slash)
            path[used++] = '_';
    }
    snprintf(path + used, sizeof path - used, ".npy");
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fclose(file);
    ph_array *array = ops_read_npy(path, message, sizeof message);
    ck_assert_msg(array != NULL, "%s", message);
    *count = ph_shape_count(&array->shape);
    float *values = ops_floats(*count);
    memcpy(values, array->data, (size_t)*count * sizeof *values);
    ph_array_free(&array);
    return values;
}
