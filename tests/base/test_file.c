/* Whole files in and out: what is refused, and what is left behind by a failure. */
#include "host/base/alloc.h"
#include "host/base/file.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder;

static void set_up(void)
{
    folder = scratch_make();
}

static void tear_down(void)
{
    scratch_delete();
}

static void check_content(const char *path, const char *expected)
{
    size_t size;
    unsigned char *bytes = scratch_read(path, &size);
    ck_assert_uint_eq(size, strlen(expected));
    ck_assert_str_eq((const char *)bytes, expected);
    free(bytes);
}

START_TEST(test_round_trip)
{
    enum { SIZE = 300000 };
    char *out = malloc(SIZE);
    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < SIZE; i++)
        out[i] = (char)(i * 7 + i / 256);
    const char *path = scratch_path("a");
    ck_assert_int_eq(ph_file_write(path, out, SIZE, NULL), PH_OK);
    void *in;
    size_t size;
    ck_assert_int_eq(ph_file_read(path, SIZE, &in, &size, NULL), PH_OK);
    ck_assert_uint_eq(size, SIZE);
    ck_assert_mem_eq(in, out, SIZE);
    ck_assert_int_eq(((const char *)in)[SIZE], 0); /* the NUL behind it */
    ph_free(in);
    ck_assert_int_eq(ph_file_write(path, "short", 5, NULL), PH_OK); /* replaces */
    check_content(path, "short");
    ck_assert_int_eq(ph_file_write(path, "", 0, NULL), PH_OK);
    ck_assert_int_eq(ph_file_read(path, 0, &in, &size, NULL), PH_OK);
    ck_assert_uint_eq(size, 0);
    ph_free(in);
    ck_assert_int_eq(scratch_count(), 1);
    free(out);
}
END_TEST

static void check_read_fails(const char *path, size_t limit, const char *reason)
{
    void *bytes = NULL;
    size_t size;
    ph_error err = {0};
    ck_assert_int_eq(ph_file_read(path, limit, &bytes, &size, &err), PH_IO);
    ck_assert_ptr_null(bytes);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' lacks '%s'", err.message, reason);
}

START_TEST(test_unreadable)
{
    const char *fifo = scratch_path("fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    scratch_write(scratch_path("b"), "12345", 5);
    check_read_fails(scratch_path("none"), 100, "No such file");
    check_read_fails("", 100, "No such file");
    check_read_fails(folder, 100, "directory");
    check_read_fails(fifo, 100, "not a regular file");
    check_read_fails("/dev/zero", 100, "not a regular file");
    check_read_fails(scratch_path("b"), 4, "more than the 4 allowed");
}
END_TEST

static void check_write_fails(const char *path, const char *reason)
{
    ph_error err = {0};
    const int before = scratch_count();
    ck_assert_int_eq(ph_file_write(path, "x", 1, &err), PH_IO);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' lacks '%s'", err.message, reason);
    ck_assert_int_eq(scratch_count(), before);
}

START_TEST(test_unwritable)
{
    const char *fifo = scratch_path("fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    check_write_fails(folder, "directory");
    check_write_fails(fifo, "not a regular file");
    check_write_fails("/dev/null", "not a regular file");
    check_write_fails("", "empty");
    check_write_fails(scratch_path("missing/a"), "No such file");
    scratch_write(scratch_path("b"), "x", 1);
    check_write_fails(scratch_path("b/a"), "Not a directory");
}
END_TEST

/* A limit on file sizes fails a write in its middle, as a full disk does. */
START_TEST(test_full_disk)
{
    const char *path = scratch_path("a");
    scratch_write(path, "before", 6);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {1000, 1000};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    static const char big[5000];
    ph_error err = {0};
    ck_assert_int_eq(ph_file_write(path, big, sizeof big, &err), PH_IO);
    ck_assert_msg(strstr(err.message, "File too large") != NULL, "%s", err.message);
    check_content(path, "before");
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

START_TEST(test_name_in_use)
{
    char stale[64];
    snprintf(stale, sizeof stale, "a.tmp-%ld", (long)getpid());
    scratch_write(scratch_path(stale), "other", 5);
    ck_assert_int_eq(ph_file_write(scratch_path("a"), "new", 3, NULL), PH_OK);
    check_content(scratch_path("a"), "new");
    check_content(scratch_path(stale), "other");
}
END_TEST

START_TEST(test_no_memory)
{
    const char *path = scratch_path("a");
    scratch_write(path, "before", 6);
    int failures = 0;
    for (long n = 1;; n++) {
        void *bytes = NULL;
        size_t size;
        fail_alloc_at(n);
        const ph_status status = ph_file_read(path, 100, &bytes, &size, NULL);
        const bool hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ph_free(bytes);
        if (!hit)
            break;
        failures++;
    }
    ck_assert_int_gt(failures, 0);
    for (long n = 1;; n++) {
        fail_alloc_at(n);
        const ph_status status = ph_file_write(path, "after", 5, NULL);
        const bool hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert_int_eq(scratch_count(), 1);
        check_content(path, hit ? "before" : "after");
        if (!hit)
            break;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file");
    TCase *file = tcase_create("file");
    tcase_add_checked_fixture(file, set_up, tear_down);
    tcase_set_timeout(file, 30);
    tcase_add_test(file, test_round_trip);
    tcase_add_test(file, test_unreadable);
    tcase_add_test(file, test_unwritable);
    tcase_add_test(file, test_full_disk);
    tcase_add_test(file, test_name_in_use);
    tcase_add_test(file, test_no_memory);
    suite_add_tcase(suite, file);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
