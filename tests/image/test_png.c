/* PNG files: pixels and texts out and in again, damaged files, full disks, failing allocations. */
#include "host/base/alloc.h"
#include "host/image/photo.h"
#include "host/image/png.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"

#include <check.h>
#include <dirent.h>
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char KEY[] = "phosphene";
static const char TEXT[] = "{\"Ziel\": \"größter Käfer – 蝶 🦋\", \"path\": \"a\\\\b\"}\nsecond line";

enum { WIDTH = 21, HEIGHT = 13 };

static void fill(uint8_t *pixels, int channels)
{
    for (int i = 0; i < WIDTH * HEIGHT * channels; i++)
        pixels[i] = (uint8_t)(i * 37 + i / 256);
}

static void set_up(void)
{
    scratch_make();
}

static void tear_down(void)
{
    scratch_delete();
}

static ph_status write_small(const char *path, int channels, const char *text, ph_error *err)
{
    uint8_t pixels[WIDTH * HEIGHT * 3];
    fill(pixels, channels);
    return ph_png_write(path, pixels, WIDTH, HEIGHT, channels, KEY, text, err);
}

START_TEST(test_pixels)
{
    /* Grey, grey and alpha, RGB, RGB and alpha: the alpha comes back on its own, the colours as they were. */
    const int channels = _i + 1, colours = channels < 3 ? 1 : 3;
    const char *path = scratch_path("a.png");
    uint8_t pixels[WIDTH * HEIGHT * 4];
    fill(pixels, channels);
    ck_assert_int_eq(ph_png_write(path, pixels, WIDTH, HEIGHT, channels, NULL, NULL, NULL), PH_OK);
    ck_assert_int_eq(scratch_count(), 1); /* no temporary file beside it */
    ph_photo *photo = NULL, *alpha = NULL;
    ck_assert_int_eq(ph_photo_load_alpha(path, colours, &photo, &alpha, NULL), PH_OK);
    ck_assert_int_eq(photo->width, WIDTH);
    ck_assert_int_eq(photo->height, HEIGHT);
    ck_assert_int_eq(alpha != NULL, channels % 2 == 0);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        for (int c = 0; c < colours; c++)
            ck_assert(photo->pixels[i * colours + c] == (float)pixels[i * channels + c] / 255.0f);
        if (alpha)
            ck_assert(alpha->pixels[i] == (float)pixels[i * channels + colours] / 255.0f);
    }
    ph_photo_free(&photo);
    ph_photo_free(&alpha);
}
END_TEST

static char *long_text(size_t length)
{
    char *text = calloc(length + 1, 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + i * i % 26);
    return text;
}

START_TEST(test_texts)
{
    static const size_t length[] = {0, 1, 1024, 1025, 300000};
    char *text = _i < 5 ? long_text(length[_i]) : NULL;
    const char *path = scratch_path("a.png"), *given = text ? text : TEXT;
    ck_assert_int_eq(write_small(path, 3, given, NULL), PH_OK);
    char *found = NULL;
    ck_assert_int_eq(ph_png_read_text(path, KEY, &found, NULL), PH_OK);
    ck_assert_str_eq(found, given);
    ph_free(found);
    ph_error err = {0};
    ck_assert_int_eq(ph_png_read_text(path, "other", &found, &err), PH_FORMAT);
    ck_assert_ptr_null(found);
    ck_assert_ptr_nonnull(strstr(err.message, "'other'"));
    free(text);
}
END_TEST

/* Bytes that are not UTF-8 become U+FFFD, one by one; what is UTF-8 around them stays. */
START_TEST(test_not_utf8)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xc3\xbc\xc3", "\xc3\xbc\xef\xbf\xbd"},                 /* cut off */
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong '/' */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},                 /* U+10FFFF, the last there is */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    char *found = NULL;
    ck_assert_int_eq(write_small(scratch_path("a.png"), 1, cases[_i].in, NULL), PH_OK);
    ck_assert_int_eq(ph_png_read_text(scratch_path("a.png"), KEY, &found, NULL), PH_OK);
    ck_assert_str_eq(found, cases[_i].out);
    ph_free(found);
}
END_TEST

START_TEST(test_same_bytes)
{
    size_t size[2];
    unsigned char *bytes[2];
    for (int i = 0; i < 2; i++) {
        const char *path = scratch_path(i ? "b.png" : "a.png");
        ck_assert_int_eq(write_small(path, 3, TEXT, NULL), PH_OK);
        bytes[i] = scratch_read(path, &size[i]);
    }
    ck_assert_uint_eq(size[0], size[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], size[0]);
    ck_assert_ptr_null(strstr((char *)bytes[0] + 33, "tIME"));
    free(bytes[0]);
    free(bytes[1]);
}
END_TEST

