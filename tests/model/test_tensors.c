/* Tensors of a file to arrays: every type in every field, sizes that contradict each other, data in other files. */
#include "host/model/graph.h"
#include "tests/image/scratch.h"
#include "tests/model/build_model.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* Reads the model through a file in the scratch folder when `directory`, else from memory. */
static ph_status read_model(build_model *m, bool directory, ph_graph **graph, ph_error *err)
{
    uint8_t *bytes;
    const size_t size = build_pack(m, &bytes);
    ph_status status;
    if (directory) {
        scratch_write(scratch_path("m.onnx"), bytes, size);
        status = ph_graph_read(scratch_path("m.onnx"), graph, err);
    } else {
        status = ph_graph_parse(bytes, size, "m.onnx", NULL, graph, err);
    }
    free(bytes);
    return status;
}

static void check_fails(build_model *m, bool directory, ph_status expected, const char *reason)
{
    ph_graph *graph = NULL;
    ph_error err = {0};
    const ph_status status = read_model(m, directory, &graph, &err);
    ck_assert_msg(status == expected, "status %d: %s", status, err.message);
    ck_assert_ptr_null(graph);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' lacks '%s'", err.message, reason);
    build_free(m);
}

static const int64_t two[] = {2};

/* Two elements, as little-endian bytes, and what they are. */
static const struct {
    int type;
    size_t size;
    const char *bytes;
    bool integer;
    double values[2];
} raws[] = {
    {TYPE(FLOAT), 8, "\x00\x00\x80\x3f\x00\x00\x20\xc0", false, {1, -2.5}},
    {TYPE(DOUBLE), 16, "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x04\xc0", false, {1, -2.5}},
    {TYPE(FLOAT16), 4, "\x00\x3c\x00\xc1", false, {1, -2.5}},
    {TYPE(FLOAT16), 4, "\x01\x00\xff\x83", false, {0x1p-24, -1023 * 0x1p-24}}, /* subnormal */
    {TYPE(FLOAT16), 4, "\xff\x7b\x00\xfc", false, {65504, -INFINITY}},
    {TYPE(FLOAT16), 4, "\x00\x04\x00\x80", false, {0x1p-14, -0.0}}, /* smallest normal */
    {TYPE(BFLOAT16), 4, "\x80\x3f\x20\xc0", false, {1, -2.5}},
    {TYPE(UINT8), 2, "\x07\xff", true, {7, 255}},
    {TYPE(INT8), 2, "\x07\xff", true, {7, -1}},
    {TYPE(BOOL), 2, "\x00\x02", true, {0, 1}},
    {TYPE(UINT16), 4, "\x01\x02\xff\xff", true, {513, 65535}},
    {TYPE(INT16), 4, "\x01\x02\xff\xff", true, {513, -1}},
    {TYPE(INT32), 8, "\x01\x02\x00\x00\xfe\xff\xff\xff", true, {513, -2}},
    {TYPE(UINT32), 8, "\x01\x02\x00\x00\xfe\xff\xff\xff", true, {513, 4294967294.0}},
    {TYPE(INT64), 16, "\x01\x02\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff", true, {513, -2}},
    /* Beyond int64: the largest. The cast to double rounds it to 2^63. */
    {TYPE(UINT64), 16, "\x01\x02\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff", true, {513, 0x1p63}},
};

static void check_array(const ph_array *array, bool integer, const double values[2])
{
    ck_assert_ptr_nonnull(array);
    ck_assert_int_eq(array->dtype, integer ? PH_DTYPE_INT64 : PH_DTYPE_FLOAT);
    ck_assert(array->shape.rank == 1 && array->shape.dim[0] == 2);
    for (int i = 0; i < 2; i++) {
        const double got =
            integer ? (double)((const int64_t *)array->data)[i] : (double)((const float *)array->data)[i];
        ck_assert_msg(got == values[i], "element %d: %a, not %a", i, got, values[i]);
        ck_assert_int_eq(signbit(got) != 0, signbit(values[i]) != 0);
    }
}

