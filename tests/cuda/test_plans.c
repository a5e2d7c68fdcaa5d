/* Every convolution of every network at hand, planned for seven generations of cards that need not be there, in every
 * precision: the rule of convolution.h finds an engine, it is what the rule says, and the same for any number of
 * pictures; the workspace stays small; sums behind convolutions are theirs. Prints what was chosen, so that a change of
 * cuDNN can be compared. */
#include "host/model/lower.h"
#include "kernels/cuda/graph_description.h"
#include "kernels/cuda/plan.h"
#include "tests/cuda/cards.h"
#include "tests/ops/build_net.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURES = 32, MOST_NETWORKS = 64, MOST_NOTES = 16 };

static const ph_precision precisions[] = {PH_PRECISION_FP32, PH_PRECISION_TF32, PH_PRECISION_FP16, PH_PRECISION_BF16};
static const char *const precision_names[] = {"fp32", "tf32", "fp16", "bf16"};
enum { PRECISIONS = sizeof precisions / sizeof *precisions };

static ph_graph *graphs[MOST_NETWORKS];
static ph_net *networks[MOST_NETWORKS];
static int network_count;

/* Blocks of residual networks in the sizes that they have at 224 pixels: ResNet-50, ResNet-34, MobileNetV2. */
static const char *const blocks[] = {
    "x = input 1x64x56x56; a = conv x out=64 relu; b = conv a out=64 kernel=3x3 pad=1 relu; c = conv b out=256;"
    "p = conv x out=256; s = add c p; r = relu s; d = conv r out=64 relu; e = conv d out=64 kernel=3x3 pad=1 relu;"
    "f = conv e out=256; t = add f r; y = relu t",
    "x = input 1x512x28x28; a = conv x out=256 relu; b = conv a out=256 kernel=3x3 pad=1 stride=2 relu;"
    "c = conv b out=1024; p = conv x out=1024 stride=2; s = add c p; y = relu s",
    "x = input 1x512x7x7; a = conv x out=2048; z = conv x out=2048; s = add a z; y = relu s",
    "x = input 1x64x56x56; a = conv x out=128 kernel=3x3 pad=1 stride=2 relu; b = conv a out=128 kernel=3x3 pad=1;"
    "p = conv x out=128 stride=2; s = add b p; r = relu s; c = conv r out=128 kernel=3x3 pad=1 relu;"
    "d = conv c out=128 kernel=3x3 pad=1; t = add d r; y = relu t",
    "x = input 1x24x56x56; a = conv x out=144; b = clip a a=0 b=6; c = conv b out=144 kernel=3x3 pad=1 group=144;"
    "d = clip c a=0 b=6; e = conv d out=24; y = add x e",
    "x = input 1x160x7x7; a = conv x out=960; b = clip a a=0 b=6; c = conv b out=160; y = add x c",
};
enum { BLOCKS = sizeof blocks / sizeof *blocks };

/* A network that cannot be read or lowered says nothing about plans. */
static void add_network(const char *path)
{
    ph_shape shape;
    bool channels_last;
    ph_graph *graph = NULL;
    ph_net *net = NULL;
    if (network_count < MOST_NETWORKS && ph_graph_read(path, &graph, NULL) == PH_OK &&
        ph_picture_shape(graph, 0, 0, &shape, &channels_last, NULL) == PH_OK) {
        const ph_lower_options options = {
            .input = shape, .wanted = graph->outputs, .wanted_count = 1, .simplify = true};
        if (ph_lower(graph, &options, &net, NULL) == PH_OK) {
            graphs[network_count] = graph;
            networks[network_count++] = net;
            return;
        }
    }
    ph_graph_free(&graph);
}

static void walk(const char *folder, int depth)
{
    struct dirent **entries = NULL;
    const int count = depth < 4 ? scandir(folder, &entries, NULL, alphasort) : 0;
    for (int i = 0; i < count; i++) {
        char path[1024];
        const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
        const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
        if (length >= (int)sizeof path)
            ck_abort_msg("a path is too long: %s", name);
        else if (dot && strcmp(dot, ".onnx") == 0)
            add_network(path);
        else if (name[0] != '.' && strncmp(name, "malformed", 9) != 0)
            walk(path, depth + 1);
        free(entries[i]);
    }
    free(entries);
}

/* ---- What an engine says of itself, asked apart from the rule ------------------------------------------------------
 */