START_TEST(test_misuse)
{
    static const struct {
        int width, height, channels;
        const char *key;
    } cases[] = {{0, 1, 3, KEY},
                 {1, -1, 3, KEY},
                 {1000001, 1, 1, KEY},
                 {1, 1, 0, KEY},
                 {1, 1, 5, KEY},
                 {1, 1, 3, ""},
                 {1, 1, 3, " a"},
                 {1, 1, 3, "a\n"},
                 {1, 1, 3, "a  b"},
                 {1, 1, 3, "0123456789012345678901234567890123456789012345678901234567890123456789012345678X"}};
    const uint8_t pixels[4] = {0};
    ph_error err = {0};
    ck_assert_int_eq(ph_png_write(scratch_path("a.png"), pixels, cases[_i].width, cases[_i].height, cases[_i].channels,
                                  cases[_i].key, "text", &err),
                     PH_MISUSE);
    ck_assert_uint_gt(strlen(err.message), 10);
    ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

START_TEST(test_no_folder)
{
    ph_error err = {0};
    ck_assert_int_eq(write_small(scratch_path("none/a.png"), 3, TEXT, &err), PH_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "none/a.png"));
    ck_assert_int_eq(mkdir(scratch_path("folder.png"), 0700), 0);
    ck_assert_int_eq(write_small(scratch_path("folder.png"), 3, TEXT, &err), PH_IO);
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

/* A disk that is full after 100 bytes: nothing is left, and a picture of an earlier run stays whole. */
START_TEST(test_full_disk)
{
    const char *path = scratch_path("a.png");
    scratch_write(path, "before", 6);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {100, RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ph_error err = {0};
    const ph_status status = write_small(path, 3, TEXT, &err);
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    ck_assert_int_eq(status, PH_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "a.png"));
    ck_assert_int_eq(scratch_count(), 1);
    size_t size;
    unsigned char *bytes = scratch_read(path, &size);
    ck_assert_str_eq((char *)bytes, "before");
    free(bytes);
}
END_TEST

/* ---- Files of others -------------------------------------------------------------------------------------------- */

static size_t put_chunk(unsigned char *to, const char *type, const void *data, size_t length)
{
    unsigned char *start = to;
    png_save_uint_32(to, (png_uint_32)length);
    memcpy(to + 4, type, 4);
    if (length)
        memcpy(to + 8, data, length);
    unsigned long crc = 0xffffffff;
    for (size_t i = 4; i < 8 + length; i++) {
        crc ^= to[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    png_save_uint_32(to + 8 + length, (png_uint_32)(crc ^ 0xffffffff));
    return (size_t)(to + 12 + length - start);
}

/* A tEXt chunk behind the pixels, as some programs save it. */
START_TEST(test_text_at_end)
{
    size_t size;
    ck_assert_int_eq(ph_png_write(scratch_path("a.png"), (const uint8_t[]){1, 2, 3}, 1, 1, 3, NULL, NULL, NULL), PH_OK);
    unsigned char *bytes = scratch_read(scratch_path("a.png"), &size), longer[1024];
    ck_assert_uint_lt(size, 512);
    memcpy(longer, bytes, size - 12); /* without IEND */
    size_t at = size - 12 + put_chunk(longer + size - 12, "tEXt", "phosphene\0behind", 16);
    at += put_chunk(longer + at, "IEND", NULL, 0);
    scratch_write(scratch_path("b.png"), longer, at);
    char *found = NULL;
    ck_assert_int_eq(ph_png_read_text(scratch_path("b.png"), KEY, &found, NULL), PH_OK);
    ck_assert_str_eq(found, "behind");
    ph_free(found);
    free(bytes);
}
END_TEST

/* Every shorter file and 3000 with one wrong byte: a text, or a message, never a crash. A file cut behind the text
 * chunk still gives its text. */
START_TEST(test_damaged)
{
    size_t size;
    ck_assert_int_eq(write_small(scratch_path("a.png"), 1, TEXT, NULL), PH_OK);
    unsigned char *bytes = scratch_read(scratch_path("a.png"), &size);
    const char *path = scratch_path("b.png");
    int whole = 0;
    for (size_t length = 0; length < size; length++) {
        char *found = NULL;
        ph_error err = {0};
        scratch_write(path, bytes, length);
        const ph_status status = ph_png_read_text(path, KEY, &found, &err);
        ck_assert(status == PH_OK ? strcmp(found, TEXT) == 0 : status == PH_FORMAT && found == NULL && err.message[0]);
        whole += status == PH_OK;
        ph_free(found);
    }
    ck_assert_int_gt(whole, 0);
    uint32_t random = 1;
    for (int i = 0; i < 3000; i++) {
        random = random * 1664525 + 1013904223;
        unsigned char *byte = &bytes[(random >> 8) % size], kept = *byte;
        *byte = (unsigned char)(kept ^ (1 << (random & 7)));
        scratch_write(path, bytes, size);
        *byte = kept;
        char *found = NULL;
        ph_photo *photo = NULL;
        (void)ph_png_read_text(path, KEY, &found, NULL);
        (void)ph_photo_load(path, 3, &photo, NULL);
        ph_free(found);
        ph_photo_free(&photo);
    }
    free(bytes);
}
END_TEST

/* A text that inflates to 96 MiB of zeros from 100 KiB is refused. */
START_TEST(test_bomb)
{
    enum { STORED = 65535 };
    const char *path = scratch_path("a.png");
    char *text = calloc(((size_t)96 << 20) + 1, 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', (size_t)96 << 20);
    ck_assert_int_eq(write_small(path, 1, text, NULL), PH_OK);
    free(text);
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_lt(info.st_size, 1 << 20);
    char *found = NULL;
    ck_assert_int_eq(ph_png_read_text(path, KEY, &found, NULL), PH_FORMAT);
    ck_assert_ptr_null(found);
}
END_TEST

START_TEST(test_suites)
{
    static const char *const folders[] = {"../shared/images/png_suite",        "../shared/images/png_suite/primary",
                                          "../shared/images/png_suite/16bit",  "../shared/images/png_suite/unused",
                                          "../shared/images/png_suite/iphone", "../shared/images/jpeg_suite/crash"};
    if (!scratch_shared(folders[_i]))
        return;
    DIR *list = opendir(folders[_i]);
    ck_assert_ptr_nonnull(list);
    for (const struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        char path[1024], *found = NULL;
        ph_error err = {0};
        snprintf(path, sizeof path, "%s/%s", folders[_i], entry->d_name);
        const ph_status status = ph_png_read_text(path, "Title", &found, &err);
        ck_assert(status == PH_OK ? found != NULL : found == NULL && err.message[0]);
        ph_free(found);
    }
    closedir(list);
}
END_TEST

/* PngSuite: cten0g04 and ctzn0g04 hold a title, the latter in a deflated chunk. */
START_TEST(test_foreign_text)
{
    static const char *const files[] = {"../shared/images/png_suite/unused/ct1n0g04.png",
                                        "../shared/images/png_suite/unused/ctzn0g04.png",
                                        "../shared/images/png_suite/unused/cten0g04.png"};
    if (!scratch_shared(files[_i]))
        return;
    char *found = NULL;
    ck_assert_int_eq(ph_png_read_text(files[_i], "Title", &found, NULL), PH_OK);
    ck_assert_str_eq(found, "PngSuite");
    ph_free(found);
}
END_TEST

/* ---- Failing allocations ---------------------------------------------------------------------------------------- */

START_TEST(test_allocations)
{
    const char *path = scratch_path("a.png");
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        ph_error err = {0};
        fail_alloc_at(n);
        const ph_status status = write_small(path, 3, TEXT, &err);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert_int_eq(scratch_count(), hit ? 0 : 1);
        ck_assert(!hit || err.message[0]);
    }
    ck_assert_int_gt(n, 5);
    for (hit = true, n = 1; hit; n++) {
        char *found = NULL;
        fail_alloc_at(n);
        const ph_status status = ph_png_read_text(path, KEY, &found, NULL);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert((found != NULL) == !hit);
        ph_free(found);
    }
    ck_assert_int_gt(n, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("png");
    TCase *tcase = tcase_create("png");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 100);
    tcase_add_loop_test(tcase, test_pixels, 0, 4);
    tcase_add_loop_test(tcase, test_texts, 0, 6);
    tcase_add_loop_test(tcase, test_not_utf8, 0, 7);
    tcase_add_test(tcase, test_same_bytes);
    tcase_add_loop_test(tcase, test_misuse, 0, 10);
    tcase_add_test(tcase, test_no_folder);
    tcase_add_test(tcase, test_full_disk);
    tcase_add_test(tcase, test_text_at_end);
    tcase_add_test(tcase, test_damaged);
    tcase_add_test(tcase, test_bomb);
    tcase_add_loop_test(tcase, test_suites, 0, 6);
    tcase_add_loop_test(tcase, test_foreign_text, 0, 3);
    tcase_add_test(tcase, test_allocations);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
