/* Directions: random ones, .npy files, text files. */
#include "host/base/alloc.h"
#include "host/objective/direction.h"
#include "host/objective/npy.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_up(void)
{
    scratch_make();
}

static void tear_down(void)
{
    scratch_delete();
}

START_TEST(test_random)
{
    enum { LENGTH = 512 };
    float *a, *b;
    double norm = 0, sum = 0, product = 0;
    ck_assert_int_eq(ph_direction_random(3, LENGTH, &a, NULL), PH_OK);
    ck_assert_int_eq(ph_direction_random(4, LENGTH, &b, NULL), PH_OK);
    for (int i = 0; i < LENGTH; i++) {
        norm += (double)a[i] * (double)a[i];
        sum += (double)a[i];
        product += (double)a[i] * (double)b[i];
    }
    ck_assert(fabs(norm - 1) <= 1e-6);
    ck_assert(fabs(sum) <= 5);                    /* five standard errors of a sum of 512 of size 1/sqrt 512 */
    ck_assert(fabs(product) <= 5 / sqrt(LENGTH)); /* other seeds, other directions */
    ph_free(b);
    ck_assert_int_eq(ph_direction_random(3, LENGTH, &b, NULL), PH_OK);
    ck_assert_mem_eq(a, b, LENGTH * sizeof *a);
    ph_free(a);
    ph_free(b);
}
END_TEST

/* ---- .npy ------------------------------------------------------------------------------------------------------- */

/* A file of version MAJOR.0 with this dictionary and these bytes. */
static const char *npy(int major, const char *dictionary, const void *data, size_t size)
{
    unsigned char file[1024] = "\x93NUMPY";
    const size_t length = strlen(dictionary), width = major == 1 ? 2 : 4;
    file[6] = (unsigned char)major;
    file[8] = (unsigned char)(length & 255);
    file[9] = (unsigned char)(length >> 8);
    memcpy(file + 8 + width, dictionary, length);
    memcpy(file + 8 + width + length, data, size);
    const char *path = scratch_path("v.npy");
    scratch_write(path, file, 8 + width + length + size);
    return path;
}

static const float three[3] = {1.5f, -2, 1e30f};
static const double three_wide[3] = {1.5, -2, 1e30};

START_TEST(test_npy)
{
    static const struct {
        int major;
        const char *dictionary;
        size_t width;
    } cases[] = {
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }          \n", 4},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n", 8},
        {2, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }\n", 4},
        {3, "{'descr': '<f8', 'fortran_order': True, 'shape': (1, 3, 1, 1), }\n", 8},
        {1, "{'shape': (3,), 'descr': '<f4', 'fortran_order': False}", 4},
    };
    float *values;
    size_t count;
    const void *data = cases[_i].width == 4 ? (const void *)three : (const void *)three_wide;
    const char *path = npy(cases[_i].major, cases[_i].dictionary, data, 3 * cases[_i].width);
    ck_assert_int_eq(ph_vector_read(path, &values, &count, NULL), PH_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_mem_eq(values, three, sizeof three);
    ph_free(values);
}
END_TEST

START_TEST(test_npy_scalar)
{
    float *values;
    size_t count;
    const char *path = npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", three, 4);
    ck_assert_int_eq(ph_vector_read(path, &values, &count, NULL), PH_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert(values[0] == 1.5f);
    ph_free(values);
}
END_TEST

START_TEST(test_npy_wrong)
{
    static const struct {
        const char *dictionary;
        size_t size;
        const char *says;
    } cases[] = {
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (3,), }", 12, "little-endian"},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", 12, "float32"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 24, "more than one dimension"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", 12, "do not agree"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 13, "do not agree"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", 0, "empty"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 12, "dimension"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", 12, "dimension"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,", 12, "dimension"},
        {"{'descr': '<f4', 'shape': (3,), }", 12, "header"},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (3,), }", 12, "header"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", 12, "float32"},
        {"", 12, "header"},
        {"{", 0, "header"},
    };
    const unsigned char data[32] = {0};
    float *values;
    size_t count;
    ph_error err = {0};
    const char *path = npy(1, cases[_i].dictionary, data, cases[_i].size);
    ck_assert_int_eq(ph_vector_read(path, &values, &count, &err), PH_FORMAT);
    ck_assert_ptr_null(values);
    ck_assert_msg(strstr(err.message, cases[_i].says) && strstr(err.message, "v.npy"), "%s", err.message);
}
END_TEST

