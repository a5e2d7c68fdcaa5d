/* Placing buffers by their lifetimes: never two at the same place and time, never more room than their sum. */
#include "host/engine/arena.h"
#include "tests/base/fail_alloc.h"

#include <check.h>

enum { ALIGNMENT = 16, MOST = 60 };

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static bool overlap(int64_t a, int64_t a_size, int64_t b, int64_t b_size)
{
    return a_size > 0 && b_size > 0 && a < b + b_size && b < a + a_size;
}

static void check_placed(const ph_interval *list, size_t count, int64_t total)
{
    int64_t sum = 0, highest = 0;
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_ge(list[i].offset, 0);
        ck_assert_int_eq(list[i].offset % ALIGNMENT, 0);
        highest = list[i].offset + list[i].size > highest ? list[i].offset + list[i].size : highest;
        sum += list[i].size + ALIGNMENT;
        for (size_t k = 0; k < i; k++)
            if (list[i].first <= list[k].last && list[k].first <= list[i].last)
                ck_assert_msg(!overlap(list[i].offset, list[i].size, list[k].offset, list[k].size),
                              "%zu and %zu overlap", i, k);
    }
    ck_assert_int_eq(total, highest);
    ck_assert_int_le(total, sum);
}

START_TEST(random_lives_never_collide)
{
    uint32_t state = (uint32_t)_i + 1;
    ph_interval list[MOST] = {{0}};
    const size_t count = next(&state) % (MOST + 1);
    for (size_t i = 0; i < count; i++) {
        list[i].size = next(&state) % 5 ? next(&state) % 1000 : 0;
        list[i].first = (int)(next(&state) % 50);
        list[i].last = list[i].first + (int)(next(&state) % 20);
    }
    int64_t total = -1;
    ck_assert_int_eq(ph_arena_place(list, count, ALIGNMENT, &total, NULL), PH_OK);
    check_placed(list, count, total);
}
END_TEST

/* A chain in which each buffer meets only its neighbours needs the two largest neighbours, not the sum. */
START_TEST(a_chain_takes_two)
{
    ph_interval list[20] = {{0}};
    for (int i = 0; i < 20; i++)
        list[i] = (ph_interval){.size = 160, .first = i, .last = i + 1};
    int64_t total = 0;
    ck_assert_int_eq(ph_arena_place(list, 20, ALIGNMENT, &total, NULL), PH_OK);
    ck_assert_int_eq(total, 320);
}
END_TEST

START_TEST(too_much_is_an_error)
{
    ph_interval list[2] = {{.size = INT64_MAX / 2, .last = 1}, {.size = INT64_MAX / 2, .last = 1}};
    int64_t total;
    ph_error err = {0};
    ck_assert_int_eq(ph_arena_place(list, 2, ALIGNMENT, &total, &err), PH_NO_MEMORY);
    ck_assert_str_ne(err.message, "");
    list[0].size = -1;
    ck_assert_int_eq(ph_arena_place(list, 1, ALIGNMENT, &total, NULL), PH_NO_MEMORY);
}
END_TEST

START_TEST(out_of_memory)
{
    ph_interval list[2] = {{.size = 16}, {.size = 16}};
    int64_t total;
    fail_alloc_at(1);
    const ph_status status = ph_arena_place(list, 2, ALIGNMENT, &total, NULL);
    ck_assert(fail_alloc_stop());
    ck_assert_int_eq(status, PH_NO_MEMORY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tcase = tcase_create("place");
    tcase_add_loop_test(tcase, random_lives_never_collide, 0, 100);
    tcase_add_test(tcase, a_chain_takes_two);
    tcase_add_test(tcase, too_much_is_an_error);
    tcase_add_test(tcase, out_of_memory);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
