/* Failures that a real card gives seldom: any call of any library may fail, and there may be no card at all. The
 * backend says what happened in one line, computes right numbers or none, and leaves nothing behind. */
#include "cudasim.h"
#include "host/engine/backend.h"
#include "tests/ops/build_net.h"
#include "tests/ops/run_net.h"
#include "tests/render/nets.h"

#include <cuda_runtime_api.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] =
    "x = input 1x3x8x8; a = conv x out=8 kernel=3x3 pad=1 relu; p = maxpool a kernel=2x2 stride=2;"
    "c = conv p out=8; s = add c p; r = relu s; g = avgpool r kernel=4x4; f = reshape g to=1x8; y = dense f out=5";

enum { WIDTH = 8, HEIGHT = 6, INPUT = 2 * 3 * 8 * 8, OUTPUT = 2 * 5, BINS = 2 * HEIGHT * (WIDTH / 2 + 1) };

/* Everything that an optimization asks of a backend, and what came of it. */
typedef struct attempt {
    const ph_backend *backend;
    ph_device *device;
    ph_engine *engine;
    ph_fft *fft;
    ph_recording *recording;
    float *planes, *spectrum;
    float output[OUTPUT], gradient[INPUT], picture[WIDTH * HEIGHT];
} attempt;

static ph_status pass(attempt *a, ph_error *err)
{
    const ph_backend *b = a->backend;
    ph_status status = b->forward(a->engine, err);
    if (status == PH_OK)
        status = b->backward(a->engine, PH_RELU_NORMAL, err);
    if (status == PH_OK)
        status = b->fft_r2c(a->fft, a->planes, a->spectrum, err);
    return status == PH_OK ? b->fft_c2r(a->fft, a->spectrum, a->planes, err) : status;
}

static ph_status make(attempt *a, const ph_net *net, ph_error *err)
{
    const ph_device_options options = {.precision = PH_PRECISION_FP32};
    const ph_backend *b = a->backend;
    ph_status status = b->open(&options, &a->device, err);
    if (status == PH_OK)
        status = b->engine_new(a->device, net, 2, true, &a->engine, err);
    if (status == PH_OK)
        status = b->fft_new(a->device, WIDTH, HEIGHT, 1, &a->fft, err);
    if (status == PH_OK)
        status = b->memory_new(a->device, sizeof a->picture, (void **)&a->planes, err);
    return status == PH_OK ? b->memory_new(a->device, BINS * sizeof(float), (void **)&a->spectrum, err) : status;
}

static ph_status run(attempt *a, ph_error *err)
{
    const ph_backend *b = a->backend;
    float input[INPUT], seed[OUTPUT], picture[WIDTH * HEIGHT];
    ops_fill(input, INPUT, OPS_REAL, false, 1);
    ops_fill(seed, OUTPUT, OPS_REAL, false, 2);
    ops_fill(picture, WIDTH * HEIGHT, OPS_REAL, false, 3);
    ph_status status = b->write(a->device, b->engine_input(a->engine), input, sizeof input, err);
    if (status == PH_OK)
        status = b->write(a->device, b->engine_output_gradient(a->engine, 0), seed, sizeof seed, err);
    if (status == PH_OK)
        status = b->write(a->device, a->planes, picture, sizeof picture, err);
    if (status == PH_OK)
        status = pass(a, err);
    if (status == PH_OK)
        status = b->record_begin(a->device, err);
    if (status == PH_OK) {
        status = pass(a, err);
        const ph_status ended = b->record_end(a->device, status == PH_OK ? &a->recording : NULL, err);
        status = status == PH_OK ? ended : status;
    }
    for (int i = 0; i < 10 && status == PH_OK; i++) /* more than may be queued at once */
        status = b->replay(a->recording, err);
    if (status == PH_OK)
        status = b->read(a->device, a->output, b->engine_output(a->engine, 0), sizeof a->output, err);
    if (status == PH_OK)
        status = b->read(a->device, a->gradient, b->engine_input_gradient(a->engine), sizeof a->gradient, err);
    return status == PH_OK ? b->read(a->device, a->picture, a->planes, sizeof a->picture, err) : status;
}

static void unmake(attempt *a)
{
    const ph_backend *b = a->backend;
    b->recording_free(a->recording);
    if (a->device) {
        b->memory_free(a->device, a->planes);
        b->memory_free(a->device, a->spectrum);
    }
    b->fft_free(a->fft);
    b->engine_free(a->engine);
    b->close(a->device);
}

static ph_status whole(attempt *a, const char *settings, const ph_net *net, ph_error *err)
{
    *a = (attempt){.backend = NULL};
    for (int i = 0; i < ph_registry_count() && !a->backend; i++)
        if (strcmp(ph_registry_name(i, &a->backend), "cuda") != 0)
            a->backend = NULL;
    cudasim_configure(settings);
    ph_status status = make(a, net, err);
    if (status == PH_OK)
        status = run(a, err);
    unmake(a);
    return status;
}

