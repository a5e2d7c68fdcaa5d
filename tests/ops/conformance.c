/* Replays recorded cases through the whole reader: the ONNX backend tests that libonnx-testdata installs, and real
 * networks beside the source tree. One line per case; fails on any wrong result, and when suspiciously few were right.
 *
 *     test-conformance [FOLDER…]     default: both of the above */
#include "replay.h"
#include "tests/base/backends.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NODE_TESTS "/usr/share/libonnx-testdata/data"
#define NETWORKS "../shared/models"

/* Node tests were made by NumPy, PyTorch's by PyTorch, both in float32, over sums of at most some thousand terms: a few
 * units of 2^-24 each. Networks by onnxruntime in float32, through up to 60 layers; the outputs of the one in float16
 * are Microsoft's, from which float32 arithmetic differs by 1.2e-4 (DATA.md there). */
static const double node_tolerance = 2e-6, network_tolerance = 2e-5, half_tolerance = 3e-4;

/* Fewer passes than this mean that the replay itself is broken. */
enum { MIN_NODE_PASSES = 200, MIN_NETWORK_PASSES = 20 };

static const char *const node_operators[] = {
    "Conv",
    "ConvTranspose",
    "Gemm",
    "MatMul",
    "BatchNormalization",
    "LRN",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Relu",
    "LeakyRelu",
    "PRelu",
    "Clip",
    "Elu",
    "Sigmoid",
    "Tanh",
    "HardSigmoid",
    "HardSwish",
    "Softmax",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Concat",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "Pad",
    "Dropout",
    "Identity",
    "Constant",
    "SpaceToDepth",
    "DepthToSpace",
    "Slice",
    NULL,
};

typedef struct tally {
    const ph_backend *backend;
    ph_device *device;
    const char *root;
    bool networks; /* all operators, the other tolerance */
    int passed, failed, unsupported;
} tally;

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* Simplified and not: both must be right; what is said is said of the worse. */
static void replay(tally *t, const char *model, const char *data_set)
{
    const double single = t->networks ? network_tolerance : node_tolerance;
    const double tolerance = strstr(data_set, "fp16") ? half_tolerance : single;
    const char *const *operators = t->networks ? NULL : node_operators;
    ops_replay result = ops_replay_case(model, data_set, t->device, true, tolerance, operators);
    if (result.verdict == OPS_PASS) {
        const ops_replay plain = ops_replay_case(model, data_set, t->device, false, tolerance, operators);
        if (plain.verdict != OPS_PASS || plain.worst > result.worst)
            result = plain;
    }
    const char *name = data_set + (strncmp(data_set, t->root, strlen(t->root)) == 0 ? strlen(t->root) + 1 : 0);
    switch (result.verdict) {
    case OPS_PASS:
        t->passed++;
        printf("pass        %s %s: worst %.2g\n", t->backend->name, name, result.worst);
        break;
    case OPS_FAIL:
        t->failed++;
        printf("FAIL        %s %s: %s\n", t->backend->name, name, result.detail);
        break;
    case OPS_UNSUPPORTED:
        t->unsupported++;
        printf("unsupported %s %s: %s\n", t->backend->name, name, result.detail);
        break;
    }
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* What one directory entry is: a data set of the folder's model.onnx, a data set of a model beside it, or a folder to
 * look into. */
static bool visit(tally *t, const char *folder, const char *name, char path[1024])
{
    char model[1024];
    const char *suffix = strstr(name, "_test_data_set_");
    snprintf(path, 1024, "%s/%s", folder, name);
    if (!is_folder(path))
        return false;
    if (begins(name, "test_data_set_"))
        snprintf(model, sizeof model, "%s/model.onnx", folder);
    else if (suffix)
        snprintf(model, sizeof model, "%s/%.*s.onnx", folder, (int)(suffix - name), name);
    else
        return true;
    if (is_file(model))
        replay(t, model, path);
    return false;
}

static void walk(tally *t, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    const int count = depth < 4 ? scandir(folder, &entries, NULL, alphasort) : 0;
    for (int i = 0; i < count; i++) {
        char path[1024];
        if (entries[i]->d_name[0] != '.' && visit(t, folder, entries[i]->d_name, path))
            walk(t, path, depth + 1);
        free(entries[i]);
    }
    free(entries);
}

/* True when all is well. */
static bool replay_folder(const char *root, ph_device *device, bool networks, int minimum)
{
    const ph_backend *backend = ph_device_backend(device);
    tally t = {.backend = backend, .device = device, .root = root, .networks = networks};
    if (!is_folder(root)) {
        printf("SKIP: %s is not there\n", root);
        return true;
    }
    walk(&t, root, 0);
    printf("== %s, %s: %d passed, %d failed, %d unsupported\n", root, backend->name, t.passed, t.failed, t.unsupported);
    if (t.passed < minimum)
        printf("FAIL        only %d passed: at least %d are expected\n", t.passed, minimum);
    fflush(stdout);
    return t.failed == 0 && t.passed >= minimum;
}

int main(int argc, char **argv)
{
    bool good = true;
    test_backends_find();
    if (argc < 2 && !is_folder(NODE_TESTS) && !is_folder(NETWORKS)) {
        printf("SKIP: neither " NODE_TESTS " (Debian package libonnx-testdata) nor " NETWORKS " is there\n");
        return 77;
    }
    for (int i = 0; i < test_setup_count(TEST_ALL); i++) {
        ph_device *device = test_device_open(test_setup_of(TEST_ALL, i, 1), 0);
        for (int k = 1; k < argc; k++)
            good &= replay_folder(argv[k], device, true, 1);
        if (argc < 2) {
            good &= replay_folder(NODE_TESTS, device, false, MIN_NODE_PASSES);
            good &= replay_folder(NETWORKS, device, true, MIN_NETWORK_PASSES);
        }
        test_device_close(device);
    }
    return good ? 0 : 1;
}
