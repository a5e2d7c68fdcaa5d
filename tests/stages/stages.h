/* What the suites of this folder share: a device for the CPU kernels, numbers to work on, guarded outputs, comparison.
 */
#ifndef TESTS_STAGES_H
#define TESTS_STAGES_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "kernels/element/element_cpu.h"
#include "kernels/element/philox.h"

/* The table under test, and a device with so many threads; the device lives as long as `head`. */
const ph_element_kernels *stages_kernels(void);
ph_device *stages_device(ph_cpu_device_head *head, int threads);

/* `count` numbers from `low` to `high`, always the same for a seed. Free with stages_free. */
float *stages_random(uint64_t seed, int64_t count, float low, float high);
/* `count` NaNs with guards before and after; stages_free fails the test if a guard was overwritten. */
float *stages_output(int64_t count);
float *stages_copy(const float *from, int64_t count);
void stages_free(float *values);

/* Fails unless every got[i] is finite and |got - want| <= absolute + relative |want|; names the worst. */
void stages_near(const char *what, const float *got, const double *want, int64_t count, double absolute,
                 double relative);
double *stages_doubles(int64_t count); /* zeros; free() */
double stages_dot(const float *a, const float *b, int64_t count);
/* Fails unless |a - b| <= bound, both finite. */
void stages_equal(const char *what, double a, double b, double bound);

#define RUN(name, threads, count, ...)                                                                                 \
    do {                                                                                                               \
        ph_cpu_device_head run_head;                                                                                   \
        const ph_##name##_args run_args = __VA_ARGS__;                                                                 \
        ck_assert_int_eq(stages_kernels()->name(stages_device(&run_head, threads), count, run_args, NULL), PH_OK);     \
    } while (0)

/* One suite of one case, run and counted; the return value of main. */
int stages_main(const char *name, void (*add)(TCase *tcase));

#endif
