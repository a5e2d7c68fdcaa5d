/* Reading models: the graph that comes out, and what is refused. */
#include "host/model/graph.h"
#include "tests/base/fail_alloc.h"
#include "tests/model/build_model.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t picture[] = {-1, 3, 8, 8};

/* Parses, frees and returns the status; `reason` must be in the message of a failure. */
static void check_fails(build_model *m, ph_status expected, const char *reason)
{
    uint8_t *bytes;
    const size_t size = build_pack(m, &bytes);
    ph_graph *graph = NULL;
    ph_error err = {0};
    const ph_status status = ph_graph_parse(bytes, size, "bad.onnx", NULL, &graph, &err);
    ck_assert_msg(status == expected, "status %d: %s", status, err.message);
    ck_assert_ptr_null(graph);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' lacks '%s'", err.message, reason);
    ck_assert_int_eq(ph_graph_parse(bytes, size, "bad.onnx", NULL, &graph, NULL), expected);
    free(bytes);
    build_free(m);
}

START_TEST(test_structure)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_floats(m, "w", 4, (int64_t[]){2, 3, 1, 1}, NULL);
    build_node(m, "Conv", "conv", "x,w,", "y");
    build_node(m, "Dropout", "", "y", ",mask");
    build_node(m, "Special", "own", "y,mask", "z,q")->domain = "com.example";
    build_output(m, "z", -1, NULL);
    build_output(m, "y", -1, NULL);
    build_output(m, "z", -1, NULL);
    build_metadata(m, "phosphene.mean", "1,2,3");
    ph_graph *g = build_graph(m);
    const int x = value_named(g, "x"), w = value_named(g, "w"), y = value_named(g, "y"), z = value_named(g, "z");
    ck_assert_int_eq(g->opset, 13);
    ck_assert_int_eq(g->node_count, 3);
    ck_assert_int_eq(g->value_count, 6);
    ck_assert_int_eq(g->nodes[0].input_count, 3);
    ck_assert_int_eq(g->nodes[0].inputs[0], x);
    ck_assert_int_eq(g->nodes[0].inputs[1], w);
    ck_assert_int_eq(g->nodes[0].inputs[2], -1);
    ck_assert_int_eq(g->nodes[1].outputs[0], -1);
    ck_assert_int_eq(g->nodes[1].outputs[1], value_named(g, "mask"));
    ck_assert_str_eq(g->nodes[0].domain, "");
    ck_assert_str_eq(g->nodes[2].domain, "com.example");
    ck_assert(g->values[x].is_input && g->values[x].producer == -1 && g->values[x].declared.rank == 4);
    ck_assert(g->values[x].declared.dim[0] == -1 && g->values[x].declared.dim[1] == 3);
    ck_assert(!g->values[w].is_input && g->values[w].constant && g->values[w].declared.rank == -1);
    ck_assert_int_eq(g->values[w].constant->shape.dim[1], 3);
    ck_assert(((const float *)g->values[w].constant->data)[5] == 5.0f);
    ck_assert_int_eq(g->values[y].producer, 0);
    ck_assert(g->values[y].is_output && g->values[z].is_output && !g->values[x].is_output);
    ck_assert_int_eq(g->output_count, 2);
    ck_assert(g->outputs[0] == z && g->outputs[1] == y);
    ck_assert_uint_eq(g->metadata_count, 1);
    ck_assert_str_eq(g->metadata[0].key, "phosphene.mean");
    ck_assert_str_eq(g->metadata[0].value, "1,2,3");
    char text[PH_NODE_TEXT];
    ck_assert_str_eq(ph_node_text(g, 0, text), "node 'conv' (Conv)");
    ck_assert_str_eq(ph_node_text(g, 1, text), "node producing 'mask' (Dropout)");
    ph_graph_free(&g);
    ck_assert_ptr_null(g);
    ph_graph_free(&g);
    ph_graph_free(NULL);
    build_free(m);
}
END_TEST

