/* Every backend against ref, operator by operator and in small networks; and against itself: a picture's result must
 * not depend on its neighbours, on the number of threads, or on what was computed before. */
#include "build_net.h"
#include "cases.h"
#include "run_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 3 };

/* float against double: sums of n terms of mixed sign are off by about sqrt(n) 2^-24 of the largest; n reaches 850,
 * which gives 2e-6; powf and expf add a few 2^-24. Behind several layers such errors add up. */
static const double op_tolerance = 1e-5, net_tolerance = 4e-5;

typedef struct run {
    ops_session s;
    float *x, *y, *dy, *dx;
} run;

static run start(const test_setup *setup, int threads, const ops_net *n, int batch)
{
    run r = {.s = ops_open(setup, threads, n->net, batch, n->text)};
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

static void go(run *r, ph_relu_mode mode)
{
    ops_forward(&r->s, r->x, r->y);
    ops_backward(&r->s, mode, r->dy, r->dx);
}

static void fill(run *r, ops_values values, uint64_t seed)
{
    ops_fill(r->x, r->s.input_count, values, false, seed);
    ops_fill(r->dy, r->s.output_count, values, false, seed + 1);
}

static void against_ref(const test_setup *setup, const char *text, ops_values values, ph_relu_mode mode,
                        double tolerance)
{
    ops_net *n = ops_net_build(text, values, 40);
    for (uint64_t seed = 50; (values != OPS_INTEGER || n->exact) && seed < 56; seed += 2) {
        run got = start(setup, 0, n, BATCH), want = start(&test_ref, 1, n, BATCH);
        fill(&got, values, seed);
        fill(&want, values, seed);
        go(&got, mode);
        go(&want, mode);
        ops_expect(&got.s, "output", got.y, want.y, got.s.output_count, tolerance);
        ops_expect(&got.s, "input gradient", got.dx, want.dx, got.s.input_count, tolerance);
        stop(&got);
        stop(&want);
    }
    ops_net_free(n);
}

/* Whole numbers: nothing is rounded anywhere, so every bit must be right, ties of max-pools and zeros of ReLUs
 * included. */
START_TEST(ops_exact)
{
    const test_setup *setup = test_setup_of(TEST_OTHERS, _i, ops_case_count);
    against_ref(setup, ops_cases[_i % ops_case_count], OPS_INTEGER, PH_RELU_NORMAL, 0);
}
END_TEST

START_TEST(ops_close_to_ref)
{
    const test_setup *setup = test_setup_of(TEST_OTHERS, _i, ops_case_count);
    against_ref(setup, ops_cases[_i % ops_case_count], OPS_REAL, PH_RELU_NORMAL, op_tolerance);
}
END_TEST

START_TEST(nets_close_to_ref)
{
    const test_setup *setup = test_setup_of(TEST_OTHERS, _i, ops_net_case_count);
    const char *text = ops_net_cases[_i % ops_net_case_count];
    against_ref(setup, text, OPS_REAL, PH_RELU_NORMAL, net_tolerance);
    against_ref(setup, text, OPS_REAL, PH_RELU_REDIRECTED, net_tolerance);
}
END_TEST

/* `pictures` computed together by `threads` threads, each compared with what `one` computes of it alone. */
static void each_as_alone(const test_setup *setup, const ops_net *n, int threads, int pictures, run *one)
{
    run all = start(setup, threads, n, pictures);
    float *y = ops_floats(one->s.output_count);
    fill(&all, OPS_REAL, 70);
    go(&all, PH_RELU_NORMAL);
    for (int picture = 0; picture < pictures; picture++) {
        const int64_t offset = picture * one->s.input_count;
        memcpy(one->x, all.x + offset, (size_t)one->s.input_count * sizeof *one->x);
        ops_take_picture(n->net, pictures, picture, all.dy, one->dy);
        ops_take_picture(n->net, pictures, picture, all.y, y);
        go(one, PH_RELU_NORMAL);
        ops_expect_bits(&one->s, "output alone", one->y, y, one->s.output_count);
        ops_expect_bits(&one->s, "input gradient alone", one->dx, all.dx + offset, one->s.input_count);
    }
    free(y);
    stop(&all);
}

/* A batch gives each picture the bits that it has alone, in whatever company, and so does any number of threads. */
static void same_bits(const test_setup *setup, const char *text)
{
    static const int companies[][2] = {{2, BATCH}, {4, 8}, {3, 1}};
    ops_net *n = ops_net_build(text, OPS_REAL, 60);
    run one = start(setup, 1, n, 1);
    for (size_t i = 0; i < sizeof companies / sizeof *companies; i++)
        each_as_alone(setup, n, companies[i][0], companies[i][1], &one);
    /* Once more on the same engine, after other pictures. */
    float *y = ops_floats(one.s.output_count), *dx = ops_floats(one.s.input_count);
    memcpy(y, one.y, (size_t)one.s.output_count * sizeof *y);
    memcpy(dx, one.dx, (size_t)one.s.input_count * sizeof *dx);
    float *kept = ops_floats(one.s.input_count);
    memcpy(kept, one.x, (size_t)one.s.input_count * sizeof *kept);
    ops_fill(one.x, one.s.input_count, OPS_REAL, false, 80);
    go(&one, PH_RELU_NORMAL);
    memcpy(one.x, kept, (size_t)one.s.input_count * sizeof *kept);
    go(&one, PH_RELU_NORMAL);
    ops_expect_bits(&one.s, "output again", one.y, y, one.s.output_count);
    ops_expect_bits(&one.s, "input gradient again", one.dx, dx, one.s.input_count);
    free(y), free(dx), free(kept);
    stop(&one);
    ops_net_free(n);
}

START_TEST(ops_same_bits)
{
    same_bits(test_setup_of(TEST_ALL, _i, ops_case_count), ops_cases[_i % ops_case_count]);
}
END_TEST

START_TEST(nets_same_bits)
{
    same_bits(test_setup_of(TEST_ALL, _i, ops_net_case_count), ops_net_cases[_i % ops_net_case_count]);
}
END_TEST

START_TEST(nets_same_bits_fast)
{
    same_bits(test_setup_of(TEST_FAST, _i, ops_net_case_count), ops_net_cases[_i % ops_net_case_count]);
}
END_TEST

/* In lower precision single values differ at will where a ReLU or a maximum flips; what counts is the direction. The
 * bounds are those at which whole networks were found to optimize as well as in float32. */
START_TEST(nets_fast_point_the_same_way)
{
    const test_setup *setup = test_setup_of(TEST_FAST, _i, ops_net_case_count);
    const double least = setup->precision == PH_PRECISION_BF16 ? 0.95 : 0.99;
    ops_net *n = ops_net_build(ops_net_cases[_i % ops_net_case_count], OPS_REAL, 40);
    run got = start(setup, 0, n, BATCH), want = start(&test_ref, 1, n, BATCH);
    fill(&got, OPS_REAL, 50);
    fill(&want, OPS_REAL, 50);
    go(&got, PH_RELU_NORMAL);
    go(&want, PH_RELU_NORMAL);
    ops_expect_direction(&got.s, "output", got.y, want.y, got.s.output_count, least);
    ops_expect_direction(&got.s, "input gradient", got.dx, want.dx, got.s.input_count, least);
    stop(&got);
    stop(&want);
    ops_net_free(n);
}
END_TEST

/* Recorded once and replayed with other pictures in the buffers: the bits of calls done at once. */
START_TEST(nets_replayed)
{
    const test_setup *setup = test_setup_of(TEST_RECORDS, _i, ops_net_case_count);
    const ph_backend *b = setup->backend;
    ops_net *n = ops_net_build(ops_net_cases[_i % ops_net_case_count], OPS_REAL, 60);
    run r = start(setup, 0, n, BATCH);
    float *y = ops_floats(r.s.output_count), *dx = ops_floats(r.s.input_count);
    for (int mode = PH_RELU_NORMAL; mode <= PH_RELU_REDIRECTED; mode++) {
        ph_recording *recording = NULL;
        fill(&r, OPS_REAL, 70);
        go(&r, (ph_relu_mode)mode);
        ck_assert_int_eq(b->record_begin(r.s.device, NULL), PH_OK);
        ck_assert_int_eq(b->forward(r.s.engine, NULL), PH_OK);
        ck_assert_int_eq(b->backward(r.s.engine, (ph_relu_mode)mode, NULL), PH_OK);
        ck_assert_int_eq(b->record_end(r.s.device, &recording, NULL), PH_OK);
        fill(&r, OPS_REAL, 80);
        go(&r, (ph_relu_mode)mode);
        ops_replay_recording(&r.s, recording, r.x, r.dy, y, dx);
        ops_expect_bits(&r.s, "output of a replay", y, r.y, r.s.output_count);
        ops_expect_bits(&r.s, "input gradient of a replay", dx, r.dx, r.s.input_count);
        b->recording_free(recording);
    }
    free(y), free(dx);
    stop(&r);
    ops_net_free(n);
}
END_TEST

/* The memory that an engine is said to take. */
START_TEST(forward_only)
{
    const test_setup *setup = test_setup_of(TEST_ALL, _i, ops_net_case_count);
    const ph_backend *backend = setup->backend;
    ops_net *n = ops_net_build(ops_net_cases[_i % ops_net_case_count], OPS_REAL, 90);
    run full = start(setup, 0, n, 2);
    fill(&full, OPS_REAL, 91);
    ops_forward(&full.s, full.x, full.y);
    ops_session half = full.s;
    ph_error err = {0};
    int64_t bytes[2] = {0, 0};
    ck_assert_int_eq(backend->engine_bytes(half.device, n->net, 2, true, &bytes[1], &err), PH_OK);
    ck_assert_int_eq(backend->engine_bytes(half.device, n->net, 2, false, &bytes[0], &err), PH_OK);
    ck_assert_msg(bytes[0] > 0 && bytes[0] <= bytes[1], "%s: %lld bytes forward only, %lld with gradient: %s",
                  backend->name, (long long)bytes[0], (long long)bytes[1], n->text);
    ck_assert_msg(backend->engine_new(half.device, n->net, 2, false, &half.engine, &err) == PH_OK, "%s: %s",
                  backend->name, err.message);
    float *y = ops_floats(half.output_count);
    ops_forward(&half, full.x, y);
    ops_expect(&half, "output without gradient", y, full.y, half.output_count, net_tolerance);
    backend->engine_free(half.engine);
    free(y);
    stop(&full);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("backends");
    TCase *ops = tcase_create("operators"), *nets = tcase_create("networks");
    tcase_set_timeout(ops, 60);
    tcase_set_timeout(nets, 120);
    test_backends_add(ops, ops_exact, TEST_OTHERS, ops_case_count);
    test_backends_add(ops, ops_close_to_ref, TEST_OTHERS, ops_case_count);
    test_backends_add(ops, ops_same_bits, TEST_ALL, ops_case_count);
    test_backends_add(nets, nets_close_to_ref, TEST_OTHERS, ops_net_case_count);
    test_backends_add(nets, nets_same_bits, TEST_ALL, ops_net_case_count);
    test_backends_add(nets, nets_same_bits_fast, TEST_FAST, ops_net_case_count);
    test_backends_add(nets, nets_fast_point_the_same_way, TEST_FAST, ops_net_case_count);
    test_backends_add(nets, nets_replayed, TEST_RECORDS, ops_net_case_count);
    test_backends_add(nets, forward_only, TEST_ALL, ops_net_case_count);
    suite_add_tcase(suite, ops);
    suite_add_tcase(suite, nets);
    return test_backends_run(suite);
}