static void expect_line(const char *settings, ph_status status, const char *line)
{
    const bool known = status == PH_NO_MEMORY || status == PH_BACKEND || status == PH_UNSUPPORTED;
    ck_assert_msg(known && *line && !strchr(line, '\n'), "%s: status %d, '%s'", settings, (int)status, line);
}

/* An engine that cuDNN will not make is replaced by another one, which may add up in another order. */
static void expect_close(const char *settings, const float *got, const float *want, int count)
{
    double largest = 0;
    for (int i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)want[i]));
    for (int i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= 1e-6 * largest))
            ck_abort_msg("%s: no error, but number %d is %g, not %g", settings, i, (double)got[i], (double)want[i]);
}

/* Names of all functions, "any" of them, and the error that ends everything. */
static const struct {
    const char *function;
    int code; /* 0: the usual one */
} victims[] = {
    {"cudaMalloc", 0},
    {"cudaMalloc", cudaErrorLaunchFailure},
    {"cudaFree", 0},
    {"cudaSetDevice", 0},
    {"cudaGetDeviceCount", 0},
    {"cudaGetDeviceProperties", 0},
    {"cudaStreamCreateWithFlags", 0},
    {"cudaStreamSynchronize", 0},
    {"cudaStreamSynchronize", cudaErrorIllegalAddress},
    {"cudaStreamDestroy", 0},
    {"cudaEventCreateWithFlags", 0},
    {"cudaEventRecord", 0},
    {"cudaEventSynchronize", 0},
    {"cudaMemcpyAsync", 0},
    {"cudaMemsetAsync", 0},
    {"cudaLaunchKernel", 0},
    {"cudaLaunchKernel", cudaErrorNoKernelImageForDevice},
    {"cudaStreamBeginCapture", 0},
    {"cudaStreamEndCapture", 0},
    {"cudaGraphInstantiate", 0},
    {"cudaGraphGetNodes", 0},
    {"cudaGraphLaunch", 0},
    {"cudnnCreate", 0},
    {"cudnnSetStream", 0},
    {"cudnnBackendExecute", 0},
    {"cudnnBackendFinalize", 0},
    {"cudnnBackendCreateDescriptor", 0},
    {"cudnnBackendSetAttribute", 0},
    {"cudnnBackendGetAttribute", 0},
    {"cublasCreate", 0},
    {"cublasSetStream", 0},
    {"cublasSetMathMode", 0},
    {"cublasSetWorkspace", 0},
    {"cublasGemmEx", 0},
    {"cufftCreate", 0},
    {"cufftMakePlanMany", 0},
    {"cufftSetAutoAllocation", 0},
    {"cufftSetWorkArea", 0},
    {"cufftSetStream", 0},
    {"cufftExecR2C", 0},
    {"cufftExecC2R", 0},
    {"any", 0},
};
enum { VICTIMS = sizeof victims / sizeof *victims };

/* Every call while they are few, then ever fewer of them. */
START_TEST(any_call_may_fail)
{
    ops_net *n = ops_net_build(text, OPS_REAL, 1);
    attempt want, got;
    ph_error err = {0};
    ck_assert_msg(whole(&want, NULL, n->net, &err) == PH_OK, "%s", err.message);
    int failed = 0, told = 0;
    for (long k = 1, more = 1; more; k += 1 + k / 12) {
        char settings[96];
        snprintf(settings, sizeof settings, "fail=%s:%ld,code=%d", victims[_i].function, k, victims[_i].code);
        err = (ph_error){0};
        const ph_status status = whole(&got, settings, n->net, &err);
        const cudasim_counts counts = cudasim_count();
        more = (long)counts.failed;
        failed += (int)counts.failed;
        if (status != PH_OK) {
            told++;
            expect_line(settings, status, err.message);
        } else {
            expect_close(settings, got.output, want.output, OUTPUT);
            expect_close(settings, got.gradient, want.gradient, INPUT);
            expect_close(settings, got.picture, want.picture, WIDTH * HEIGHT);
        }
        ck_assert_msg(status == PH_OK || counts.failed, "%s: '%s' without a failure", settings, err.message);
        ck_assert_msg(counts.dead || (!counts.live && !counts.memory), "%s: %d objects, %lld bytes are left", settings,
                      counts.live, (long long)counts.memory);
    }
    ck_assert_msg(failed, "%s is never called", victims[_i].function);
    if (strstr(victims[_i].function, "Free") == NULL && strstr(victims[_i].function, "Destroy") == NULL)
        ck_assert_msg(told, "%s: no failure of %d was told", victims[_i].function, failed);
    cudasim_configure(NULL);
    ops_net_free(n);
}
END_TEST