START_TEST(test_attributes)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Any", "any", "x", "y");
    build_int(m, "i", -5);
    build_float(m, "f", 0.5f);
    build_string(m, "s", "SAME_UPPER");
    build_ints(m, "is", 2, (int64_t[]){3, -4});
    build_reals(m, "fs", 3, (float[]){1, 2, 4});
    build_ints(m, "none", 0, (int64_t[]){0});
    build_tensor(m, "t", 1, (int64_t[]){2}, (float[]){7, 8}, NULL);
    build_attribute(m, "g", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH);
    build_attribute(m, "future", 77);
    Onnx__AttributeProto *untyped = build_attribute(m, "untyped", 0);
    untyped->has_i = 1;
    untyped->i = 9;
    ph_graph *graph = build_graph(m);
    const ph_node *n = &graph->nodes[0];
    ck_assert_int_eq(ph_node_int(n, "i", 0), -5);
    ck_assert_int_eq(ph_node_int(n, "f", 3), 3); /* of another kind */
    ck_assert_int_eq(ph_node_int(n, "absent", 4), 4);
    ck_assert_int_eq(ph_node_int(n, "untyped", 0), 9);
    ck_assert(ph_node_float(n, "f", 0) == 0.5f);
    ck_assert(ph_node_float(n, "i", 2) == 2.0f);
    ck_assert_str_eq(ph_node_attribute(n, "s")->s, "SAME_UPPER");
    const ph_attribute *is = ph_node_attribute(n, "is"), *fs = ph_node_attribute(n, "fs");
    ck_assert(is->kind == PH_ATTR_INTS && is->count == 2 && is->ints[1] == -4);
    ck_assert(fs->kind == PH_ATTR_FLOATS && fs->count == 3 && fs->floats[2] == 4.0f);
    ck_assert(ph_node_attribute(n, "none")->kind == PH_ATTR_INTS && ph_node_attribute(n, "none")->count == 0);
    const ph_attribute *t = ph_node_attribute(n, "t");
    ck_assert(t->kind == PH_ATTR_ARRAY && ((const float *)t->array->data)[1] == 8.0f);
    ck_assert_int_eq(ph_node_attribute(n, "g")->kind, PH_ATTR_OTHER);
    ck_assert_int_eq(ph_node_attribute(n, "future")->kind, PH_ATTR_OTHER);
    ck_assert_ptr_null(ph_node_attribute(n, "absent"));
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

START_TEST(test_constants)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Constant", "a", "", "a");
    build_float(m, "value_float", 2.5f);
    build_node(m, "Constant", "b", "", "b");
    build_ints(m, "value_ints", 2, (int64_t[]){4, 5});
    build_node(m, "Constant", "c", "", "c");
    build_int(m, "value_int", 6);
    build_node(m, "Constant", "d", "", "d");
    build_reals(m, "value_floats", 1, (float[]){7});
    build_node(m, "Constant", "e", "", "e");
    build_tensor(m, "value", 0, NULL, NULL, (int64_t[]){8});
    ph_graph *g = build_graph(m);
    const ph_array *a = g->nodes[0].attributes[0].array, *b = g->nodes[1].attributes[0].array;
    const ph_array *c = g->nodes[2].attributes[0].array, *d = g->nodes[3].attributes[0].array;
    const ph_array *e = g->nodes[4].attributes[0].array;
    ck_assert(a->dtype == PH_DTYPE_FLOAT && a->shape.rank == 0 && *(const float *)a->data == 2.5f);
    ck_assert(b->dtype == PH_DTYPE_INT64 && b->shape.rank == 1 && b->shape.dim[0] == 2);
    ck_assert_int_eq(((const int64_t *)b->data)[1], 5);
    ck_assert(c->dtype == PH_DTYPE_INT64 && c->shape.rank == 0 && *(const int64_t *)c->data == 6);
    ck_assert(d->dtype == PH_DTYPE_FLOAT && d->shape.rank == 1 && *(const float *)d->data == 7.0f);
    ck_assert(e->dtype == PH_DTYPE_INT64 && e->shape.rank == 0 && *(const int64_t *)e->data == 8);
    ph_graph_free(&g);
    build_free(m);
}
END_TEST

START_TEST(test_sorting)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Add", "last", "c,b", "d");
    build_node(m, "Add", "third", "b,b", "c");
    build_node(m, "Relu", "second", "a", "b");
    build_node(m, "Relu", "first", "x", "a");
    build_node(m, "Relu", "apart", "x", "e");
    ph_graph *g = build_graph(m);
    for (int n = 0; n < g->node_count; n++) {
        for (int i = 0; i < g->nodes[n].input_count; i++)
            ck_assert_int_lt(g->values[g->nodes[n].inputs[i]].producer, n);
        ck_assert_int_eq(g->values[g->nodes[n].outputs[0]].producer, n);
    }
    ck_assert_int_lt(node_named(g, "third"), node_named(g, "last"));
    ph_graph_free(&g);
    build_free(m);
}
END_TEST

START_TEST(test_circles)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", "behind", "b", "c");
    build_node(m, "Add", "one", "x,b", "a");
    build_node(m, "Relu", "two", "a", "b");
    build_node(m, "Relu", "free", "x", "f");
    uint8_t *bytes;
    const size_t size = build_pack(m, &bytes);
    ph_graph *graph;
    ph_error err = {0};
    ck_assert_int_eq(ph_graph_parse(bytes, size, "m", NULL, &graph, &err), PH_FORMAT);
    ck_assert_msg(strstr(err.message, "'one'") || strstr(err.message, "'two'"), "%s", err.message);
    free(bytes);
    build_free(m);
    m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Add", "self", "x,y", "y");
    check_fails(m, PH_FORMAT, "node 'self' (Add)");
}
END_TEST

