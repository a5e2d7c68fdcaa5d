/* Every kernel of element.def gives the same bits in every instruction set and for any number of threads. */
#include <string.h>

#include "tests/stages/rows.h"

enum { STEP = 4 };

START_TEST(same_bits)
{
    const stages_row *row = &stages_rows[_i / 2];
    const bool second = _i % 2;
    ph_cpu_device_head head;
    stages_world *start = stages_world_new(STEP), *want = stages_world_new(STEP);
    row->run(ph_element_cpu_variant(0, NULL), stages_device(&head, 1), want, second);
    ck_assert_msg(memcmp(start, want, sizeof *want), "%s: nothing was written", row->name);
    for (int level = 0; level < PH_ELEMENT_CPU_VARIANTS; level++) {
        const char *name = NULL;
        const ph_element_kernels *kernels = ph_element_cpu_variant(level, &name);
        for (int threads = 1; threads <= 4 && kernels; threads++) {
            stages_world *got = stages_world_new(STEP);
            row->run(kernels, stages_device(&head, threads), got, second);
            ck_assert_msg(!memcmp(got, want, sizeof *want), "%s: %s with %d threads differs", row->name, name, threads);
            free(got);
        }
    }
    stages_world *single = stages_world_new(STEP);
    row->each(single, second);
    ck_assert_msg(!memcmp(single, want, sizeof *want), "%s: element by element differs", row->name);
    free(single);
    free(start);
    free(want);
}
END_TEST

START_TEST(the_table)
{
    const char *name = NULL;
    ck_assert_ptr_nonnull(ph_element_cpu_variant(0, &name));
    ck_assert_str_eq(name, "base");
    ck_assert_ptr_null(ph_element_cpu_variant(-1, NULL));
    ck_assert_ptr_null(ph_element_cpu_variant(PH_ELEMENT_CPU_VARIANTS, NULL));
    ck_assert_ptr_nonnull(ph_element_cpu());
    /* Nothing to do is done; rows of no length are refused. */
    ph_cpu_device_head head;
    ph_error err = {0};
    ck_assert_int_eq(ph_element_cpu()->add_scaled(stages_device(&head, 2), 0, (ph_add_scaled_args){0}, &err), PH_OK);
    ck_assert_int_eq(ph_element_cpu()->spectrum(stages_device(&head, 2), 5, (ph_spectrum_args){0}, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "spectrum"));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, same_bits, 0, 2 * stages_row_count);
    tcase_add_test(tcase, the_table);
}

int main(void)
{
    return stages_main("variants", add);
}
