/* Every kernel of element.def on every backend, in its memory, against the plainest form on the CPU: the same bits
 * where all operations are correctly rounded (+ - * / and square roots), and one unit in the last place where pow, cos
 * and sin of a libm take part: they are computed in double, within a few units of its last place, and rounded to float
 * once. */
#include <string.h>

#include "tests/base/backends.h"
#include "tests/stages/rows.h"

enum { GUARD = 4096, FILL = 0x5a };

/* Guards on both sides. */
typedef struct guarded_world {
    unsigned char before[GUARD];
    stages_world world;
    unsigned char after[GUARD];
} guarded_world;

static bool uses_libm(const char *name)
{
    return strcmp(name, "schedule") == 0 || strcmp(name, "draw") == 0;
}

/* Makes those of `got` that are one unit or less from `want` equal to it. */
static void forgive(float *got, const float *want, int count)
{
    for (int i = 0; i < count; i++)
        if (got[i] == want[i] || got[i] == nextafterf(want[i], got[i]))
            got[i] = want[i];
}

static void check(const char *backend, const char *name, guarded_world *got, const stages_world *want)
{
    for (int i = 0; i < GUARD; i++)
        if (got->before[i] != FILL || got->after[i] != FILL)
            ck_abort_msg("%s: %s writes outside its buffers", backend, name);
    if (uses_libm(name)) {
        stages_world *w = &got->world;
        forgive(w->maps, want->maps, 6 * BATCH);
        forgive(&w->state.lr, &want->state.lr, 1);
        forgive(&w->state.correct1, &want->state.correct1, 1);
        forgive(&w->state.correct2, &want->state.correct2, 1);
        forgive(&w->state.cutoff, &want->state.cutoff, 1);
    }
    const unsigned char *a = (const unsigned char *)&got->world, *b = (const unsigned char *)want;
    size_t at = 0;
    while (at < sizeof *want && a[at] == b[at])
        at++;
    if (at < sizeof *want)
        ck_abort_msg("%s: %s differs at byte %zu of the world (a at %zu, b at %zu, c at %zu, d at %zu, sums at %zu)",
                     backend, name, at, offsetof(stages_world, a), offsetof(stages_world, b), offsetof(stages_world, c),
                     offsetof(stages_world, d), offsetof(stages_world, sums));
}

static void compare(const test_setup *setup, const stages_row *row, bool second, int step)
{
    const ph_backend *backend = setup->backend;
    ph_cpu_device_head head;
    stages_world *want = stages_world_new(step);
    guarded_world *got = malloc(sizeof *got);
    ck_assert_ptr_nonnull(got);
    memset(got, FILL, sizeof *got);
    memcpy(&got->world, want, sizeof *want);
    row->run(ph_element_cpu_variant(0, NULL), stages_device(&head, 1), want, second);
    ph_device *device = test_device_open(setup, 2);
    void *memory = NULL;
    ph_error err = {0};
    ck_assert_msg(backend->memory_new(device, sizeof *got, &memory, &err) == PH_OK, "%s", err.message);
    ck_assert_msg(backend->write(device, memory, got, sizeof *got, &err) == PH_OK, "%s", err.message);
    row->run(backend->element, device, &((guarded_world *)memory)->world, second);
    memset(got, 0, sizeof *got);
    ck_assert_msg(backend->read(device, got, memory, sizeof *got, &err) == PH_OK, "%s", err.message);
    check(backend->name, row->name, got, want);
    backend->memory_free(device, memory);
    test_device_close(device);
    free(got);
    free(want);
}

START_TEST(as_on_the_cpu)
{
    const test_setup *setup = test_setup_of(TEST_ALL, _i, 2 * stages_row_count);
    const int which = _i % (2 * stages_row_count);
    for (int step = 0; step < STEPS; step += 2)
        compare(setup, &stages_rows[which / 2], which % 2, step);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("elements");
    TCase *tcase = tcase_create("kernels");
    tcase_set_timeout(tcase, 60);
    test_backends_add(tcase, as_on_the_cpu, TEST_ALL, 2 * stages_row_count);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
