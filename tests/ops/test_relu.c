/* The two ways through a ReLU, against values worked out by hand from the rules in host/engine/backend.h. */
#include "build_net.h"
#include "run_net.h"

#include <stdio.h>

enum { VALUES = 4, BATCH = 2 };

/* Two pictures of one channel and four pixels; the second one shows that the choice is made per picture. */
typedef struct relu_case {
    const char *text;
    ph_relu_mode mode;
    float x[BATCH * VALUES], dy[BATCH * VALUES];
    float y[BATCH * VALUES], dx[BATCH * VALUES];
} relu_case;

#define RELU "x = input 1x1x1x4; y = relu x"
#define FUSED "x = input 1x1x1x4; y = conv x out=1 nobias relu" /* the weight is set to 1 below */
#define CHAIN "x = input 1x1x1x4; a = conv x out=1 nobias; y = relu a"
#define RESIDUAL "x = input 1x1x1x4; a = conv x out=1 nobias; s = add a x; y = relu s"
#define CLIP "x = input 1x1x1x4; y = clip x a=0 b=6"

/* clang-format off */
static const relu_case cases[] = {
#define BOTH_MODES(TEXT)                                                                                               \
    {TEXT, PH_RELU_NORMAL, {-1, 2, -3, 0, 5, -5, 1, 0}, {1, 0, -1, 2, 3, 4, -2, 1},                                    \
     {0, 2, 0, 0, 5, 0, 1, 0}, {0, 0, 0, 0, 3, 0, -2, 0}},                                                             \
    /* First picture: nothing passes the ReLU, so what rises passes; second: it is alive. */                           \
    {TEXT, PH_RELU_REDIRECTED, {-1, 2, -3, 0, 5, -5, 1, 0}, {1, 0, -1, 2, 3, 4, -2, 1},                                \
     {0, 2, 0, 0, 5, 0, 1, 0}, {1, 0, 0, 2, 3, 0, -2, 0}},                                                             \
    /* The other way round, and a live pixel that falls keeps a picture alive. */                                      \
    {TEXT, PH_RELU_REDIRECTED, {3, -1, -1, -1, -1, -2, -3, -4}, {-1, 1, 1, 1, -1, 1, -2, 3},                           \
     {3, 0, 0, 0, 0, 0, 0, 0}, {-1, 0, 0, 0, 0, 1, 0, 3}}
    BOTH_MODES(RELU),
    BOTH_MODES(FUSED),
    BOTH_MODES(CHAIN),
    /* Behind a convolution that adds the picture to itself: both summands have the gradient of the sum. */
    {RESIDUAL, PH_RELU_NORMAL, {-1, 2, -3, 0, 5, -5, 1, 0}, {1, 0, -1, 2, 3, 4, -2, 1},
     {0, 4, 0, 0, 10, 0, 2, 0}, {0, 0, 0, 0, 6, 0, -4, 0}},
    {RESIDUAL, PH_RELU_REDIRECTED, {-1, 2, -3, 0, 5, -5, 1, 0}, {1, 0, -1, 2, 3, 4, -2, 1},
     {0, 4, 0, 0, 10, 0, 2, 0}, {2, 0, 0, 4, 6, 0, -4, 0}},
    /* ReLU6: dead below and above; above, what rises further is stopped and what falls passes. */
    {CLIP, PH_RELU_NORMAL, {-1, 7, 3, 8, 1, 9, -2, 5}, {-1, 2, 0, -3, 4, 5, 6, -7},
     {0, 6, 3, 6, 1, 6, 0, 5}, {0, 0, 0, 0, 4, 0, 0, -7}},
    {CLIP, PH_RELU_REDIRECTED, {-1, 7, 3, 8, 1, 9, -2, 5}, {-1, 2, 0, -3, 4, 5, 6, -7},
     {0, 6, 3, 6, 1, 6, 0, 5}, {0, 0, 0, -3, 4, 0, 0, -7}},
    {CLIP, PH_RELU_REDIRECTED, {-1, -2, 7, 8, 9, 7, -1, -2}, {2, -1, 1, -1, 1, 2, -1, 3},
     {0, 0, 6, 6, 6, 6, 0, 0}, {2, 0, 0, -1, 0, 0, 0, 3}},
    /* Only rectifiers are redirected. */
    {"x = input 1x1x1x4; y = clip x a=-1 b=6", PH_RELU_REDIRECTED,
     {-2, -3, -4, 7, 8, 9, 0, -2}, {1, 1, 1, -1, 1, 2, 3, 4},
     {-1, -1, -1, 6, 6, 6, 0, -1}, {0, 0, 0, 0, 0, 0, 3, 0}},
    {"x = input 1x1x1x4; y = leaky x a=0.5", PH_RELU_REDIRECTED,
     {-2, -4, -6, -8, 2, 4, -2, 8}, {2, -2, 4, 0, 1, 1, 2, -1},
     {-1, -2, -3, -4, 2, 4, -1, 8}, {1, -1, 2, 0, 1, 1, 1, -1}},
    /* Two ReLUs in a row (x, then 8 - relu(x)): each decides for itself. Picture 1: the second is dead and redirected;
     * its gradient -dy then meets a living first. Picture 2: both alive. */
    {"x = input 1x1x1x4; a = relu x; c = const scalar; b = sub c a; y = relu b", PH_RELU_REDIRECTED,
     {9, 10, -1, 12, 1, 2, 3, -1}, {1, -1, 0, 2, 1, 2, -3, 5}, {0, 0, 8, 0, 7, 6, 5, 8}, {-1, 0, 0, -2, -1, -2, 3, 0}},
};
/* clang-format on */
enum { CASES = sizeof cases / sizeof *cases };

static void set_parameters(ops_net *n, const float *weight, const float *eight)
{
    for (int i = 0; i < n->net->op_count; i++)
        if (n->net->ops[i].kind == PH_OP_CONV)
            n->net->ops[i].p.conv.weight = weight;
    for (int t = 0; t < n->net->tensor_count; t++)
        if (n->net->tensors[t].constant)
            n->net->tensors[t].constant = eight;
}

START_TEST(by_hand)
{
    static const float one = 1, eight = 8;
    const relu_case *c = &cases[_i % CASES];
    ops_net *n = ops_net_build(c->text, OPS_INTEGER, 1);
    set_parameters(n, &one, &eight);
    ops_session s = ops_open(test_setup_of(TEST_ALL, _i, CASES), 0, n->net, BATCH, c->text);
    float y[BATCH * VALUES], dx[BATCH * VALUES];
    ck_assert_int_eq(s.input_count, BATCH * VALUES);
    ck_assert_int_eq(s.output_count, BATCH * VALUES);
    ops_forward(&s, c->x, y);
    ops_backward(&s, c->mode, c->dy, dx);
    const char *mode = c->mode == PH_RELU_NORMAL ? "normal" : "redirected";
    char what[64];
    snprintf(what, sizeof what, "case %d, %s, output", _i % CASES, mode);
    ops_expect(&s, what, y, c->y, s.output_count, 0);
    snprintf(what, sizeof what, "case %d, %s, gradient", _i % CASES, mode);
    ops_expect(&s, what, dx, c->dx, s.input_count, 0);
    ops_close(&s);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("relu");
    TCase *modes = tcase_create("modes");
    tcase_set_timeout(modes, 60);
    test_backends_add(modes, by_hand, TEST_ALL, CASES);
    suite_add_tcase(suite, modes);
    return test_backends_run(suite);
}