START_TEST(test_contradictions)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", "r", "nothing", "y");
    check_fails(m, PH_FORMAT, "node 'r' (Relu) reads 'nothing', which nothing produces");
    m = build_new(13);
    build_input(m, "x", 4, picture);
    build_output(m, "y", -1, NULL);
    check_fails(m, PH_FORMAT, "output 'y' of the model is never produced");
    m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", "a", "x", "y");
    build_node(m, "Relu", "b", "x", "y");
    check_fails(m, PH_FORMAT, "tensor 'y' is defined twice");
    m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", "a", "x", "x");
    check_fails(m, PH_FORMAT, "tensor 'x' is defined twice");
    m = build_new(13);
    build_input(m, "x", 4, picture);
    build_input(m, "x", 4, picture);
    check_fails(m, PH_FORMAT, "input 'x' is defined twice");
    m = build_new(13);
    build_floats(m, "w", 1, (int64_t[]){1}, NULL);
    build_floats(m, "w", 1, (int64_t[]){1}, NULL);
    check_fails(m, PH_FORMAT, "initializer 'w' is defined twice");
    m = build_new(13);
    build_floats(m, "", 1, (int64_t[]){1}, NULL);
    check_fails(m, PH_FORMAT, "initializer 0 has no name");
    m = build_new(13);
    build_input(m, "", 4, picture);
    check_fails(m, PH_FORMAT, "input 0 has no name");
    m = build_new(13);
    build_node(m, "", "n", "", "y");
    check_fails(m, PH_FORMAT, "node 'n' has no operator");
    m = build_new(13);
    build_proto(m)->graph = NULL;
    check_fails(m, PH_FORMAT, "contains no graph");
    m = build_new(13);
    Onnx__SparseTensorProto sparse, *list = &sparse;
    onnx__sparse_tensor_proto__init(&sparse);
    build_proto(m)->graph->n_sparse_initializer = 1;
    build_proto(m)->graph->sparse_initializer = &list;
    check_fails(m, PH_UNSUPPORTED, "sparse");
}
END_TEST

START_TEST(test_long_names)
{
    enum { LENGTH = 60000 };
    build_model *m = build_new(13);
    char *name = build_keep(m, LENGTH + 1);
    memset(name, 'n', LENGTH);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", name, name, "y");
    uint8_t *bytes;
    const size_t size = build_pack(m, &bytes);
    ph_graph *graph;
    ph_error err = {0};
    ck_assert_int_eq(ph_graph_parse(bytes, size, name, NULL, &graph, &err), PH_FORMAT);
    ck_assert_msg(strstr(err.message, "which nothing produces") != NULL, "%s", err.message); /* all of it fits */
    free(bytes);
    build_free(m);
}
END_TEST

static const struct {
    int64_t ir, opset;
    const char *domain; /* NULL = no operator set at all */
    ph_status status;
    int64_t expected;
} opsets[] = {
    {8, 1, "", PH_OK, 1},     {8, 99, "ai.onnx", PH_OK, 99},   {8, 100, "", PH_UNSUPPORTED, 0},
    {8, 0, "", PH_FORMAT, 0}, {8, -3, "", PH_FORMAT, 0},       {8, 0, NULL, PH_FORMAT, 0},
    {2, 0, NULL, PH_OK, 1},   {8, 5, "com.example", PH_OK, 1}, {100, 13, "", PH_OK, 13},
};

