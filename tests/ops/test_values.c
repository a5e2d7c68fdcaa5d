/* What every operator computes, on every backend, against values worked out by hand from host/engine/net.h: the
 * definitions themselves (order of weights, who counts in an average, which way a kernel lies), which no comparison of
 * gradients with differences can see. Weights and constants are 1, 2, 3 …, biases and shifts 10, 20, 30 …. */
#include "build_net.h"
#include "run_net.h"

#include <math.h>

enum { MOST = 16 };

typedef struct value_case {
    const char *text;
    float x[MOST]; /* all zero: 1, 2, 3 … */
    float y[MOST];
} value_case;

/* clang-format off */
static const value_case cases[] = {
    {"x = input 1x2x2x2; y = conv x out=2 group=2", {0}, {11, 12, 13, 14, 30, 32, 34, 36}},
    {"x = input 1x2x1x1; y = conv x out=3", {0}, {15, 31, 47}},
    {"x = input 1x1x2x3; y = conv x out=1 kernel=1x2 dil=1x2 pad=0,1,0,2", {0}, {14, 17, 12, 13, 20, 26, 15, 16}},
    {"x = input 1x1x3x1; y = conv x out=1 kernel=2x1 stride=2x1 pad=1,0,0,0", {0}, {12, 18}},
    {"x = input 1x1x2x2; y = conv x out=1 kernel=2x2 pad=0,0,1,1", {0}, {40, 24, 21, 14}},
    {"x = input 1x1x1x2; y = conv x out=2 relu", {-11, 1}, {0, 11, 0, 22}},
    {"x = input 1x1x1x2; y = deconv x out=1 kernel=1x3 stride=1x2 pad=0,1,0,0 outpad=0x1", {0}, {12, 15, 14, 16, 10}},
    {"x = input 1x2x1x1; y = deconv x out=3", {0}, {19, 32, 45}},
    {"x = input 1x2x1x1; y = deconv x out=4 group=2", {0}, {11, 22, 36, 48}},
    {"x = input 1x1x2x1; y = deconv x out=1 kernel=2x1 dil=2 stride=1", {0}, {11, 12, 12, 14}},
    {"x = input 1x2; y = dense x out=2", {0}, {15, 31}},
    {"x = input 1x2; c = const 2x2x1; y = matmul x c", {0}, {5, 11}},
    {"x = input 2; c = const 2x2; y = matmul c x", {0}, {5, 11}},
    {"x = input 1x2; c = const 2x2; y = matmul x c", {0}, {7, 10}},
    {"x = input 1x1x2x2; y = maxpool x kernel=2x2 stride=2 pad=1", {-4, -3, -2, -1}, {-4, -3, -2, -1}},
    {"x = input 1x1x1x5; y = maxpool x kernel=1x2 dil=1x2", {5, 1, 2, 9, 3}, {5, 9, 3}},
    {"x = input 1x1x1x5; y = maxpool x kernel=1x2 stride=1x2 ceil", {-5, -1, -2, -9, -3}, {-1, -2, -3}},
    {"x = input 1x1x2x2; y = avgpool x kernel=2x2 stride=2 pad=1", {0}, {1, 2, 3, 4}},
    {"x = input 1x1x2x2; y = avgpool x kernel=2x2 stride=2 pad=1 include_pad", {0}, {0.25F, 0.5F, 0.75F, 1}},
    {"x = input 1x1x1x3; y = avgpool x kernel=1x2 stride=1x2 ceil include_pad", {0}, {1.5F, 3}},
    {"x = input 1x1x1x3; y = avgpool x kernel=1x3 stride=1x2 pad=0,0,0,1 ceil include_pad", {0}, {2, 1.5F}},
    {"x = input 1x1x1x3; y = avgpool x kernel=1x3 stride=1x2 pad=0,0,0,1 ceil", {0}, {2, 3}},
    {"x = input 1x3x1x1; y = lrn x size=2 alpha=2 beta=1 bias=1", {0}, {1.0F / 6, 1.0F / 7, 0.3F}},
    {"x = input 1x3x1x1; y = lrn x size=3 alpha=3 beta=0.5 bias=4", {0}, {1.0F / 3, 0.47140452F, 0.72760688F}},
    {"x = input 1x3x1x1; y = lrn x size=5 alpha=5 beta=0.75 bias=2", {0}, {0.125F, 0.25F, 0.375F}},
    {"x = input 1x2x1x2; y = affine x", {0}, {11, 12, 26, 28}},
    {"x = input 2x2; y = softmax x axis=0", {7, 1000, 7, 1000}, {0.5F, 0.5F, 0.5F, 0.5F}},
    {"x = input 1x3; y = softmax x axis=1", {0, 0.69314718F, 1.60943791F}, {0.125F, 0.25F, 0.625F}},
    {"x = input 4; y = relu x", {-1, 0, 2, -3}, {0, 0, 2, 0}},
    {"x = input 4; y = leaky x a=0.5", {-1, 0, 2, -3}, {-0.5F, 0, 2, -1.5F}},
    {"x = input 1x2x1x2; y = prelu x", {-1, 2, -3, 4}, {-1, 2, -6, 4}},
    {"x = input 4; y = clip x a=-1 b=2", {-3, -0.5F, 1, 5}, {-1, -0.5F, 1, 2}},
    {"x = input 3; y = elu x a=2", {-0.69314718F, 1.5F, -1.38629436F}, {-1, 1.5F, -1.5F}},
    {"x = input 3; y = sigmoid x", {0, 1.09861229F, -100}, {0.5F, 0.75F, 0}},
    {"x = input 3; y = tanh x", {0, 0.54930614F, -50}, {0, 0.5F, -1}},
    {"x = input 4; y = hardsigmoid x a=0.25 b=0.5", {-3, -1, 1, 3}, {0, 0.25F, 0.75F, 1}},
    {"x = input 4; y = hardswish x", {-4, -1, 1, 4}, {0, -1.0F / 3, 2.0F / 3, 4}},
    {"x = input 2x1; c = const 1x3; y = add x c", {0}, {2, 3, 4, 3, 4, 5}},
    {"x = input 2x1; c = const 1x3; y = sub c x", {0}, {0, 1, 2, -1, 0, 1}},
    {"x = input 2x1; c = const 3; y = mul x c", {0}, {1, 2, 3, 2, 4, 6}},
    {"x = input 2x1; c = const 1x3; y = div c x", {0}, {1, 2, 3, 0.5F, 1, 1.5F}},
    {"x = input 1x2x1; c = const 1x2x2; y = concat x c axis=2", {0}, {1, 1, 2, 2, 3, 4}},
    {"x = input 1x2x1x1; c = const 1x1x1x1; y = concat c x axis=1", {0}, {1, 1, 2}},
    {"x = input 2x3; y = reshape x to=1x3x2", {0}, {1, 2, 3, 4, 5, 6}},
    {"x = input 1x2x3; y = transpose x perm=2,0,1", {0}, {1, 4, 2, 5, 3, 6}},
    {"x = input 1x3; y = pad x begin=0,-1 end=0,2 value=9", {0}, {2, 3, 9, 9}},
    {"x = input 1x3; y = pad x begin=1,0 end=0,1 value=-1", {0}, {-1, -1, -1, -1, 1, 2, 3, -1}},
    {"x = input 3; y = pad x begin=2 end=3 mode=reflect", {0}, {3, 2, 1, 2, 3, 2, 1, 2}},
    {"x = input 3; y = pad x begin=2 end=1 mode=edge", {0}, {1, 1, 1, 2, 3, 3}},
    {"x = input 5; y = slice x start=4 step=-2 to=3", {0}, {5, 3, 1}},
    {"x = input 2x3; y = slice x start=1,0 step=-1,2 to=2x2", {0}, {4, 6, 1, 3}},
};
/* clang-format on */
enum { CASES = sizeof cases / sizeof *cases };

