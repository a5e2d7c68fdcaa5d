/* Classes by name. */
#include "host/objective/label.h"

#include <check.h>
#include <string.h>

static char *names[] = {"tench, Tinca tinca",
                        "n02123045 tabby, tabby cat",
                        "Egyptian cat",
                        "crane",
                        "crane",
                        "great white shark, white shark, man-eater",
                        "maillot",
                        "maillot, tank suit",
                        "",
                        "n12 odd"};
static const ph_labels labels = {names, sizeof names / sizeof names[0]};

static ph_piece piece(const char *text)
{
    return (ph_piece){text, strlen(text)};
}

START_TEST(test_found)
{
    static const struct {
        const char *name;
        size_t index;
    } cases[] = {{"TENCH, tinca TINCA", 0},
                 {"tench", 0},
                 {"Tinca tinca", 0},
                 {"tabby", 1},
                 {"tabby cat", 1},
                 {"n02123045 tabby, tabby cat", 1},
                 {"tabby, tabby cat", 1},
                 {"n02123045", 1},
                 {"Egypt", 2},
                 {"egyptian cat", 2},
                 {"man-eater", 5},
                 {"great", 5},
                 {"maillot", 6},
                 {"tank suit", 7},
                 {"n12 odd", 9},
                 {"odd", 9}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t index = 99;
        ph_error err = {0};
        ck_assert_msg(ph_label_find(&labels, piece(cases[i].name), &index, &err) == PH_OK, "%s: %s", cases[i].name,
                      err.message);
        ck_assert_uint_eq(index, cases[i].index);
    }
}
END_TEST

START_TEST(test_not_found)
{
    static const struct {
        const char *name, *says[2];
    } cases[] = {
        {"crane", {"2 classes fit 'crane'", "3 'crane', 4 'crane'"}},
        {"cat", {"2 classes", "2 'Egyptian cat'"}},
        {"a", {"classes fit", "and 3 more"}},
        {"", {"no class", ""}},
        {"tonch", {"near to it: 0 'tench", ""}},
        {"maillots", {"6 'maillot'", "7 'maillot"}},
        {"quite another thing", {"no class is called 'quite another thing'; give an index", ""}},
        {"0123456789012345678901234567890123456789012345678901234567890123456789", {"no class", "give an index"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t index = 99;
        ph_error err = {0};
        ck_assert_int_eq(ph_label_find(&labels, piece(cases[i].name), &index, &err), PH_MISUSE);
        ck_assert_uint_eq(index, 99);
        for (int k = 0; k < 2; k++)
            ck_assert_msg(strstr(err.message, cases[i].says[k]), "%s: %s", cases[i].name, err.message);
    }
}
END_TEST

START_TEST(test_exact)
{
    size_t index = 99;
    ck_assert_uint_eq(ph_label_exact(&labels, piece("crane"), &index), 2);
    ck_assert_uint_eq(index, 3);
    ck_assert_uint_eq(ph_label_exact(&labels, piece("white shark"), &index), 1);
    ck_assert_uint_eq(ph_label_exact(&labels, piece("whit"), &index), 0);
    ck_assert_uint_eq(ph_label_exact(&labels, piece(""), &index), 0);
    const ph_labels none = {NULL, 0};
    ck_assert_uint_eq(ph_label_exact(&none, piece("crane"), &index), 0);
    ck_assert_int_eq(ph_label_find(&none, piece("crane"), &index, NULL), PH_MISUSE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("label");
    TCase *tcase = tcase_create("label");
    tcase_add_test(tcase, test_found);
    tcase_add_test(tcase, test_not_found);
    tcase_add_test(tcase, test_exact);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
