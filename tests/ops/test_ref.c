/* The oracle itself: its gradients against differences of its own values, and against the adjoint identity. */
#include "build_net.h"
#include "cases.h"
#include "kernels/ref/ref.h"
#include "run_net.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATES = 24 };

/* Width of the stencil. Linear nets: any. Smooth ones: truncation h^4/30 = 3e-8 times the fifth derivative. Kinked ones
 * stay within the margin that OPS_DYADIC keeps: 1/32 around every kink of an activation on the input, and behind a
 * layer of whole weights up to 2 and biases + 1/64 at least 1/64. */
static double stencil(const ops_net *n)
{
    if (!n->kinked)
        return n->linear ? 0x1p-2 : 0x1p-5;
    return n->exact ? 0x1p-10 : 0x1p-7;
}

/* sum weights (after - before): outputs that did not move cancel exactly. */
static double difference(const float *weights, const float *after, const float *before, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)weights[i] * ((double)after[i] - (double)before[i]);
    return sum;
}

/* Four-point stencil of the functional sum r y along coordinate i. */
static double slope(ops_session *s, float *x, int64_t i, double h, const float *r, float *plus, float *minus)
{
    const float kept = x[i];
    double f[2];
    for (int k = 1; k <= 2; k++) {
        x[i] = (float)((double)kept + k * h);
        ops_forward(s, x, plus);
        x[i] = (float)((double)kept - k * h);
        ops_forward(s, x, minus);
        f[k - 1] = difference(r, plus, minus, s->output_count);
    }
    x[i] = kept;
    return (8 * f[0] - f[1]) / (12 * h);
}