START_TEST(test_opset)
{
    build_model *m = build_new(0);
    build_proto(m)->ir_version = opsets[_i].ir;
    if (opsets[_i].domain)
        build_opset(m, opsets[_i].domain, opsets[_i].opset);
    build_input(m, "x", 4, picture);
    if (opsets[_i].status != PH_OK) {
        check_fails(m, opsets[_i].status, "operator set");
        return;
    }
    ph_graph *graph = build_graph(m);
    ck_assert_int_eq(graph->opset, opsets[_i].expected);
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

static void check_picture(build_model *m, const char *expected)
{
    ph_graph *graph = build_graph(m);
    int value = -1;
    const ph_status status = ph_graph_picture_input(graph, &value, NULL);
    ck_assert_int_eq(status, expected ? PH_OK : PH_UNSUPPORTED);
    if (expected)
        ck_assert_str_eq(graph->values[value].name, expected);
    ph_graph_free(&graph);
    build_free(m);
}

START_TEST(test_picture_input)
{
    build_model *m = build_new(13);
    build_input(m, "w", 4, picture);
    build_input(m, "x", 4, picture);
    build_floats(m, "w", 1, (int64_t[]){1}, NULL); /* declared as an input too, as old files do */
    check_picture(m, "x");
    m = build_new(13);
    build_input(m, "sigma", 2, picture);
    build_input(m, "a", 3, picture);
    build_input(m, "b", 3, picture);
    check_picture(m, "a");
    m = build_new(13);
    build_input(m, "sigma", 2, picture);
    build_input(m, "b", 4, picture);
    check_picture(m, "b");
    m = build_new(13);
    build_input(m, "any", -1, NULL);
    check_picture(m, "any");
    m = build_new(13);
    build_input(m, "any", -1, NULL);
    build_input(m, "other", -1, NULL);
    check_picture(m, NULL);
    check_picture(build_new(13), NULL);
}
END_TEST

START_TEST(test_declared)
{
    build_model *m = build_new(13);
    build_input(m, "open", 4, (int64_t[]){0, 3, -1, 8});
    build_input(m, "deep", 9, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1});
    build_input(m, "bytes", 1, (int64_t[]){8})->type->tensor_type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8;
    build_input(m, "words", 1, (int64_t[]){8})->type->tensor_type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__STRING;
    build_input(m, "typeless", 1, (int64_t[]){8})->type = NULL;
    ph_graph *g = build_graph(m);
    ck_assert(g->values[0].declared.dim[0] == -1 && g->values[0].declared.dim[2] == -1);
    ck_assert(g->values[0].declared.dim[3] == 8 && g->values[0].declared_dtype == PH_DTYPE_FLOAT);
    ck_assert_int_eq(g->values[1].declared.rank, -1);
    ck_assert(g->values[2].declared.rank == 1 && g->values[2].declared_dtype == PH_DTYPE_INT64);
    ck_assert_int_eq(g->values[3].declared.rank, -1);
    ck_assert_int_eq(g->values[4].declared.rank, -1);
    ph_graph_free(&g);
    build_free(m);
    m = build_new(13);
    build_input(m, "x", 4, (int64_t[]){1, INT64_MAX / 4, INT64_MAX / 4, 3});
    check_fails(m, PH_FORMAT, "absurdly large");
}
END_TEST

/* A model with something of everything, out of order. */
static size_t pack_all(uint8_t **bytes)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_floats(m, "w", 4, (int64_t[]){2, 3, 1, 1}, NULL);
    build_int64s(m, "shape", 1, (int64_t[]){2}, NULL);
    build_node(m, "Reshape", "r", "y,shape", "z");
    build_node(m, "Conv", "c", "x,w", "y");
    build_ints(m, "pads", 4, (int64_t[]){0, 0, 0, 0});
    build_reals(m, "fs", 1, (float[]){1});
    build_string(m, "auto_pad", "VALID");
    build_tensor(m, "t", 1, (int64_t[]){2}, NULL, NULL);
    build_node(m, "Constant", "k", "", "k");
    build_int(m, "value_int", 1);
    for (int i = 0; i < 40; i++) { /* beyond the first size of the tables */
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        build_node(m, "Relu", name, "x", name);
    }
    build_output(m, "z", -1, NULL);
    build_metadata(m, "key", "value");
    const size_t size = build_pack(m, bytes);
    build_free(m);
    return size;
}

START_TEST(test_no_memory)
{
    uint8_t *bytes;
    const size_t size = pack_all(&bytes);
    const bool lasting = _i == 1;
    long n = 0;
    for (bool hit = true; hit;) {
        ph_graph *graph = NULL;
        ph_error err = {0};
        n++;
        if (lasting)
            fail_alloc_from(n);
        else
            fail_alloc_at(n);
        const ph_status status = ph_graph_parse(bytes, size, "m", ".", &graph, &err);
        hit = fail_alloc_stop();
        ck_assert_msg(status == (hit ? PH_NO_MEMORY : PH_OK), "allocation %ld: status %d, %s", n, status, err.message);
        ck_assert((graph != NULL) == (status == PH_OK));
        ph_graph_free(&graph);
    }
    ck_assert_int_gt(n, 300); /* the reader's own allocations included */
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *graph = tcase_create("graph");
    tcase_set_timeout(graph, 60);
    tcase_add_test(graph, test_structure);
    tcase_add_test(graph, test_attributes);
    tcase_add_test(graph, test_constants);
    tcase_add_test(graph, test_sorting);
    tcase_add_test(graph, test_circles);
    tcase_add_test(graph, test_contradictions);
    tcase_add_test(graph, test_long_names);
    tcase_add_loop_test(graph, test_opset, 0, sizeof opsets / sizeof *opsets);
    tcase_add_test(graph, test_picture_input);
    tcase_add_test(graph, test_declared);
    tcase_add_loop_test(graph, test_no_memory, 0, 2);
    suite_add_tcase(suite, graph);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
