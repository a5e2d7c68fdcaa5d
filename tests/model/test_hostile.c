/* Bytes that want to harm the reader: deep nesting, baits for memory and time, cut and flipped files, other formats;
 * and the shared folders of real models, whole and broken. */
#include "host/model/graph.h"
#include "host/model/onnx_scan.h"
#include "tests/model/build_model.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char models[] = "../shared/models";

/* Reads, frees; the message of a failure must be there and be one line. */
static ph_status parse(const void *bytes, size_t size, ph_error *err)
{
    ph_graph *graph = NULL;
    *err = (ph_error){0};
    const ph_status status = ph_graph_parse(bytes, size, "m.onnx", NULL, &graph, err);
    ck_assert((graph != NULL) == (status == PH_OK));
    ck_assert((*err->message != '\0') == (status != PH_OK));
    ck_assert_ptr_null(strchr(err->message, '\n'));
    ph_graph_free(&graph);
    return status;
}

static void check_refused(const void *bytes, size_t size, const char *reason)
{
    ph_error err;
    ck_assert_int_eq(parse(bytes, size, &err), PH_FORMAT);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' lacks '%s'", err.message, reason);
}

static size_t pack_small(uint8_t **bytes)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, (int64_t[]){1, 3, 8, 8});
    build_floats(m, "w", 4, (int64_t[]){2, 3, 1, 1}, NULL);
    build_int64s(m, "shape", 1, (int64_t[]){2}, (int64_t[]){1, -1});
    build_node(m, "Conv", "c", "x,w", "y");
    build_ints(m, "pads", 4, (int64_t[]){0, 0, 0, 0});
    build_string(m, "auto_pad", "VALID");
    build_node(m, "Reshape", "r", "y,shape", "z");
    build_output(m, "z", 2, (int64_t[]){1, 128});
    const size_t size = build_pack(m, bytes);
    build_free(m);
    return size;
}

/* ---- Made baits ------------------------------------------------------------------------------------------------- */

/* If nodes within If nodes: model, graph, (node, attribute, graph) x levels. */
static build_model *nested(int levels)
{
    build_model *m = build_new(13);
    Onnx__GraphProto *graph = build_proto(m)->graph;
    for (int i = 0; i < levels; i++) {
        Onnx__GraphProto *inner = build_keep(m, sizeof *inner);
        Onnx__NodeProto *node = build_keep(m, sizeof *node), **nodes = build_keep(m, sizeof *nodes);
        Onnx__AttributeProto *a = build_keep(m, sizeof *a), **list = build_keep(m, sizeof *list);
        onnx__graph_proto__init(inner);
        onnx__node_proto__init(node);
        onnx__attribute_proto__init(a);
        a->name = node->op_type = "If";
        a->g = inner;
        *list = a;
        *nodes = node;
        node->n_attribute = graph->n_node = 1;
        node->attribute = list;
        graph->node = nodes;
        graph = inner;
    }
    return m;
}

static ph_status parse_nested(int levels, ph_error *err)
{
    build_model *m = nested(levels);
    uint8_t *bytes;
    const size_t size = build_pack(m, &bytes);
    const ph_status status = parse(bytes, size, err);
    free(bytes);
    build_free(m);
    return status;
}

START_TEST(test_nesting)
{
    ph_error err;
    /* The model, its graph and three messages per level: 2 + 3 * 20 = 62 of 64. */
    ck_assert_int_eq(parse_nested(20, &err), PH_OK);
    ck_assert_int_eq(parse_nested(21, &err), PH_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "nested too deeply"));
    ck_assert_int_eq(parse_nested(2000, &err), PH_FORMAT);
}
END_TEST

/* Empty nodes: two bytes each in the file, some hundred in memory. */
START_TEST(test_memory_bait)
{
    const size_t body = 8u << 20;
    uint8_t *bytes = calloc(body + 16, 1);
    ck_assert_ptr_nonnull(bytes);
    size_t at = 0;
    bytes[at++] = 7 << 3 | 2;
    for (size_t left = body; at < 16; left >>= 7) {
        bytes[at++] = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
        if (left <= 0x7f)
            break;
    }
    for (size_t i = 0; i < body; i += 2)
        bytes[at + i] = 1 << 3 | 2;
    check_refused(bytes, at + body, "built to exhaust the memory");
    free(bytes);
}
END_TEST

START_TEST(test_repeated_graph)
{
    uint8_t *bytes;
    const size_t size = pack_small(&bytes);
    uint8_t *twice = malloc(2 * size);
    ck_assert_ptr_nonnull(twice);
    memcpy(twice, bytes, size);
    memcpy(twice + size, bytes, size);
    check_refused(twice, 2 * size, "stands twice");
    free(twice);
    free(bytes);
}
END_TEST

#define WIRE(bytes, reason)                                                                                            \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1, reason                                                                               \
    }

static const struct {
    const char *bytes;
    size_t size;
    const char *reason;
} wires[] = {
    WIRE("", "is empty"),
    WIRE("\x08\x08", "contains no graph"),
    WIRE("\x08", "in the middle of a number"),
    WIRE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "number is too long"),
    WIRE("\x3a\x7f", "cut off"),
    WIRE("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "cut off"),
    WIRE("\x3a\x03\x0a\x05\x01", "cut off"), /* beyond its message, within the file */
    WIRE("\x00\x01", "field number"),
    WIRE("\xf8\xff\xff\xff\xff\x01\x01", "field number"),
    WIRE("\x0b\x0c", "unknown kind"), /* a group */
    WIRE("\x0f", "unknown kind"),
    WIRE("\x09\x01", "cut off"),
    WIRE("\x0d\x01\x02\x03", "cut off"),
    WIRE("\x12\x03"
         "a\0b",
         "NUL"),
    WIRE("\x3d\x01\x02\x03\x04", "other types"), /* the graph as a number */
};