/* The test nets own their weights and constants: written over in place. */
static void ramp(const float *where, int64_t count, float step)
{
    float *writable = (float *)where;
    for (int64_t i = 0; where && i < count; i++)
        writable[i] = step * (float)(i + 1);
}

static void set_ramps(const ph_net *net)
{
    for (int t = 0; t < net->tensor_count; t++)
        ramp(net->tensors[t].constant, ph_shape_count(&net->tensors[t].shape), 1);
    for (int i = 0; i < net->op_count; i++) {
        const ph_op *op = &net->ops[i];
        const ph_shape *in = &net->tensors[op->in[0]].shape;
        const int64_t channels = in->rank > 1 ? in->dim[1] : 1;
        if (op->kind == PH_OP_CONV || op->kind == PH_OP_DECONV) {
            const ph_conv_params *p = &op->p.conv;
            ramp(p->weight, channels / p->groups * p->out_channels * p->kernel[0] * p->kernel[1], 1);
            ramp(p->bias, p->out_channels, 10);
        } else if (op->kind == PH_OP_DENSE) {
            ramp(op->p.dense.weight, op->p.dense.in_features * op->p.dense.out_features, 1);
            ramp(op->p.dense.bias, op->p.dense.out_features, 10);
        } else if (op->kind == PH_OP_AFFINE) {
            ramp(op->p.affine.scale, channels, 1);
            ramp(op->p.affine.shift, channels, 10);
        } else if (op->kind == PH_OP_ACT) {
            ramp(op->p.act.slope, channels, 1);
        }
    }
}