static void check_notes(ph_device *device, const ph_conv_choice *choice, const char *what)
{
    ph_description d = {.count = 0};
    cudnnBackendDescriptor_t engine = NULL, graph = ph_describe_convolution(&d, &choice->shape, device->type, PICTURES);
    engine = ph_describe(&d, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    ph_describe_link(&d, engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph);
    ph_describe_set(&d, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &choice->engine);
    ph_describe_link(&d, engine, CUDNN_ATTR_ENGINE_DEVICEPROP, device->properties);
    ph_describe_end(&d, engine);
    cudnnBackendNumericalNote_t numerical[MOST_NOTES];
    cudnnBackendBehaviorNote_t behaviour[MOST_NOTES];
    int64_t counts[2] = {-1, -1};
    ck_assert_int_eq(d.status, CUDNN_STATUS_SUCCESS);
    ck_assert_int_eq(cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                              MOST_NOTES, &counts[0], numerical),
                     CUDNN_STATUS_SUCCESS);
    ck_assert_int_eq(cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE,
                                              MOST_NOTES, &counts[1], behaviour),
                     CUDNN_STATUS_SUCCESS);
    for (int64_t i = 0; i < counts[0]; i++) {
        ck_assert_msg(numerical[i] != CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, "%s: not deterministic", what);
        ck_assert_msg(numerical[i] != CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION, "%s: sums in half", what);
        ck_assert_msg(device->precision != PH_PRECISION_FP32 || numerical[i] != CUDNN_NUMERICAL_NOTE_TENSOR_CORE,
                      "%s: tensor cores in strict float32", what);
    }
    for (int64_t i = 0; i < counts[1]; i++) {
        ck_assert_msg(behaviour[i] != CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION, "%s: compiled at run time", what);
        ck_assert_msg(behaviour[i] != CUDNN_BEHAVIOR_NOTE_CUBLASLT_DEPENDENCY, "%s: cuBLASLt chooses by size", what);
    }
    ph_description_free(&d);
}

/* ---- The plans -----------------------------------------------------------------------------------------------------
 */

typedef struct tally {
    int shapes, generic; /* engine 0: does everything, slowly */
    int64_t workspace;   /* the largest, for PICTURES pictures */
} tally;

static void describe(const ph_conv_shape *s, char *text, size_t size)
{
    static const char *const tasks[] = {"forward",       "forward+relu", "residual",
                                        "residual+relu", "backward",     "backward+add"};
    snprintf(text, size, "%s %lldx%lldx%lld -> %lldx%lldx%lld, kernel %lldx%lld", tasks[s->task],
             (long long)s->channels, (long long)s->height, (long long)s->width, (long long)s->out_channels,
             (long long)s->out_height, (long long)s->out_width, (long long)s->kernel[0], (long long)s->kernel[1]);
}

static int64_t tensor_bytes(const ph_conv_shape *s, ph_cuda_type type, int64_t pictures)
{
    return pictures * (int64_t)ph_cuda_type_size(type) *
           (s->channels * s->height * s->width + s->out_channels * s->out_height * s->out_width);
}

/* Workspace that some numbers of pictures need and others do not holds sums split between blocks, in an order that
 * depends on that number. Copies of tensors, which are harmless, grow with it. */
static void check_regular(ph_device *device, const ph_conv_choice *choice, const char *what)
{
    static const int64_t numbers[] = {1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256};
    const int64_t little = 1024;
    int much = 0;
    for (int i = 0; i < 12; i++) {
        ph_conv *conv = NULL;
        ck_assert_int_eq(ph_conv_build(device, choice, numbers[i], &conv, NULL), PH_OK);
        much += ph_conv_workspace(conv) > little;
        ck_assert_msg(much == 0 || much == i + 1, "%s: engine %s takes workspace for some numbers of pictures only",
                      what, ph_conv_engine(conv));
        ph_conv_free(conv);
    }
}

static void check_choice(ph_device *device, const ph_conv_choice *choice, tally *t)
{
    static const int64_t numbers[] = {1, 3, 32, 256};
    char what[256], engine[256] = "";
    describe(&choice->shape, what, sizeof what);
    check_notes(device, choice, what);
    check_regular(device, choice, what);
    for (int i = 0; i < 4; i++) {
        ph_conv *conv = NULL;
        ph_error err = {0};
        ck_assert_msg(ph_conv_new(device, &choice->shape, numbers[i], &conv, &err) == PH_OK,
                      "%s, sm_%d, %lld pictures: %s", what, device->compute, (long long)numbers[i], err.message);
        ck_assert_msg(i == 0 || strcmp(engine, ph_conv_engine(conv)) == 0, "%s: %s, but %s for %lld pictures", what,
                      engine, ph_conv_engine(conv), (long long)numbers[i]);
        snprintf(engine, sizeof engine, "%s", ph_conv_engine(conv));
        const int64_t workspace = ph_conv_workspace(conv);
        ck_assert_msg(workspace <= (64 << 20) + 2 * tensor_bytes(&choice->shape, device->type, numbers[i]),
                      "%s: %lld bytes of workspace", what, (long long)workspace);
        if (numbers[i] == PICTURES && workspace > t->workspace)
            t->workspace = workspace;
        ph_conv_free(conv);
    }
    t->shapes++;
    t->generic += choice->engine == 0;
    if (choice->engine == 0)
        printf("    engine 0: %s\n", what);
}

