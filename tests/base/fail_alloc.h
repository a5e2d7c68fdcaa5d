/* Makes the N-th allocation of the code under test fail. Link the test with
 * "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc" and add base/fail_alloc.c to its sources. The loop, N rising until
 * the call gets through, is
 *
 *     ph_status status = PH_NO_MEMORY;
 *     for (long n = 1; status != PH_OK; n++) {
 *         fail_alloc_at(n);
 *         status = the_call(…);
 *         const bool hit = fail_alloc_stop();
 *         ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);   // a benign failure may give PH_OK: then go on by hit
 *     }
 *
 * Keep Check's assertions outside of the armed part: they allocate too. */
#ifndef TESTS_BASE_FAIL_ALLOC_H
#define TESTS_BASE_FAIL_ALLOC_H

#include <stdbool.h>

/* The n-th allocation from now on (1 = the next) fails, the others get through. */
void fail_alloc_at(long n);
/* The n-th allocation from now on and all after it fail. */
void fail_alloc_from(long n);
/* Disarms; true if an allocation was made to fail since the arming. */
bool fail_alloc_stop(void);

#endif