START_TEST(test_raw)
{
    build_model *m = build_new(13);
    build_raw(m, "w", raws[_i].type, 1, two, raws[_i].bytes, raws[_i].size);
    ph_graph *graph = build_graph(m);
    check_array(graph->values[0].constant, raws[_i].integer, raws[_i].values);
    ph_graph_free(&graph);
    build_free(m);
    m = build_new(13);
    build_raw(m, "w", raws[_i].type, 1, two, raws[_i].bytes, raws[_i].size - 1);
    check_fails(m, false, PH_FORMAT, "bytes of data, its shape needs");
    m = build_new(13);
    build_raw(m, "w", raws[_i].type, 1, (int64_t[]){1}, raws[_i].bytes, raws[_i].size);
    check_fails(m, false, PH_FORMAT, "bytes of data, its shape needs");
}
END_TEST

START_TEST(test_half_nan)
{
    build_model *m = build_new(13);
    build_raw(m, "w", TYPE(FLOAT16), 1, two, "\x01\x7c\x00\x7e", 4);
    ph_graph *graph = build_graph(m);
    const float *values = graph->values[0].constant->data;
    ck_assert(isnan(values[0]) && isnan(values[1]));
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

static float floats[] = {1, -2.5f};
static double doubles[] = {1, -2.5};
static int32_t halves[] = {0x3c00, 0xc100}, bfloats[] = {0x3f80, 0xc020}, words[] = {7, -1}, bits[] = {0, 5};
static int64_t longs[] = {7, -1};
static uint64_t unsigned_longs[] = {7, UINT64_MAX};

/* Puts two values of `type` into the field where the specification wants them. */
static void fill_typed(Onnx__TensorProto *t)
{
    switch (t->data_type) {
    case TYPE(FLOAT):
        t->n_float_data = 2;
        t->float_data = floats;
        break;
    case TYPE(DOUBLE):
        t->n_double_data = 2;
        t->double_data = doubles;
        break;
    case TYPE(INT64):
        t->n_int64_data = 2;
        t->int64_data = longs;
        break;
    case TYPE(UINT32):
    case TYPE(UINT64):
        t->n_uint64_data = 2;
        t->uint64_data = unsigned_longs;
        break;
    default:
        t->n_int32_data = 2;
        t->int32_data = t->data_type == TYPE(FLOAT16)    ? halves
                        : t->data_type == TYPE(BFLOAT16) ? bfloats
                        : t->data_type == TYPE(BOOL)     ? bits
                                                         : words;
    }
}

static const struct {
    int type;
    bool integer;
    double values[2];
} typed[] = {
    {TYPE(FLOAT), false, {1, -2.5}},    {TYPE(DOUBLE), false, {1, -2.5}}, {TYPE(FLOAT16), false, {1, -2.5}},
    {TYPE(BFLOAT16), false, {1, -2.5}}, {TYPE(INT64), true, {7, -1}},     {TYPE(INT32), true, {7, -1}},
    {TYPE(INT16), true, {7, -1}},       {TYPE(INT8), true, {7, -1}},      {TYPE(BOOL), true, {0, 1}},
    {TYPE(UINT64), true, {7, 0x1p63}},
};

START_TEST(test_typed)
{
    build_model *m = build_new(13);
    fill_typed(build_raw(m, "w", typed[_i].type, 1, two, NULL, 0));
    ph_graph *graph = build_graph(m);
    check_array(graph->values[0].constant, typed[_i].integer, typed[_i].values);
    ph_graph_free(&graph);
    build_free(m);
    m = build_new(13);
    fill_typed(build_raw(m, "w", typed[_i].type, 1, (int64_t[]){3}, NULL, 0));
    check_fails(m, false, PH_FORMAT, "has 2 values, its shape needs 3");
    m = build_new(13);
    fill_typed(build_raw(m, "w", typed[_i].type, 1, two, "12345678", 8));
    check_fails(m, false, PH_FORMAT, "twice");
}
END_TEST

START_TEST(test_wrong_field)
{
    build_model *m = build_new(13);
    Onnx__TensorProto *t = build_raw(m, "w", TYPE(INT64), 1, two, NULL, 0);
    fill_typed(t);
    t->data_type = TYPE(FLOAT);
    check_fails(m, false, PH_FORMAT, "has 0 values, its shape needs 2");
    m = build_new(13);
    build_raw(m, "w", TYPE(FLOAT), 1, two, NULL, 0);
    check_fails(m, false, PH_FORMAT, "has 0 values");
    m = build_new(13);
    t = build_raw(m, "w", TYPE(FLOAT), 1, two, "12345678", 8);
    t->segment = build_keep(m, sizeof *t->segment);
    onnx__tensor_proto__segment__init(t->segment);
    check_fails(m, false, PH_FORMAT, "segments");
}
END_TEST

static const struct {
    int rank;
    int64_t dims[4];
    const char *reason;
} shapes[] = {
    {2, {-1, -2}, "negative"},
    {4, {INT64_C(1) << 31, INT64_C(1) << 31, 2, 1}, "absurdly large"},
    {4, {INT64_C(1) << 20, INT64_C(1) << 20, INT64_C(1) << 20, INT64_C(1) << 20}, "absurdly large"},
    {2, {INT64_MAX, 2}, "absurdly large"},
    {2, {INT64_MAX, 0}, "absurdly large"},
    {1, {INT64_C(1) << 58}, "its shape needs"},
};

START_TEST(test_bad_shapes)
{
    build_model *m = build_new(13);
    build_raw(m, "w", TYPE(FLOAT), shapes[_i].rank, shapes[_i].dims, "12345678", 8);
    check_fails(m, false, PH_FORMAT, shapes[_i].reason);
}
END_TEST

START_TEST(test_empty_and_scalar)
{
    build_model *m = build_new(13);
    build_raw(m, "none", TYPE(FLOAT), 2, (int64_t[]){0, 3}, NULL, 0);
    build_raw(m, "one", TYPE(FLOAT), 0, NULL, "\x00\x00\x80\x3f", 4);
    ph_graph *graph = build_graph(m);
    const ph_array *none = graph->values[0].constant, *one = graph->values[1].constant;
    ck_assert(none->shape.rank == 2 && none->shape.dim[0] == 0 && none->data != NULL);
    ck_assert(one->shape.rank == 0 && *(const float *)one->data == 1.0f);
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

START_TEST(test_unrepresentable)
{
    static const int64_t deep[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    build_model *m = build_new(13);
    build_raw(m, "words", TYPE(STRING), 1, two, NULL, 0);
    build_raw(m, "complex", TYPE(COMPLEX64), 1, two, "1234567812345678", 16);
    build_raw(m, "float8", 17, 1, two, "12", 2); /* newer than the onnx.proto */
    build_raw(m, "deep", TYPE(FLOAT), 9, deep, "1234", 4);
    ph_graph *graph = build_graph(m);
    ck_assert_int_eq(graph->value_count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert(!graph->values[i].constant && !graph->values[i].is_input && graph->values[i].producer == -1);
    ph_graph_free(&graph);
    build_free(m);
    m = build_new(13);
    build_raw(m, "w", 99, 1, two, "12", 2);
    check_fails(m, false, PH_FORMAT, "unknown data type 99");
    m = build_new(13);
    build_raw(m, "w", TYPE(UNDEFINED), 1, two, "12", 2);
    check_fails(m, false, PH_FORMAT, "unknown data type 0");
}
END_TEST

/* ---- Data in other files ---------------------------------------------------------------------------------------- */

static void set_up(void)
{
    scratch_make();
    scratch_write(scratch_path("w.bin"), "????\x00\x00\x80\x3f\x00\x00\x20\xc0!", 13);
}

static void tear_down(void)
{
    scratch_delete();
}

/* A model of two floats in a file; NULL = key left out. */
static build_model *external(const char *location, const char *offset, const char *length)
{
    const char *const keys[] = {"location", "offset", "length", "checksum"};
    const char *const values[] = {location, offset, length, "0"};
    build_model *m = build_new(13);
    Onnx__TensorProto *t = build_raw(m, "w", TYPE(FLOAT), 1, two, NULL, 0);
    t->has_data_location = 1;
    t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    t->external_data = build_keep(m, 4 * sizeof *t->external_data);
    for (int i = 0; i < 4; i++) {
        if (!values[i])
            continue;
        Onnx__StringStringEntryProto *entry = build_keep(m, sizeof *entry);
        onnx__string_string_entry_proto__init(entry);
        entry->key = build_keep(m, 100);
        entry->value = build_keep(m, 100);
        snprintf(entry->key, 100, "%s", keys[i]);
        snprintf(entry->value, 100, "%s", values[i]);
        t->external_data[t->n_external_data++] = entry;
    }
    return m;
}

START_TEST(test_external)
{
    build_model *m = external("w.bin", "4", _i == 0 ? "8" : NULL);
    ph_graph *graph = NULL;
    ph_error err = {0};
    ck_assert_msg(read_model(m, true, &graph, &err) == PH_OK, "%s", err.message);
    check_array(graph->values[0].constant, false, (double[]){1, -2.5});
    ck_assert_ptr_nonnull(graph->directory);
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

static const struct {
    const char *location, *offset, *length;
    ph_status status;
    const char *reason;
} externals[] = {
    {"missing.bin", NULL, NULL, PH_IO, "No such file"},
    {".", NULL, NULL, PH_IO, "not a regular file"},
    {"/etc/passwd", NULL, NULL, PH_FORMAT, "outside of the model's folder"},
    {"../w.bin", NULL, NULL, PH_FORMAT, "outside of the model's folder"},
    {"a/../../w.bin", NULL, NULL, PH_FORMAT, "outside of the model's folder"},
    {"..", NULL, NULL, PH_FORMAT, "outside of the model's folder"},
    {"a\\..\\w.bin", NULL, NULL, PH_FORMAT, "outside of the model's folder"},
    {"", NULL, NULL, PH_FORMAT, "no file name"},
    {NULL, "4", "8", PH_FORMAT, "no file name"},
    {"w.bin", "-1", NULL, PH_FORMAT, "impossible offset"},
    {"w.bin", "4x", NULL, PH_FORMAT, "impossible offset"},
    {"w.bin", "4", "-8", PH_FORMAT, "impossible length"},
    {"w.bin", "4", "99999999999999999999", PH_FORMAT, "impossible length"},
    {"w.bin", "4", "9", PH_FORMAT, "has 9 bytes, its shape needs 8"},
    {"w.bin", "6", "8", PH_FORMAT, "has 13 bytes; the model wants 8 from byte 6"},
    {"w.bin", "14", NULL, PH_FORMAT, "has 13 bytes"},
    {"w.bin", "9223372036854775807", NULL, PH_FORMAT, "has 13 bytes"},
};

START_TEST(test_bad_external)
{
    check_fails(external(externals[_i].location, externals[_i].offset, externals[_i].length), true,
                externals[_i].status, externals[_i].reason);
}
END_TEST

START_TEST(test_external_elsewhere)
{
    check_fails(external("w.bin", "4", NULL), false, PH_UNSUPPORTED, "needs a model read from a file");
    build_model *m = external("w.bin", "4", NULL);
    fill_typed(build_proto(m)->graph->initializer[0]);
    check_fails(m, true, PH_FORMAT, "holds data and points to external data");
}
END_TEST

/* A bait: a file of holes that seems huge. Nothing may be allocated before the size is known to be asked for truly. */
START_TEST(test_external_limit)
{
    const char *path = scratch_path("w.bin");
    ck_assert_int_eq(truncate(path, (off_t)1 << 36), 0);
    build_model *m = external("w.bin", NULL, NULL);
    build_proto(m)->graph->initializer[0]->dims[0] = INT64_C(1) << 33;
    check_fails(m, true, PH_UNSUPPORTED, "larger than can be loaded");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensors");
    TCase *inside = tcase_create("inside"), *outside = tcase_create("outside");
    tcase_set_timeout(inside, 30);
    tcase_add_loop_test(inside, test_raw, 0, sizeof raws / sizeof *raws);
    tcase_add_test(inside, test_half_nan);
    tcase_add_loop_test(inside, test_typed, 0, sizeof typed / sizeof *typed);
    tcase_add_test(inside, test_wrong_field);
    tcase_add_loop_test(inside, test_bad_shapes, 0, sizeof shapes / sizeof *shapes);
    tcase_add_test(inside, test_empty_and_scalar);
    tcase_add_test(inside, test_unrepresentable);
    tcase_set_timeout(outside, 30);
    tcase_add_checked_fixture(outside, set_up, tear_down);
    tcase_add_loop_test(outside, test_external, 0, 2);
    tcase_add_loop_test(outside, test_bad_external, 0, sizeof externals / sizeof *externals);
    tcase_add_test(outside, test_external_elsewhere);
    tcase_add_test(outside, test_external_limit);
    suite_add_tcase(suite, inside);
    suite_add_tcase(suite, outside);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
