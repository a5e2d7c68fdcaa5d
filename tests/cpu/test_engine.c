/* The engine's promises about memory: the estimate covers what is taken, a step takes nothing, any failure is survived;
 * and what it refuses. */
#include "kernels/cpu/cpu.h"
#include "tests/cpu/count_alloc.h"
#include "tests/ops/build_net.h"
#include "tests/ops/cases.h"

#include <check.h>
#include <math.h>
#include <string.h>

static ph_device *device_with(int threads)
{
    ph_device *device = NULL;
    const ph_device_options options = {.threads = threads};
    ck_assert_int_eq(ph_backend_cpu.open(&options, &device, NULL), PH_OK);
    return device;
}

START_TEST(estimate_covers_what_is_taken)
{
    ops_net *n = ops_net_build(ops_net_cases[_i], OPS_REAL, 1);
    ph_device *device = device_with(2);
    for (int batch = 1; batch < 12; batch += 5)
        for (int gradient = 0; gradient < 2; gradient++) {
            int64_t estimate = 0;
            ph_error err = {0};
            ck_assert_msg(ph_backend_cpu.engine_bytes(device, n->net, batch, gradient, &estimate, &err) == PH_OK, "%s",
                          err.message);
            ph_engine *engine = NULL;
            bool failed;
            count_alloc_start(0);
            const ph_status status = ph_backend_cpu.engine_new(device, n->net, batch, gradient, &engine, &err);
            const size_t taken = count_alloc_stop(&failed);
            ck_assert_msg(status == PH_OK, "%s", err.message);
            ck_assert_msg((int64_t)taken <= estimate, "takes %zu, said %lld: %s", taken, (long long)estimate, n->text);
            count_alloc_start(0);
            ph_status step = ph_backend_cpu.forward(engine, &err);
            if (step == PH_OK && gradient)
                step = ph_backend_cpu.backward(engine, PH_RELU_REDIRECTED, &err);
            const size_t in_step = count_alloc_stop(&failed);
            ck_assert_msg(step == PH_OK, "%s", err.message);
            ck_assert_msg(in_step == 0, "a step allocates %zu bytes: %s", in_step, n->text);
            ph_backend_cpu.engine_free(engine);
        }
    ph_backend_cpu.close(device);
    ops_net_free(n);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    ops_net *n = ops_net_build(ops_net_cases[_i], OPS_REAL, 1);
    ph_device *device = device_with(2);
    bool failed = true;
    for (long at = 1; failed; at++) {
        ph_engine *engine = NULL;
        ph_error err = {0};
        count_alloc_start(at);
        const ph_status status = ph_backend_cpu.engine_new(device, n->net, 3, true, &engine, &err);
        count_alloc_stop(&failed);
        ck_assert_int_eq(status, failed ? PH_NO_MEMORY : PH_OK);
        ck_assert(failed == (engine == NULL));
        ck_assert(failed == (err.message[0] != '\0'));
        ph_backend_cpu.engine_free(engine);
        ck_assert_int_lt(at, 100000);
    }
    ph_backend_cpu.close(device);
    ops_net_free(n);
}
END_TEST

START_TEST(opening_survives_too)
{
    bool failed = true;
    for (long at = 1; failed; at++) {
        ph_device *device = NULL;
        count_alloc_start(at);
        const ph_status status = ph_backend_cpu.open(NULL, &device, NULL);
        count_alloc_stop(&failed);
        ck_assert_int_eq(status, failed ? PH_NO_MEMORY : PH_OK);
        ph_backend_cpu.close(device);
    }
    char text[256] = "";
    ck_assert_int_eq(ph_backend_cpu.probe(text, sizeof text, NULL), PH_OK);
    ck_assert_ptr_nonnull(strstr(text, "oneDNN"));
}
END_TEST

START_TEST(refusals)
{
    ops_net *n = ops_net_build("x = input 1x3x8x8; y = conv x out=4 kernel=3x3 relu", OPS_REAL, 1);
    ph_device *device = device_with(1);
    ph_engine *engine = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_backend_cpu.engine_new(device, n->net, 0, true, &engine, &err), PH_MISUSE);
    ck_assert_int_eq(ph_backend_cpu.engine_new(device, n->net, INT32_MAX, true, &engine, &err), PH_NO_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.message, "smaller batch"));
    ck_assert_int_eq(ph_backend_cpu.engine_new(device, n->net, 1, false, &engine, &err), PH_OK);
    ck_assert_int_eq(ph_backend_cpu.backward(engine, PH_RELU_NORMAL, &err), PH_MISUSE);
    ph_backend_cpu.engine_free(engine);
    engine = NULL;
    n->net->ops[0].kind = PH_OP_COUNT;
    ck_assert_int_eq(ph_backend_cpu.engine_new(device, n->net, 1, true, &engine, &err), PH_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(err.message, "cpu"));
    ck_assert_ptr_null(engine);
    ph_backend_cpu.close(device);
    ops_net_free(n);
}
END_TEST

START_TEST(memory_and_times)
{
    ph_device *device = device_with(1);
    const int64_t free_bytes = ph_backend_cpu.memory_available(device);
    ck_assert_int_gt(free_bytes, 1 << 20);
    ph_backend_cpu.close(device);
    const ph_device_options options = {.threads = 1, .memory_limit = 12345};
    ck_assert_int_eq(ph_backend_cpu.open(&options, &device, NULL), PH_OK);
    ck_assert_int_eq(ph_backend_cpu.memory_available(device), 12345);
    ops_net *n =
        ops_net_build("x = input 1x3x32x32; a = conv x out=16 kernel=3x3 relu; y = maxpool a kernel=2x2", OPS_REAL, 1);
    ph_engine *engine = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_backend_cpu.engine_new(device, n->net, 1, true, &engine, &err), PH_NO_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.message, "smaller batch"));
    ph_backend_cpu.close(device);
    device = device_with(1);
    ck_assert_int_eq(ph_backend_cpu.engine_new(device, n->net, 1, true, &engine, NULL), PH_OK);
    double forward[2] = {-1, -1}, backward[2] = {-1, -1};
    ck_assert_int_eq(ph_backend_cpu.forward(engine, NULL), PH_OK);
    ck_assert_int_eq(ph_backend_cpu.backward(engine, PH_RELU_NORMAL, NULL), PH_OK);
    ph_backend_cpu.engine_times(engine, forward, backward);
    for (int i = 0; i < 2; i++) {
        ck_assert(forward[i] > 0 && isfinite(forward[i]));
        ck_assert(backward[i] > 0 && isfinite(backward[i]));
    }
    ph_backend_cpu.engine_free(engine);
    ph_backend_cpu.close(device);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu engine");
    TCase *tcase = tcase_create("engine");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, estimate_covers_what_is_taken, 0, ops_net_case_count);
    tcase_add_loop_test(tcase, any_allocation_may_fail, 0, ops_net_case_count);
    tcase_add_test(tcase, opening_survives_too);
    tcase_add_test(tcase, refusals);
    tcase_add_test(tcase, memory_and_times);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