/* Infinities and NaN, and a double that is infinite as a float. */
START_TEST(test_not_finite)
{
    const float bad[2] = {1, _i ? INFINITY : NAN};
    const double large[2] = {1, 1e39};
    float *values;
    size_t count;
    ph_error err = {0};
    const char *path = npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", bad, sizeof bad);
    ck_assert_int_eq(ph_vector_read(path, &values, &count, &err), PH_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "entry 1"));
    path = npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", large, sizeof large);
    ck_assert_int_eq(ph_vector_read(path, &values, &count, &err), PH_FORMAT);
}
END_TEST

/* Every file shorter than a good one, and every byte of it changed to every eighth value. */
START_TEST(test_npy_damaged)
{
    size_t size, count;
    float *values;
    const char *path = npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", three, sizeof three);
    unsigned char *bytes = scratch_read(path, &size);
    int wrong = 0;
    for (size_t length = 0; length < size; length++) {
        scratch_write(path, bytes, length);
        wrong += ph_vector_read(path, &values, &count, NULL) != PH_FORMAT || values;
    }
    for (size_t i = 0; i < size; i++)
        for (int value = 0; value < 256; value += 8) {
            const unsigned char kept = bytes[i];
            bytes[i] = (unsigned char)value;
            scratch_write(path, bytes, size);
            bytes[i] = kept;
            const ph_status status = ph_vector_read(path, &values, &count, NULL);
            wrong += status == PH_OK ? !values : status != PH_FORMAT || values;
            ph_free(values);
        }
    ck_assert_int_eq(wrong, 0);
    free(bytes);
}
END_TEST

/* ---- Text ------------------------------------------------------------------------------------------------------- */

START_TEST(test_text)
{
    static const char *const good[] = {"1.5 -2 1e30",           "1.5,-2,1e30\n",
                                       "1.5\r\n-2\r\n1e30\r\n", "# a comment\n1.5;-2 # another 7\n1e30#",
                                       "\t1.5, -2,,\n\n1e30 ",  "+1.5 -2.0 1E30"};
    float *values;
    size_t count;
    ph_error err = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        scratch_write(scratch_path("v.txt"), good[i], strlen(good[i]));
        ck_assert_msg(ph_vector_read(scratch_path("v.txt"), &values, &count, &err) == PH_OK, "%zu: %s", i, err.message);
        ck_assert_uint_eq(count, 3);
        ck_assert_mem_eq(values, three, sizeof three);
        ph_free(values);
    }
    static const char *const bad[] = {"",      " \n",    "# nothing\n", "1 2 x", "1 nan",
                                      "1 inf", "1 1e39", "1 1e999",     "0x10",  "1 2\0 3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        scratch_write(scratch_path("v.txt"), bad[i], i == 9 ? 6 : strlen(bad[i]));
        ck_assert_int_eq(ph_vector_read(scratch_path("v.txt"), &values, &count, &err), PH_FORMAT);
        ck_assert_ptr_null(values);
        ck_assert_ptr_nonnull(strstr(err.message, "v.txt"));
    }
    ck_assert_int_eq(ph_vector_read(scratch_path("none"), &values, &count, &err), PH_IO);
}
END_TEST

START_TEST(test_allocations)
{
    char text[200] = "";
    for (int i = 0; i < 40; i++)
        strcat(text, "1 2 ");
    scratch_write(scratch_path("v.txt"), text, strlen(text));
    for (int kind = 0; kind < 2; kind++) {
        const char *path =
            kind ? npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", three, sizeof three)
                 : scratch_path("v.txt");
        bool hit = true;
        long n = 1;
        for (; hit; n++) {
            float *values;
            size_t count;
            fail_alloc_at(n);
            const ph_status status = ph_vector_read(path, &values, &count, NULL);
            hit = fail_alloc_stop();
            ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
            ck_assert((values != NULL) == !hit);
            ph_free(values);
        }
        ck_assert_int_gt(n, 3);
    }
    float *direction;
    fail_alloc_at(1);
    const ph_status status = ph_direction_random(1, 8, &direction, NULL);
    fail_alloc_stop();
    ck_assert_int_eq(status, PH_NO_MEMORY);
    ck_assert_ptr_null(direction);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("direction");
    TCase *tcase = tcase_create("direction");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_random);
    tcase_add_loop_test(tcase, test_npy, 0, 5);
    tcase_add_test(tcase, test_npy_scalar);
    tcase_add_loop_test(tcase, test_npy_wrong, 0, 14);
    tcase_add_loop_test(tcase, test_not_finite, 0, 2);
    tcase_add_test(tcase, test_npy_damaged);
    tcase_add_test(tcase, test_text);
    tcase_add_test(tcase, test_allocations);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