START_TEST(differences)
{
    ops_net *n = ops_net_build(ops_cases[_i], OPS_DYADIC, 17);
    ops_session s = ops_open(&test_ref, 1, n->net, 1, n->text);
    float *x = ops_floats(s.input_count), *gradient = ops_floats(s.input_count), *r = ops_floats(s.output_count);
    float *plus = ops_floats(s.output_count), *minus = ops_floats(s.output_count);
    ops_fill(x, s.input_count, OPS_DYADIC, n->maximum, 5);
    ops_fill(r, s.output_count, OPS_REAL, false, 6);
    ops_forward(&s, x, plus);
    ops_backward(&s, PH_RELU_NORMAL, r, gradient);
    double largest = 0;
    for (int64_t i = 0; i < s.input_count; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    ck_assert_msg(largest > 0, "all gradients are zero: %s", n->text);
    /* Outputs are rounded to float: 2^-24 of values up to 4, weighted by r up to 2, over some ten outputs, times
     * 1.5/h = 192 gives 1e-4 of gradients of order 1. */
    const double tolerance = 2e-4 * largest;
    uint64_t random = 7;
    const int64_t tried = s.input_count < COORDINATES ? s.input_count : COORDINATES;
    for (int64_t k = 0; k < tried; k++) {
        const int64_t i = tried < COORDINATES ? k : (int64_t)(ops_random(&random) % (uint64_t)s.input_count);
        const double want = slope(&s, x, i, stencil(n), r, plus, minus);
        ck_assert_msg(fabs((double)gradient[i] - want) <= tolerance,
                      "ref: gradient[%lld] is %a, differences give %a; error %.3g, allowed %.3g: %s", (long long)i,
                      (double)gradient[i], want, fabs((double)gradient[i] - want), tolerance, n->text);
    }
    free(x), free(gradient), free(r), free(plus), free(minus);
    ops_close(&s);
    ops_net_free(n);
}
END_TEST

/* <A x - A 0, r> = <x, A^T r>: every weight of every element at once. */
START_TEST(adjoint)
{
    ops_net *n = ops_net_build(ops_cases[_i], OPS_INTEGER, 18);
    if (n->linear) {
        ops_session s = ops_open(&test_ref, 1, n->net, 2, n->text);
        float *x = ops_floats(s.input_count), *zero = ops_floats(s.input_count), *back = ops_floats(s.input_count);
        float *r = ops_floats(s.output_count), *y = ops_floats(s.output_count), *y0 = ops_floats(s.output_count);
        ops_fill(x, s.input_count, OPS_INTEGER, false, 8);
        ops_fill(r, s.output_count, OPS_INTEGER, false, 9);
        ops_forward(&s, zero, y0);
        ops_forward(&s, x, y);
        ops_backward(&s, PH_RELU_NORMAL, r, back);
        const double left = difference(r, y, y0, s.output_count);
        double right = 0, scale = 0;
        for (int64_t i = 0; i < s.input_count; i++) {
            right += (double)x[i] * (double)back[i];
            scale += fabs((double)x[i] * (double)back[i]);
        }
        ck_assert_msg(scale > 0, "nothing but zeros: %s", n->text);
        /* Whole numbers: exact. Averages and quotients: both sides are rounded to float, 2^-24 per term. */
        const double tolerance = n->exact ? 0 : 0x1p-22 * scale;
        ck_assert_msg(fabs(left - right) <= tolerance, "ref: <Ax, r> = %a, <x, A'r> = %a; error %.3g, allowed %.3g: %s",
                      left, right, fabs(left - right), tolerance, n->text);
        free(x), free(zero), free(back), free(r), free(y), free(y0);
        ops_close(&s);
    }
    ops_net_free(n);
}
END_TEST

/* Chains of smooth operators with several outputs and readers: sums over readers and paths, along random directions. */
static const char *const smooth_nets[] = {
    "x = input 1x4x6x6; a = conv x out=8 kernel=3x3 pad=1; s = sigmoid a; n = lrn s size=5 alpha=0.9 beta=0.75 bias=1;"
    "p = avgpool n kernel=2x2 stride=2; t = tanh x; q = avgpool t kernel=2x2 stride=2; c = concat p q q axis=1;"
    "d = deconv c out=3 kernel=2x2 stride=2; m = mul d d; e = softmax m axis=1; z = sub d e; want z s e",
    "x = input 1x5x8; k = dense x out=8; q = dense x out=8; t = transpose k perm=0,2,1; m = matmul q t;"
    "a = softmax m axis=2; o = matmul a x; y = add o x; want y a",
    "x = input 1x3x5x5; c = const 1x3x1x1; e = sigmoid c; a = affine x; s = sigmoid a; d = div x s; p = mul d e;"
    "l = slice p start=0,2,0,4 step=1,-1,2,-2 to=1x3x3x3; r = pad l begin=0,0,2,1 end=0,0,1,2 mode=reflect;"
    "y = tanh r; want y d",
};

/* sum r (y(x + step d) - y(x - step d)) */
static double symmetric(ops_session *s, const float *x, const float *d, double step, const float *r, float *buffers[3])
{
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < s->input_count; i++)
            buffers[2][i] = (float)((double)x[i] + (side ? -step : step) * (double)d[i]);
        ops_forward(s, buffers[2], buffers[side]);
    }
    return difference(r, buffers[0], buffers[1], s->output_count);
}

static void check_direction(ops_session *s, const float *x, const float *gradient, const float *r, uint64_t seed)
{
    const double h = 0x1p-6;
    float *d = ops_floats(s->input_count);
    float *buffers[3] = {ops_floats(s->output_count), ops_floats(s->output_count), ops_floats(s->input_count)};
    ops_fill(d, s->input_count, OPS_REAL, false, seed);
    const double want = (8 * symmetric(s, x, d, h, r, buffers) - symmetric(s, x, d, 2 * h, r, buffers)) / (12 * h);
    double got = 0, scale = 0;
    for (int64_t i = 0; i < s->input_count; i++) {
        got += (double)gradient[i] * (double)d[i];
        scale += fabs((double)gradient[i] * (double)d[i]);
    }
    /* Truncation h^4/30 = 2e-9 times the fifth derivative; rounding of some hundred outputs of order 1 to float:
     * 1e-6/h = 6e-5, against a scale of order 10. */
    ck_assert_msg(scale > 0 && fabs(got - want) <= 2e-5 * scale,
                  "ref: along direction %d: gradient gives %.9g, differences %.9g; error %.3g, allowed %.3g: %s",
                  (int)seed, got, want, fabs(got - want), 2e-5 * scale, s->text);
    free(d), free(buffers[0]), free(buffers[1]), free(buffers[2]);
}