static bool all_zero(const float *x)
{
    for (int i = 0; i < MOST; i++)
        if (x[i] != 0)
            return false;
    return true;
}

START_TEST(by_hand)
{
    const value_case *c = &cases[_i % CASES];
    ops_net *n = ops_net_build(c->text, OPS_REAL, 1);
    set_ramps(n->net);
    ops_session s = ops_open(test_setup_of(TEST_ALL, _i, CASES), 0, n->net, 1, c->text);
    float x[MOST], y[MOST];
    ck_assert_int_le(s.input_count, MOST);
    ck_assert_int_le(s.output_count, MOST);
    for (int i = 0; i < MOST; i++)
        x[i] = all_zero(c->x) ? (float)(i + 1) : c->x[i];
    ops_forward(&s, x, y);
    /* The values above are written to eight digits; powers and exponentials in float are good to a few 2^-24. */
    ops_expect(&s, "output", y, c->y, s.output_count, 5e-7);
    ops_close(&s);
    ops_net_free(n);
}
END_TEST

/* Not-a-number must come through a maximum: a network that has gone wrong must not look right again. */
START_TEST(not_a_number)
{
    for (int where = 0; where < 4; where++) {
        ops_net *n = ops_net_build("x = input 1x1x2x2; y = maxpool x kernel=2x2", OPS_REAL, 1);
        ops_session s = ops_open(test_setup_of(TEST_ALL, _i, 1), 0, n->net, 1, n->text);
        float x[4] = {1, 4, 3, 2}, y[1] = {0};
        x[where] = NAN;
        ops_forward(&s, x, y);
        ck_assert_msg(isnan(y[0]), "%s: the maximum of three numbers and a NaN at %d is %a", s.backend->name, where,
                      (double)y[0]);
        ops_close(&s);
        ops_net_free(n);
    }
}
END_TEST

/* The picture itself wanted, and a tensor wanted twice: it takes the sum of what is fed into both. */
START_TEST(outputs)
{
    ops_net *n = ops_net_build("x = input 1x3; c = const 1x3; y = mul x c; want y x y", OPS_REAL, 1);
    set_ramps(n->net);
    ops_session s = ops_open(test_setup_of(TEST_ALL, _i, 1), 0, n->net, 1, n->text);
    const float x[3] = {5, -6, 7}, dy[9] = {1, 2, 3, 10, 20, 30, 100, 200, 300};
    const float want_y[9] = {5, -12, 21, 5, -6, 7, 5, -12, 21}, want_dx[3] = {111, 424, 939};
    float y[9], dx[3];
    ops_forward(&s, x, y);
    ops_backward(&s, PH_RELU_NORMAL, dy, dx);
    ops_expect(&s, "output", y, want_y, 9, 0);
    ops_expect(&s, "input gradient", dx, want_dx, 3, 0);
    ops_close(&s);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("values");
    TCase *all = tcase_create("definitions");
    tcase_set_timeout(all, 60);
    test_backends_add(all, by_hand, TEST_ALL, CASES);
    test_backends_add(all, not_a_number, TEST_ALL, 1);
    test_backends_add(all, outputs, TEST_ALL, 1);
    suite_add_tcase(suite, all);
    return test_backends_run(suite);
}