/* A dead card stays dead: later calls say so instead of touching it. */
START_TEST(the_end_is_final)
{
    ops_net *n = ops_net_build(text, OPS_REAL, 1);
    attempt a = {.backend = NULL};
    ph_error err = {0};
    ck_assert_int_eq(whole(&a, NULL, n->net, &err), PH_OK);
    cudasim_configure(NULL);
    a = (attempt){.backend = a.backend};
    ck_assert_int_eq(make(&a, n->net, &err), PH_OK);
    float input[INPUT] = {0};
    cudasim_break();
    ck_assert_int_eq(a.backend->write(a.device, a.backend->engine_input(a.engine), input, sizeof input, &err),
                     PH_BACKEND);
    const uint64_t calls = cudasim_count().calls;
    ck_assert_int_eq(a.backend->forward(a.engine, &err), PH_BACKEND);
    expect_line("dead", PH_BACKEND, err.message);
    ck_assert_msg(strstr(err.message, "start the program again"), "%s", err.message);
    ck_assert_uint_eq(cudasim_count().calls, calls);
    unmake(&a);
    cudasim_configure(NULL);
    ops_net_free(n);
}
END_TEST

static const struct {
    const char *settings, *says;
} machines[] = {
    {"driver=0", "driver"},
    {"driver=12020", "driver"},
    {"devices=0", "GPU"},
    {"fail=cudaStreamCreateWithFlags:1,code=2", "memory"},
    {"fail=cudnnCreate:1", "cuDNN"},
    {"fail=cublasCreate:1", "cuBLAS"},
    {"memory=1000000", "memory"},
};
enum { MACHINES = sizeof machines / sizeof *machines };

START_TEST(without_a_card_the_cpu_works)
{
    char notice[512] = "";
    ph_device *device = NULL;
    ph_error err = {0};
    cudasim_configure(machines[_i].settings);
    ck_assert_msg(ph_device_open("auto", NULL, &device, notice, sizeof notice, &err) == PH_OK, "%s", err.message);
    ck_assert_str_ne(ph_device_backend(device)->name, "cuda");
    ck_assert_msg(strstr(notice, machines[_i].says) && !strchr(notice, '\n'), "%s: '%s'", machines[_i].settings,
                  notice);
    ph_device_close(&device);
    cudasim_configure(machines[_i].settings);
    const ph_status status = ph_device_open("cuda", NULL, &device, NULL, 0, &err);
    expect_line(machines[_i].settings, status, err.message);
    ck_assert_ptr_null(device);
    cudasim_configure(NULL);
}
END_TEST

static void keep(size_t index, ph_result *result, const ph_error *err, void *user)
{
    (void)err;
    ((ph_result **)user)[index] = result;
}

static ph_status render(ph_model *model, int batch, ph_result *results[4], ph_error *err)
{
    static const char *const targets[4] = {"joined:0", "joined:9", "joined:3", "joined:1"};
    ph_render_options options;
    ph_render_options_init(&options);
    ph_job jobs[4] = {{0}};
    for (int i = 0; i < 4; i++) {
        jobs[i].target = targets[i];
        results[i] = NULL;
    }
    options.batch = batch;
    if (ph_render_options_set(&options, "size", "16x12", err) != PH_OK ||
        ph_render_options_set(&options, "backend", "cuda", err) != PH_OK ||
        ph_render_options_set(&options, "steps", "3", err) != PH_OK)
        return PH_MISUSE;
    const ph_callbacks callbacks = {.result = keep, .user = results};
    return ph_render_many(model, jobs, 4, &options, &callbacks, err);
}

/* The card says no to one allocation after the other, as one does that others use too. */
START_TEST(too_little_memory_halves_the_batch)
{
    ph_model *model = net_load(NET_RELU);
    ph_result *want[4], *got[4];
    ph_error err = {0};
    cudasim_configure(NULL);
    ck_assert_msg(render(model, 4, want, &err) == PH_OK, "%s", err.message);
    int halved = 0;
    for (int k = 1, more = 1; more; k++) {
        char settings[64];
        snprintf(settings, sizeof settings, "fail=cudaMalloc:%d", k);
        cudasim_configure(settings);
        err = (ph_error){0};
        const ph_status status = render(model, 4, got, &err);
        more = (int)cudasim_count().failed;
        if (status == PH_OK) {
            halved += more;
            for (int i = 0; i < 4; i++) {
                ck_assert_ptr_nonnull(got[i]);
                ck_assert_int_eq(
                    memcmp(ph_result_pixels(got[i], -1, NULL), ph_result_pixels(want[i], -1, NULL), 16 * 12 * 3), 0);
            }
        } else {
            expect_line(settings, status, err.message);
        }
        for (int i = 0; i < 4; i++)
            ph_result_free(&got[i]);
        ck_assert_int_eq(cudasim_count().live, 0);
    }
    ck_assert_int_gt(halved, 0);
    for (int i = 0; i < 4; i++)
        ph_result_free(&want[i]);
    ph_model_free(&model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cudasim-failures");
    TCase *tcase = tcase_create("failures");
    tcase_set_timeout(tcase, 400);
    tcase_add_loop_test(tcase, any_call_may_fail, 0, VICTIMS);
    tcase_add_test(tcase, the_end_is_final);
    tcase_add_loop_test(tcase, without_a_card_the_cpu_works, 0, MACHINES);
    tcase_add_test(tcase, too_little_memory_halves_the_batch);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