START_TEST(smooth_net)
{
    ops_net *n = ops_net_build(smooth_nets[_i], OPS_REAL, 23);
    ops_session s = ops_open(&test_ref, 1, n->net, 1, n->text);
    float *x = ops_floats(s.input_count), *gradient = ops_floats(s.input_count);
    float *r = ops_floats(s.output_count), *y = ops_floats(s.output_count);
    ops_fill(x, s.input_count, OPS_REAL, false, 10);
    ops_fill(r, s.output_count, OPS_REAL, false, 11);
    ops_forward(&s, x, y);
    ops_backward(&s, PH_RELU_NORMAL, r, gradient);
    for (uint64_t seed = 30; seed < 38; seed++)
        check_direction(&s, x, gradient, r, seed);
    free(x), free(gradient), free(r), free(y);
    ops_close(&s);
    ops_net_free(n);
}
END_TEST

/* A forward-only engine refuses backward; impossible batches and operators are refused with their names. */
START_TEST(refusals)
{
    ops_net *n = ops_net_build("x = input 1x3x4x4; y = conv x out=4 relu", OPS_REAL, 1);
    ph_device *device = NULL;
    ph_engine *engine = NULL;
    int64_t bytes[2] = {0, 0};
    ph_error err = {0};
    ck_assert_int_eq(ph_backend_ref.open(NULL, &device, &err), PH_OK);
    ck_assert_int_eq(ph_backend_ref.engine_new(device, n->net, 0, true, &engine, &err), PH_MISUSE);
    ck_assert_ptr_null(engine);
    ck_assert_int_eq(ph_backend_ref.engine_bytes(device, n->net, 1, false, &bytes[0], &err), PH_OK);
    ck_assert_int_eq(ph_backend_ref.engine_bytes(device, n->net, 1, true, &bytes[1], &err), PH_OK);
    ck_assert_int_lt(bytes[0], bytes[1]);
    ck_assert_int_eq(ph_backend_ref.engine_new(device, n->net, 1, false, &engine, &err), PH_OK);
    ck_assert_ptr_null(ph_backend_ref.engine_input_gradient(engine));
    ck_assert_int_eq(ph_backend_ref.forward(engine, &err), PH_OK);
    ck_assert_int_eq(ph_backend_ref.backward(engine, PH_RELU_NORMAL, &err), PH_MISUSE);
    ph_backend_ref.engine_free(engine);
    n->net->ops[0].kind = PH_OP_COUNT;
    ck_assert_int_eq(ph_backend_ref.engine_new(device, n->net, 1, true, &engine, &err), PH_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(err.message, "'y'"));
    ck_assert_ptr_nonnull(strstr(err.message, "ref"));
    ck_assert_int_gt(ph_backend_ref.memory_available(device), 0);
    ph_backend_ref.close(device);
    ph_backend_ref.close(NULL);
    ph_backend_ref.engine_free(NULL);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref");
    TCase *ops = tcase_create("operators");
    tcase_set_timeout(ops, 60);
    tcase_add_loop_test(ops, differences, 0, ops_case_count);
    tcase_add_loop_test(ops, adjoint, 0, ops_case_count);
    tcase_add_loop_test(ops, smooth_net, 0, (int)(sizeof smooth_nets / sizeof *smooth_nets));
    tcase_add_test(ops, refusals);
    suite_add_tcase(suite, ops);
    return ops_run_suite(suite);
}