/* cuDNN has other than its slow engine 0 for all but few of these; more would mean that the rule throws too much away.
 */
static int most_generic(ph_precision precision, int shapes)
{
    return precision == PH_PRECISION_FP32 ? shapes / 5 : shapes / 20;
}

/* Sums of two tensors of one shape, one of which a convolution makes for that sum alone. */
static int sums_behind_convolutions(const ph_net *net)
{
    int sums = 0;
    for (int i = 0; i < net->op_count; i++) {
        const ph_op *op = &net->ops[i];
        bool behind = false, alike = op->kind == PH_OP_BINARY && op->p.binary == PH_BINARY_ADD;
        for (int k = 0; alike && k < 2; k++) {
            const ph_tensor *in = &net->tensors[op->in[k]];
            const ph_op *by = in->producer < 0 ? NULL : &net->ops[in->producer];
            int readers = in->wanted;
            for (int j = 0; j < net->op_count; j++)
                for (int m = 0; m < net->ops[j].in_count; m++)
                    readers += net->ops[j].in[m] == op->in[k];
            alike = !in->constant && ph_shape_equal(&in->shape, &net->tensors[op->out].shape);
            behind |= by && by->kind == PH_OP_CONV && !by->p.conv.relu && by->p.conv.groups == 1 && readers == 1;
        }
        sums += alike && behind;
    }
    return sums;
}

typedef struct count {
    int convolutions, grouped, sums;
} count;

static void plan_network(ph_device *device, const ph_net *net, const char *what, count *c)
{
    ph_cuda_plan *plan = NULL;
    ph_error err = {0};
    int sums = 0;
    ck_assert_msg(ph_cuda_plan_new(device, net, PICTURES, true, &plan, &err) == PH_OK, "%s: %s", what, err.message);
    ck_assert_int_gt(plan->bytes, 0);
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        const bool convolution = node->kernel == &ph_cuda_node_conv || node->kernel == &ph_cuda_node_deconv;
        c->convolutions += convolution;
        c->grouped += convolution && node->op->p.conv.groups > 1;
        sums += convolution && node->in_count == 2;
    }
    ck_assert_msg(sums == sums_behind_convolutions(net), "sm_%d: %s: %d of %d sums are done by convolutions",
                  device->compute, what, sums, sums_behind_convolutions(net));
    c->sums += sums;
    ph_cuda_plan_free(plan);
}

START_TEST(plans)
{
    const cuda_card *card = &cuda_cards[_i / PRECISIONS];
    const ph_precision precision = precisions[_i % PRECISIONS];
    if (precision == PH_PRECISION_BF16 && card->compute < 80) {
        printf("sm_%d bf16: the card has no such arithmetic\n", card->compute);
        return;
    }
    ph_device *device = cuda_card_open(card, precision);
    count c = {0};
    for (int n = 0; n < network_count; n++) {
        char what[32];
        snprintf(what, sizeof what, "network %d", n);
        plan_network(device, networks[n], what, &c);
    }
    for (int n = 0; n < BLOCKS; n++) {
        ops_net *block = ops_net_build(blocks[n], OPS_REAL, 1);
        plan_network(device, block->net, blocks[n], &c);
        ops_net_free(block);
    }
    tally t = {0};
    const size_t choices = device->choice_count;
    for (size_t i = 0; i < choices; i++) {
        const ph_conv_choice choice = device->choices[i];
        check_choice(device, &choice, &t);
    }
    printf(
        "sm_%d %s: %d networks, %d convolutions (%d grouped, %d with a sum), %d plans, %d of them engine 0, workspace "
        "up to %.1f MB\n",
        card->compute, precision_names[_i % PRECISIONS], network_count + BLOCKS, c.convolutions, c.grouped, c.sums,
        t.shapes, t.generic, (double)t.workspace * 1e-6);
    ck_assert_int_ge(c.sums, 8);
    ck_assert_int_gt(t.shapes, 0);
    ck_assert_msg(t.generic <= most_generic(precision, t.shapes), "%d of %d plans are engine 0", t.generic, t.shapes);
    cuda_card_close(device);
}
END_TEST

int main(void)
{
    walk("tests/golden", 3);
    walk("../shared/models", 0);
    if (network_count == 1)
        printf("SKIP: ../shared/models is not there: only one network is planned\n");
    Suite *suite = suite_create("plans");
    TCase *tcase = tcase_create("cards");
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, plans, 0, CUDA_CARDS * PRECISIONS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (int i = 0; i < network_count; i++) {
        ph_net_free(&networks[i]);
        ph_graph_free(&graphs[i]);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
