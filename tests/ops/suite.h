/* What the suites of this folder share. */
#ifndef TESTS_OPS_SUITE_H
#define TESTS_OPS_SUITE_H

#include <check.h>

/* Runs the suite and frees it; what main returns. */
static inline int ops_run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

#endif
