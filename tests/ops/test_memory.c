/* Every backend survives the failure of any allocation of ours: it says so, and nothing stays behind (sanitizers). */
#include "build_net.h"
#include "run_net.h"
#include "tests/base/fail_alloc.h"

#include <string.h>

static const char text[] =
    "x = input 1x3x8x8; a = conv x out=8 kernel=3x3 pad=1 relu; p = maxpool a kernel=2x2 stride=2;"
    "n = lrn p size=3 alpha=0.5 beta=0.75 bias=1; b = conv n out=8; q = conv b out=8; h = add b q;"
    "s = affine h; c = concat n s axis=1;"
    "g = avgpool c kernel=4x4; m = mul c g; d = deconv m out=4 kernel=2x2 stride=2; r = relu d;"
    "t = transpose r perm=0,2,3,1; f = reshape t to=1x256; k = dense f out=5; y = softmax k axis=1; want y m";

typedef struct attempt {
    ph_device *device;
    ph_engine *engine;
    ph_fft *fft;
    void *memory;
} attempt;

static ph_status make(const ph_backend *b, const ph_net *net, attempt *a, ph_error *err)
{
    const ph_device_options options = {.threads = 1};
    ph_status status = b->open(&options, &a->device, err);
    if (status == PH_OK)
        status = b->engine_new(a->device, net, 2, true, &a->engine, err);
    if (status == PH_OK)
        status = b->fft_new(a->device, 12, 10, 3, &a->fft, err);
    if (status == PH_OK)
        status = b->memory_new(a->device, 4096, &a->memory, err);
    return status;
}

static void unmake(const ph_backend *b, attempt *a)
{
    if (a->device)
        b->memory_free(a->device, a->memory);
    b->fft_free(a->fft);
    b->engine_free(a->engine);
    b->close(a->device);
}

START_TEST(any_allocation_fails)
{
    enum { PLENTY = 100000 };
    const test_setup *setup = test_setup_of(TEST_ALL, _i, 1);
    const ph_backend *b = setup->backend;
    ops_net *n = ops_net_build(text, OPS_REAL, 1);
    long failures = 0;
    for (long k = 1; k < PLENTY; k++) {
        attempt a = {0};
        ph_error err = {0};
        fail_alloc_at(k);
        const ph_status status = make(b, n->net, &a, &err);
        const bool hit = fail_alloc_stop();
        unmake(b, &a);
        /* A failure may be harmless (a smaller cache); one that is told must be told as what it is. */
        if (status != PH_OK && (status != PH_NO_MEMORY || !strstr(err.message, "memory")))
            ck_abort_msg("%s: allocation %ld fails: status %d, '%s'", b->name, k, (int)status, err.message);
        failures += status != PH_OK;
        if (!hit)
            break;
    }
    ck_assert_msg(failures >= 5, "%s: only %ld failures were told", b->name, failures);
    /* And it still works. */
    ops_session s = ops_open(setup, 1, n->net, 1, text);
    ops_close(&s);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("memory");
    TCase *all = tcase_create("allocations");
    tcase_set_timeout(all, 100);
    test_backends_add(all, any_allocation_fails, TEST_ALL, 1);
    suite_add_tcase(suite, all);
    return test_backends_run(suite);
}
