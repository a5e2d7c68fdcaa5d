/* Whole networks on every backend: activations and input gradients against ref where nothing can flip, the same bits in
 * any company, and gradients against finite differences. */
#include "build_net.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "run_net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct network {
    const char *model, *layers[2];
    int size;
} network;

/* Sizes are small, for ref is slow; every layer still has more than one position. */
static const network networks[] = {
    {"tests/golden/net.onnx", {"cat", "logits"}, 32},
    {"../shared/models/onnx_zoo/cifar10_resnet20/model.onnx", {"/layer2/layer2.1/Relu_1_output_0", "logits"}, 32},
    {"../shared/models/squeezenet/squeezenet_v1.1.onnx", {"fire4/concat", "pool10"}, 64},
    {"../shared/models/mobilenet/mobilenet_v1_trunc.onnx", {"conv_pw_11_relu", "conv_dw_13_relu"}, 64},
    {"../shared/models/inceptionv1/inceptionv1_caffe2.onnx", {"mixed4a", "mixed5b"}, 64},
    {"../shared/models/googlenet/bvlc_googlenet.onnx", {"inception_3b/output", "inception_5b/output"}, 64},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

static int present[NETWORKS], present_count; /* those whose files are here */

typedef struct loaded {
    ph_graph *graph;
    ph_net *net;
} loaded;

static loaded load(const network *n, bool simplify)
{
    loaded l = {0};
    int values[2];
    bool channels_last;
    ph_shape shape;
    ph_error err = {0};
    ck_assert_msg(ph_graph_read(n->model, &l.graph, &err) == PH_OK, "%s", err.message);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(ph_layer_find(l.graph, n->layers[i], strlen(n->layers[i]), &values[i], &err) == PH_OK, "%s",
                      err.message);
    ck_assert_int_eq(ph_picture_shape(l.graph, n->size, n->size, &shape, &channels_last, NULL), PH_OK);
    const ph_lower_options options = {.input = shape, .wanted = values, .wanted_count = 2, .simplify = simplify};
    ck_assert_msg(ph_lower(l.graph, &options, &l.net, &err) == PH_OK, "%s", err.message);
    return l;
}

static void unload(loaded *l)
{
    ph_net_free(&l->net);
    ph_graph_free(&l->graph);
}

typedef struct run {
    ops_session s;
    float *x, *y, *dy, *dx;
} run;

static run start(const test_setup *setup, const ph_net *net, int batch, const char *text)
{
    run r = {.s = ops_open(setup, 0, net, batch, text)};
    r.x = ops_floats(r.s.input_count);
    r.dx = ops_floats(r.s.input_count);
    r.y = ops_floats(r.s.output_count);
    r.dy = ops_floats(r.s.output_count);
    return r;
}

static void stop(run *r)
{
    free(r->x), free(r->y), free(r->dy), free(r->dx);
    ops_close(&r->s);
}

/* Picture number `first` and its followers, whatever the batch. Pixels have the range that the networks know. */
static void fill(run *r, const ph_net *net, int first)
{
    const int64_t count = r->s.input_count / r->s.batch;
    float *seeds = r->dy;
    for (int p = 0; p < r->s.batch; p++) {
        ops_fill(r->x + p * count, count, OPS_REAL, false, (uint64_t)(first + p) * 2 + 1);
        for (int64_t i = 0; i < count; i++)
            r->x[p * count + i] *= 50.0f;
    }
    for (int o = 0; o < net->output_count; o++)
        for (int p = 0; p < r->s.batch; p++) {
            const int64_t size = ph_shape_count(&net->tensors[net->outputs[o]].shape);
            ops_fill(seeds, size, OPS_REAL, false, (uint64_t)(first + p) * 2 + 100);
            seeds += size;
        }
}

static void go(run *r)
{
    ops_forward(&r->s, r->x, r->y);
    ops_backward(&r->s, PH_RELU_NORMAL, r->dy, r->dx);
}

/* ReLU-like kinks become ELUs, whose slope is continuous, and maxima averages. */
static void smooth(ph_net *net)
{
    for (int i = 0; i < net->op_count; i++) {
        ph_op *op = &net->ops[i];
        if (op->kind == PH_OP_POOL)
            op->p.pool.average = true;
        if (op->kind == PH_OP_ACT &&
            (op->p.act.kind == PH_ACT_RELU || op->p.act.kind == PH_ACT_CLIP || op->p.act.kind == PH_ACT_LEAKY_RELU))
            op->p.act = (ph_act_params){.kind = PH_ACT_ELU, .a = 1};
    }
}

static void expect_norm(const run *got, const char *what, const float *a, const float *b, int64_t count, double bound)
{
    double error = 0, norm = 0;
    for (int64_t i = 0; i < count; i++) {
        error += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        norm += (double)b[i] * (double)b[i];
    }
    printf("%s: %s %s: relative error %.2g\n", got->s.backend->name, got->s.text, what, sqrt(error / norm));
    ck_assert_msg(norm > 0 && sqrt(error / norm) <= bound, "%s: %s: relative error %.3g, allowed %.3g: %s",
                  got->s.backend->name, what, sqrt(error / norm), bound, got->s.text);
}

/* In float32, activations and gradients lie within 1e-4 of those in double (sums of up to 5000 terms, 60 layers deep).
 * Single flips of ReLUs and maxima would be a hundred times that (test_reference.c), so there are none here. */
START_TEST(smooth_network_close_to_ref)
{
    enum { BATCH = 2 };
    const network *n = &networks[present[_i % present_count]];
    loaded l = load(n, false);
    smooth(l.net);
    run got = start(test_setup_of(TEST_OTHERS, _i, present_count), l.net, BATCH, n->model);
    run want = start(&test_ref, l.net, BATCH, n->model);
    fill(&got, l.net, 0);
    fill(&want, l.net, 0);
    go(&got);
    go(&want);
    expect_norm(&got, "activations", got.y, want.y, got.s.output_count, 1e-4);
    expect_norm(&got, "input gradient", got.dx, want.dx, got.s.input_count, 1e-4);
    stop(&got);
    stop(&want);
    unload(&l);
}
END_TEST

/* A picture alone, first, last and in the middle, in batches of several sizes, computed twice: one result. */
static void same_bits(const test_setup *setup, const network *n)
{
    static const int batches[] = {3, 8};
    loaded l = load(n, true);
    run one = start(setup, l.net, 1, n->model);
    float *y = ops_floats(one.s.output_count);
    for (int k = 0; k < 2; k++) {
        run all = start(setup, l.net, batches[k], n->model);
        fill(&all, l.net, 0);
        go(&all);
        const int places[] = {0, batches[k] / 2, batches[k] - 1};
        for (int i = 0; i < 3; i++) {
            const int p = places[i];
            fill(&one, l.net, p);
            go(&one);
            ops_take_picture(l.net, batches[k], p, all.y, y);
            ops_expect_bits(&one.s, "output alone", one.y, y, one.s.output_count);
            ops_expect_bits(&one.s, "input gradient alone", one.dx, all.dx + p * one.s.input_count, one.s.input_count);
        }
        run again = start(setup, l.net, batches[k], n->model);
        fill(&again, l.net, 0);
        go(&again);
        ops_expect_bits(&again.s, "output of a second engine", again.y, all.y, all.s.output_count);
        ops_expect_bits(&again.s, "input gradient of a second engine", again.dx, all.dx, all.s.input_count);
        stop(&again);
        stop(&all);
    }
    free(y);
    stop(&one);
    unload(&l);
}

START_TEST(network_same_bits)
{
    same_bits(test_setup_of(TEST_OTHERS, _i, present_count), &networks[present[_i % present_count]]);
}
END_TEST

START_TEST(network_same_bits_fast)
{
    same_bits(test_setup_of(TEST_FAST, _i, present_count), &networks[present[_i % present_count]]);
}
END_TEST

static const char smooth_text[] =
    "x = input 1x3x12x12; a = conv x out=16 kernel=3x3 stride=2 pad=1; b = tanh a; n = lrn b size=5 alpha=0.5 "
    "beta=0.75 "
    "bias=1; c = conv n out=16 kernel=3x3 pad=1 group=2; s = sigmoid c; p = avgpool s kernel=3x3 stride=2 pad=1;"
    "t = deconv p out=8 kernel=2x2 stride=2; q = concat t b axis=1; m = slice q start=0,0,0,0 to=1x24x6x6;"
    "f = reshape m to=1x864; d = dense f out=10; y = softmax d axis=1; want d y";

static double objective(run *r, const float *x, const float *weights)
{
    double sum = 0;
    ops_forward(&r->s, x, r->y);
    for (int64_t i = 0; i < r->s.output_count; i++)
        sum += (double)r->y[i] * (double)weights[i];
    return sum;
}

/* Slopes along random directions. A step of 1/64 costs a few 1e-5 of the slope by the third derivative, and values of
 * about 10, good to 1e-6, as much again: 1e-3 of the slope's usual size |gradient| |direction| / sqrt(n) is safe. */
START_TEST(gradient_is_the_slope)
{
    const float h = 1.0f / 64;
    ops_net *n = ops_net_build(smooth_text, OPS_REAL, 31);
    run r = start(test_setup_of(TEST_ALL, _i, 1), n->net, 1, n->text);
    const int64_t count = r.s.input_count;
    float *d = ops_floats(count), *there = ops_floats(count), *weights = ops_floats(r.s.output_count);
    ops_fill(r.x, count, OPS_REAL, false, 5);
    ops_fill(weights, r.s.output_count, OPS_REAL, false, 6);
    ops_forward(&r.s, r.x, r.y);
    ops_backward(&r.s, PH_RELU_NORMAL, weights, r.dx);
    double norm2 = 0;
    for (int64_t i = 0; i < count; i++)
        norm2 += (double)r.dx[i] * (double)r.dx[i];
    for (uint64_t seed = 0; seed < 8; seed++) {
        double slope = 0, length2 = 0, value[2];
        ops_fill(d, count, OPS_REAL, false, 40 + seed);
        for (int64_t i = 0; i < count; i++) {
            slope += (double)d[i] * (double)r.dx[i];
            length2 += (double)d[i] * (double)d[i];
        }
        const float step = h / (float)sqrt(length2 / (double)count);
        for (int k = 0; k < 2; k++) {
            for (int64_t i = 0; i < count; i++)
                there[i] = r.x[i] + (k ? step : -step) * d[i];
            value[k] = objective(&r, there, weights);
        }
        const double got = (value[1] - value[0]) / (2.0 * (double)step);
        const double allowed = 1e-3 * sqrt(norm2 * length2 / (double)count);
        ck_assert_msg(fabs(got - slope) <= allowed && norm2 > 0, "%s: direction %d: gradient %.8g, differences %.8g",
                      r.s.backend->name, (int)seed, slope, got);
    }
    free(d), free(there), free(weights);
    stop(&r);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    test_backends_find();
    for (int i = 0; i < NETWORKS; i++)
        if (access(networks[i].model, R_OK) == 0)
            present[present_count++] = i;
        else
            printf("SKIP: %s is not there\n", networks[i].model);
    Suite *suite = suite_create("networks");
    TCase *tcase = tcase_create("whole");
    tcase_set_timeout(tcase, 300);
    test_backends_add(tcase, smooth_network_close_to_ref, TEST_OTHERS, present_count);
    test_backends_add(tcase, network_same_bits, TEST_OTHERS, present_count);
    test_backends_add(tcase, network_same_bits_fast, TEST_FAST, present_count);
    test_backends_add(tcase, gradient_is_the_slope, TEST_ALL, 1);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
