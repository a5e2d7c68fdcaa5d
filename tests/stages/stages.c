#include "stages.h"

#include <string.h>

#include "host/base/alloc.h"

enum { GUARD = 16 };
static const float guard_value = -77777.0f;

/* Before the values: their count, then guards. */
typedef struct header {
    int64_t count;
    float guards[GUARD];
} header;

const ph_element_kernels *stages_kernels(void)
{
    return ph_element_cpu();
}

ph_device *stages_device(ph_cpu_device_head *head, int threads)
{
    *head = (ph_cpu_device_head){.threads = threads};
    return (ph_device *)(void *)head;
}

static float *guarded(int64_t count)
{
    header *h = ph_alloc(1, sizeof *h + (size_t)(count + GUARD) * sizeof(float));
    ck_assert_ptr_nonnull(h);
    float *values = (float *)(void *)(h + 1);
    h->count = count;
    for (int i = 0; i < GUARD; i++)
        h->guards[i] = values[count + i] = guard_value;
    return values;
}

float *stages_output(int64_t count)
{
    float *values = guarded(count);
    for (int64_t i = 0; i < count; i++)
        values[i] = NAN;
    return values;
}

float *stages_random(uint64_t seed, int64_t count, float low, float high)
{
    float *values = guarded(count);
    for (int64_t i = 0; i < count; i++) {
        const ph_random random = ph_philox(seed, PH_PURPOSE_INIT, 0, (uint64_t)i);
        values[i] = low + (high - low) * ph_random_uniform(random.x[0]);
    }
    return values;
}

float *stages_copy(const float *from, int64_t count)
{
    float *values = guarded(count);
    memcpy(values, from, (size_t)count * sizeof *values);
    return values;
}

void stages_free(float *values)
{
    if (!values)
        return;
    header *h = (header *)(void *)values - 1;
    for (int i = 0; i < GUARD; i++) {
        ck_assert_msg(h->guards[i] == guard_value, "written before the buffer, at %d", i - GUARD);
        ck_assert_msg(values[h->count + i] == guard_value, "written after the buffer, at +%d", i);
    }
    ph_free(h);
}

void stages_near(const char *what, const float *got, const double *want, int64_t count, double absolute,
                 double relative)
{
    double worst = -1;
    int64_t at = 0;
    for (int64_t i = 0; i < count; i++) {
        ck_assert_msg(isfinite(got[i]) && isfinite(want[i]), "%s[%lld]: %a, wanted %a", what, (long long)i, got[i],
                      want[i]);
        const double excess = fabs((double)got[i] - want[i]) / (absolute + relative * fabs(want[i]));
        if (!(excess <= worst)) {
            worst = excess;
            at = i;
        }
    }
    ck_assert_msg(worst <= 1, "%s[%lld]: %a, wanted %a: %g times the tolerance", what, (long long)at, got[at], want[at],
                  worst);
}

double *stages_doubles(int64_t count)
{
    double *values = ph_alloc((size_t)count, sizeof *values);
    ck_assert_ptr_nonnull(values);
    return values;
}

double stages_dot(const float *a, const float *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

void stages_equal(const char *what, double a, double b, double bound)
{
    ck_assert_msg(isfinite(a) && isfinite(b) && fabs(a - b) <= bound, "%s: %.17g against %.17g, bound %g", what, a, b,
                  bound);
}

int stages_main(const char *name, void (*add)(TCase *tcase))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    add(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
