/* Which backends a suite runs on, and the count of what it ran.
 *
 * A suite that is parameterized by backend calls test_backends_find first, adds its loop tests with test_backends_add,
 * and returns test_backends_run from main. In a loop test, test_setup_of(_i, cases) says what it runs on, _i % cases
 * which case. What a backend that is compiled in but cannot be used here would have run is printed as skipped.
 *
 *   PH_TEST_BACKEND   a list like "ref,cuda": only these; all that are compiled in without it
 *   PH_GPU_REQUIRED   1: the suite fails unless the cuda backend ran every case of the list
 *
 * A suite in which CUDA takes part runs without fork (a driver that was started does not survive one), and keeps its
 * devices open from case to case: opening a card takes longer than most cases. */
#ifndef TESTS_BASE_BACKENDS_H
#define TESTS_BASE_BACKENDS_H

#include "host/engine/backend.h"

#include <check.h>

typedef enum test_group {
    TEST_ALL,    /* every backend, networks in float32 */
    TEST_OTHERS, /* the same without ref: those that are compared with it */
    TEST_FAST,   /* the other precisions of those that have any */
    TEST_RECORDS /* those that can record and replay, in every precision */
} test_group;

typedef struct test_setup {
    const ph_backend *backend;
    ph_precision precision;
    const char *precision_name; /* "fp32" … */
} test_setup;

/* Prints a SKIP line for every backend that cannot be used here; ends the program when PH_TEST_BACKEND names none. */
void test_backends_find(void);
/* cases x the members of the group; the test's loop index runs over cases within member. */
void test_backends_add(TCase *tcase, const TTest *test, test_group group, int cases);
const test_setup *test_setup_of(test_group group, int index, int cases);
int test_setup_count(test_group group);
/* Runs and frees the suite, prints how many cases ran and were skipped. What main returns: 77 when all were skipped. */
int test_backends_run(Suite *suite);

extern const test_setup test_ref; /* what the others are compared with */

/* Failure fails the running test. threads 0: the backend's choice. Give it back with test_device_close. */
ph_device *test_device_open(const test_setup *setup, int threads);
void test_device_close(ph_device *device);

#endif
