/* Growing strings, strict numbers, edit distances. */
#include "host/base/text.h"
#include "tests/base/fail_alloc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_append)
{
    ph_text text = {0};
    ph_text_append(&text, "%s", "");
    ck_assert_str_eq(text.chars, "");
    for (int i = 0; i < 1000; i++)
        ph_text_append(&text, "%d,", i % 10);
    ck_assert(!text.failed);
    ck_assert_uint_eq(text.length, 2000);
    ck_assert_uint_eq(strlen(text.chars), 2000);
    ck_assert_int_eq(strncmp(text.chars + 1998, "9,", 3), 0);
    ph_text_free(&text);
    ck_assert_ptr_null(text.chars);
    ph_text_free(&text);
}
END_TEST

START_TEST(test_append_without_memory)
{
    ph_text text = {0};
    ph_text_append(&text, "kept");
    fail_alloc_at(1);
    ph_text_append(&text, "%0100d", 1);
    const bool hit = fail_alloc_stop();
    ck_assert(hit);
    ck_assert(text.failed);
    ph_text_append(&text, "!"); /* the failure sticks */
    ck_assert(text.failed);
    ck_assert_str_eq(text.chars, "kept");
    ph_text_free(&text);
}
END_TEST

static const struct {
    const char *text;
    int64_t min, max;
    bool good;
    int64_t value;
} integers[] = {
    {"0", 0, 10, true, 0},
    {"-7", -10, 10, true, -7},
    {"+7", -10, 10, true, 7},
    {"007", 0, 10, true, 7},
    {"10", 0, 10, true, 10},
    {"11", 0, 10, false, 0},
    {"-1", 0, 10, false, 0},
    {"9223372036854775807", 0, INT64_MAX, true, INT64_MAX},
    {"9223372036854775808", 0, INT64_MAX, false, 0},
    {"-9223372036854775808", INT64_MIN, 0, true, INT64_MIN},
    {"", 0, 10, false, 0},
    {"-", -10, 10, false, 0},
    {" 1", 0, 10, false, 0},
    {"1 ", 0, 10, false, 0},
    {"1x", 0, 10, false, 0},
    {"0x1", 0, 10, false, 0},
    {"1.0", 0, 10, false, 0},
    {"--1", -10, 10, false, 0},
    {"+-1", -10, 10, false, 0},
};

START_TEST(test_parse_int)
{
    int64_t value = 12345;
    ck_assert_int_eq(ph_parse_int(integers[_i].text, integers[_i].min, integers[_i].max, &value), integers[_i].good);
    ck_assert_int_eq(value, integers[_i].good ? integers[_i].value : 12345);
}
END_TEST

static const struct {
    const char *text;
    bool good;
    double value;
} reals[] = {
    {"0", true, 0},
    {"0.25", true, 0.25},
    {"-1e3", true, -1000},
    {"+.5", true, 0.5},
    {"5.", true, 5},
    {"1E-2", true, 0.01},
    {"1e999", false, 0},
    {"-1e999", false, 0},
    {"nan", false, 0},
    {"inf", false, 0},
    {"infinity", false, 0},
    {"0x1p3", false, 0},
    {"", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1,5", false, 0},
    {"1.2.3", false, 0},
    {"e5", false, 0},
    {".", false, 0},
    {"-", false, 0},
    {"1e", false, 0},
    {"1e400000000", false, 0},
    {"2001", false, 0},
    {"-2001", false, 0},
    {"00000000000000000000000000000000000000000000000000000000000000001", false, 0},
};

START_TEST(test_parse_real)
{
    double value = 12345;
    ck_assert_int_eq(ph_parse_real(reals[_i].text, -2000, 2000, &value), reals[_i].good);
    ck_assert(value == (reals[_i].good ? reals[_i].value : 12345.0));
}
END_TEST

START_TEST(test_parse_reals)
{
    double values[3];
    ck_assert_int_eq(ph_parse_reals("1,-2.5,3e2", values, 3), 3);
    ck_assert(values[0] == 1.0 && values[1] == -2.5 && values[2] == 300.0);
    ck_assert_int_eq(ph_parse_reals("4", values, 3), 1);
    static const char *const bad[] = {"", ",", "1,", ",1", "1,,2", "1, 2", "1;2", "1,2,3,4", "1,nan", "1,2,x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(ph_parse_reals(bad[i], values, 3) == -1, "'%s'", bad[i]);
}
END_TEST

/* The textbook's full table. */
static size_t slow_distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    size_t table[MAX + 1][MAX + 1];
    const size_t rows = strlen(a), columns = strlen(b);
    for (size_t i = 0; i <= rows; i++)
        for (size_t j = 0; j <= columns; j++) {
            size_t best = i == 0 ? j : i == 0 || j == 0 ? i : table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (i > 0 && table[i - 1][j] + 1 < best)
                best = table[i - 1][j] + 1;
            if (j > 0 && table[i][j - 1] + 1 < best)
                best = table[i][j - 1] + 1;
            table[i][j] = best;
        }
    return table[rows][columns];
}

START_TEST(test_edit_distance)
{
    ck_assert_uint_eq(ph_edit_distance("kitten", "sitting", 10), 3);
    ck_assert_uint_eq(ph_edit_distance("", "", 10), 0);
    ck_assert_uint_eq(ph_edit_distance("", "abc", 10), 3);
    ck_assert_uint_eq(ph_edit_distance("abc", "xyz", 2), 2);
    ck_assert_uint_eq(ph_edit_distance("abc", "abc", 0), 0);
    unsigned state = 1;
    for (int run = 0; run < 3000; run++) {
        char words[2][33] = {{0}};
        for (int w = 0; w < 2; w++) {
            state = state * 1664525u + 1013904223u;
            const int length = (int)(state >> 16 & 31);
            for (int i = 0; i < length; i++) {
                state = state * 1664525u + 1013904223u;
                words[w][i] = (char)('a' + (state >> 16 & 3));
            }
        }
        const size_t expected = slow_distance(words[0], words[1]);
        for (size_t cap = 0; cap < 40; cap += 1 + cap / 4)
            ck_assert_msg(ph_edit_distance(words[0], words[1], cap) == (expected < cap ? expected : cap),
                          "'%s' '%s' %zu", words[0], words[1], cap);
    }
}
END_TEST

START_TEST(test_long_edit_distance)
{
    enum { LENGTH = 60000 };
    char *a = calloc(LENGTH + 1, 1), *b = calloc(LENGTH + 1, 1);
    ck_assert(a && b);
    memset(a, 'x', LENGTH);
    memset(b, 'x', LENGTH);
    b[100] = 'y';
    b[50000] = 'z';
    ck_assert_uint_eq(ph_edit_distance(a, b, 1000), 2); /* the cap counts as 64 */
    b[LENGTH - 100] = '\0';
    ck_assert_uint_eq(ph_edit_distance(a, b, 1000), 64);
    free(a);
    free(b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *text = tcase_create("text");
    tcase_set_timeout(text, 30);
    tcase_add_test(text, test_append);
    tcase_add_test(text, test_append_without_memory);
    tcase_add_loop_test(text, test_parse_int, 0, sizeof integers / sizeof *integers);
    tcase_add_loop_test(text, test_parse_real, 0, sizeof reals / sizeof *reals);
    tcase_add_test(text, test_parse_reals);
    tcase_add_test(text, test_edit_distance);
    tcase_add_test(text, test_long_edit_distance);
    suite_add_tcase(suite, text);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