START_TEST(test_wire_format)
{
    check_refused(wires[_i].bytes, wires[_i].size, wires[_i].reason);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    const char *reason;
} others[] = {
    WIRE("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "git lfs pull"),
    WIRE("\n<!DOCTYPE HTML>\n<p>404", "web page"),
    WIRE("<html><body>", "web page"),
    WIRE("\x1f\x8b\x08\x00", "gunzip"),
    WIRE("PK\x03\x04\x14\x00resnet18/data.pkl", "torch.onnx.export"),
    WIRE("PK\x03\x04\x14\x00metadata.json", "Keras"),
    WIRE("PK\x03\x04\x14\x00net.onnx", "zip archive"),
    WIRE("\x80\x02\x8a\x0al\xfc\x9c"
         "F\xf9 j\xa8P\x19.",
         "torch.onnx.export"),
    WIRE("\x80\x04\x95\x01", "pickle"),
    WIRE("\x89HDF\r\n\x1a\n", "tf2onnx"),
    WIRE("\x20\x00\x00\x00TFL3", "TensorFlow Lite"),
    WIRE("\n\x30\n\x05input\x12\x0bPlaceholder*\x0b\n\x05"
         "dtype\x12\x02"
         "0\x01",
         "TensorFlow graph"),
    WIRE("\x08\x01\x12\x10\n\x0e\x12\x05serve", "SavedModel"),
    WIRE("\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}        ", "safetensors"),
    WIRE("\x89PNG\r\n\x1a\n", "picture"),
    WIRE("\xff\xd8\xff\xe0", "picture"),
    WIRE("name: \"CaffeNet\"\nlayer {\n", "Caffe"),
    WIRE("just some words", "text file"),
};

START_TEST(test_other_formats)
{
    check_refused(others[_i].bytes, others[_i].size, others[_i].reason);
}
END_TEST

/* ---- Damage ----------------------------------------------------------------------------------------------------- */

START_TEST(test_cut)
{
    uint8_t *bytes;
    const size_t size = pack_small(&bytes);
    ph_error err;
    ck_assert_int_eq(parse(bytes, size, &err), PH_OK);
    for (size_t length = 0; length < size; length++) {
        /* A copy of just this length, so that reading one byte further is seen. */
        uint8_t *cut = malloc(length ? length : 1);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, bytes, length);
        ck_assert_int_ne(parse(cut, length, &err), PH_OK);
        free(cut);
    }
    free(bytes);
}
END_TEST

START_TEST(test_flipped)
{
    uint8_t *bytes;
    const size_t size = pack_small(&bytes);
    uint8_t *damaged = malloc(size);
    ck_assert_ptr_nonnull(damaged);
    ph_error err;
    unsigned state = 7;
    int read = 0;
    for (int run = 0; run < 20000; run++) {
        memcpy(damaged, bytes, size);
        for (int flips = run % 4; flips >= 0; flips--) {
            state = state * 1664525u + 1013904223u;
            damaged[(state >> 8) % size] ^= (uint8_t)(1u << (state >> 29));
        }
        read += parse(damaged, size, &err) == PH_OK;
    }
    ck_assert(read > 0 && read < 20000); /* both ways are walked */
    free(damaged);
    free(bytes);
}
END_TEST

/* ---- Shared files ----------------------------------------------------------------------------------------------- */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name);
    return length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* Reads every .onnx under a folder; returns how many. `whole`: they must load. */
static int read_all(const char *folder, bool whole)
{
    DIR *directory = opendir(folder);
    ck_assert_ptr_nonnull(directory);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        char path[1024];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode) && strcmp(entry->d_name, "malformed_onnx") != 0)
            count += read_all(path, whole);
        if (!S_ISREG(info.st_mode) || !ends_with(path, ".onnx"))
            continue;
        ph_graph *graph = NULL;
        ph_error err = {0};
        const double start = now();
        const ph_status status = ph_graph_read(path, &graph, &err);
        const double seconds = now() - start;
        ck_assert_msg(!whole || status == PH_OK, "%s", err.message);
        ck_assert((*err.message != '\0') == (status != PH_OK));
        ck_assert_msg(seconds < 1.0, "%s took %g s", path, seconds);
        ph_graph_free(&graph);
        count++;
    }
    closedir(directory);
    return count;
}

static int shared_missing(const char *folder)
{
    struct stat info;
    if (stat(folder, &info) == 0)
        return 0;
    printf("SKIP: %s is not there\n", folder);
    return 1;
}

START_TEST(test_broken_files)
{
    const char *folder = "../shared/models/malformed_onnx";
    if (!shared_missing(folder))
        ck_assert_int_gt(read_all(folder, false), 40);
}
END_TEST

START_TEST(test_real_files)
{
    if (!shared_missing(models))
        ck_assert_int_gt(read_all(models, true), 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile");
    TCase *bytes = tcase_create("bytes"), *files = tcase_create("files");
    tcase_set_timeout(bytes, 120);
    tcase_add_test(bytes, test_nesting);
    tcase_add_test(bytes, test_memory_bait);
    tcase_add_test(bytes, test_repeated_graph);
    tcase_add_loop_test(bytes, test_wire_format, 0, sizeof wires / sizeof *wires);
    tcase_add_loop_test(bytes, test_other_formats, 0, sizeof others / sizeof *others);
    tcase_add_test(bytes, test_cut);
    tcase_add_test(bytes, test_flipped);
    tcase_set_timeout(files, 120);
    tcase_add_test(files, test_broken_files);
    tcase_add_test(files, test_real_files);
    suite_add_tcase(suite, bytes);
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
