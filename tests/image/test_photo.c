/* Photos: the JPEG and PNG suites, orientation, alpha, odd files, resizing against Pillow, failing allocations. */
#include "host/base/alloc.h"
#include "host/image/exif.h"
#include "host/image/jpeg_tables.h"
#include "host/image/photo.h"
#include "host/image/png.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARED "../shared/images/"

static void set_up(void)
{
    scratch_make();
}

static void tear_down(void)
{
    scratch_delete();
}

static ph_photo *load(const char *path, int channels)
{
    ph_photo *photo = NULL;
    ph_error err = {0};
    const ph_status status = ph_photo_load(path, channels, &photo, &err);
    ck_assert_msg(status == PH_OK, "%s", err.message);
    return photo;
}

/* Largest and mean difference in grey levels; infinite for another size or a NaN. */
static double difference(const ph_photo *a, const ph_photo *b, double *mean)
{
    double worst = 0, sum = 0;
    if (a->width != b->width || a->height != b->height || a->channels != b->channels)
        return HUGE_VAL;
    const int count = a->width * a->height * a->channels;
    for (int i = 0; i < count; i++) {
        const double d = 255 * fabs((double)a->pixels[i] - (double)b->pixels[i]);
        if (!(d <= worst))
            worst = d == d ? d : HUGE_VAL;
        sum += d;
    }
    *mean = sum / count;
    return worst;
}

/* ---- JPEG ------------------------------------------------------------------------------------------------------- */

/* The references are libjpeg's. Another inverse DCT and the chroma interpolation round differently by up to 3 levels.
 */
static const char *const jpegs[] = {"16bit-qtables",
                                    "blank_800x280",
                                    "extraneous-data",
                                    "grayscale_16x24_sampling2x2",
                                    "grayscale_24x16_sampling2x2",
                                    "grayscale_large",
                                    "grayscale_long",
                                    "grayscale_square",
                                    "non-interleaved-mcu",
                                    "progressive-missing-ac",
                                    "progressive-missing-dc",
                                    "progressive3",
                                    "restarts",
                                    "rgb",
                                    "ycck",
                                    "mozilla/jpg-cmyk-1",
                                    "mozilla/jpg-cmyk-2",
                                    "mozilla/jpg-gray",
                                    "mozilla/jpg-progressive",
                                    "mozilla/jpg-size-15x15",
                                    "mozilla/jpg-size-16x16",
                                    "mozilla/jpg-size-17x17",
                                    "mozilla/jpg-size-1x1",
                                    "mozilla/jpg-size-2x2",
                                    "mozilla/jpg-size-31x31",
                                    "mozilla/jpg-size-32x32",
                                    "mozilla/jpg-size-33x33",
                                    "mozilla/jpg-size-5x5",
                                    "mozilla/jpg-size-6x6",
                                    "mozilla/jpg-size-7x7",
                                    "mozilla/jpg-size-8x8",
                                    "mozilla/jpg-size-9x9",
                                    "mozilla/jpg-srgb-icc",
                                    "mozilla/jpg-size-3x3",
                                    "mozilla/jpg-size-4x4"};

START_TEST(test_jpeg)
{
    char path[256];
    double mean;
    snprintf(path, sizeof path, SHARED "jpeg_suite/valid/%s.jpg", jpegs[_i]);
    if (!scratch_shared(path))
        return;
    ph_photo *photo = load(path, 3);
    snprintf(path, sizeof path, SHARED "jpeg_suite/valid/%s.png", jpegs[_i]);
    ph_photo *reference = load(path, 3);
    const double worst = difference(photo, reference, &mean);
    /* libjpeg repeats chroma when there are only two columns of it, stb_image interpolates: colours differ, not sizes.
     */
    const int few = strstr(jpegs[_i], "3x3") || strstr(jpegs[_i], "size-4x4");
    ck_assert_msg(worst <= (few && !strstr(jpegs[_i], "33x33") ? 100 : 3.001), "%s: %g levels", jpegs[_i], worst);
    ph_photo_free(&photo);
    ph_photo_free(&reference);
}
END_TEST

/* Every file of a folder gives a picture or a message; these are read with sanitizers in the usual runs. */
START_TEST(test_folders)
{
    static const char *const folders[] = {
        SHARED "jpeg_suite/crash", SHARED "jpeg_suite/afl_seeds", SHARED "jpeg_suite/icc",    SHARED "jpeg_suite/valid",
        SHARED "png_suite/iphone", SHARED "png_suite/unused",     SHARED "png_suite/primary", SHARED "png_suite/16bit",
    };
    if (!scratch_shared(folders[_i]))
        return;
    DIR *list = opendir(folders[_i]);
    ck_assert_ptr_nonnull(list);
    for (const struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        char path[1024];
        ph_photo *photo = NULL;
        ph_error err = {0};
        snprintf(path, sizeof path, "%s/%s", folders[_i], entry->d_name);
        const ph_status status = ph_photo_load(path, 3, &photo, &err);
        ck_assert_msg(status == PH_OK || (!photo && strstr(err.message, entry->d_name)), "%s", path);
        ck_assert(status == PH_OK || status == PH_FORMAT || status == PH_IO);
        /* All of PngSuite's files but the deliberately broken ones (which we do not have) are pictures. */
        ck_assert_msg(status == PH_OK || !strstr(folders[_i], "png_suite") || entry->d_name[0] == '.', "%s", path);
        int bad = 0;
        for (int i = 0; photo && i < photo->width * photo->height * 3; i++)
            bad += !(photo->pixels[i] >= 0 && photo->pixels[i] <= 1);
        ck_assert_int_eq(bad, 0);
        ph_photo_free(&photo);
    }
    closedir(list);
}
END_TEST

/* ---- Orientation ------------------------------------------------------------------------------------------------ */

/* libvips' eight files show the same picture once turned, shifted by a few pixels and cut to two sizes; so they are
 * compared small. Turned they are below 9 levels apart, unturned above 35 (measured with Pillow: 39 at full size). */
START_TEST(test_orientation)
{
    char path[256];
    double mean = HUGE_VAL;
    snprintf(path, sizeof path, SHARED "jpeg_suite/exif_orientation/orient_%d.jpg", _i);
    if (!scratch_shared(path))
        return;
    ph_photo *photo = load(path, 3), *first = load(SHARED "jpeg_suite/exif_orientation/orient_1.jpg", 3);
    ck_assert_int_lt(photo->width, photo->height);
    ph_photo *small[2];
    ck_assert_int_eq(ph_photo_crop(photo, 48, 48, 60, &small[0], NULL), PH_OK);
    ck_assert_int_eq(ph_photo_crop(first, 48, 48, 60, &small[1], NULL), PH_OK);
    ck_assert(isfinite(difference(small[0], small[1], &mean)));
    ck_assert_msg(mean < 9, "orientation %d: mean difference %g", _i, mean);
    ph_photo_free(&photo);
    ph_photo_free(&first);
    ph_photo_free(&small[0]);
    ph_photo_free(&small[1]);
}
END_TEST

/* An Exif block as cameras write it, then with every byte changed to some values and cut at every length. */
START_TEST(test_exif_bytes)
{
    static const uint8_t file[] = {0xff, 0xd8, 0xff, 0xe0, 0,   4,   1, 2,   0xff, 0xff, 0xe1, 0, 0x22, 'E', 'x',
                                   'i',  'f',  0,    0,    'M', 'M', 0, '*', 0,    0,    0,    8, 0,    1,   0x01,
                                   0x12, 0,    3,    0,    0,   0,   1, 0,   6,    0,    0,    0, 0,    0,   0};
    ck_assert_int_eq(ph_exif_orientation(file, sizeof file), 6);
    for (size_t length = 0; length <= sizeof file; length++) {
        uint8_t *copy = malloc(length ? length : 1); /* exact, so that reading beyond it is seen */
        memcpy(copy, file, length);
        const int orientation = ph_exif_orientation(copy, length);
        ck_assert(orientation == 1 || orientation == 6);
        for (size_t i = 0; i < length; i++)
            for (int value = 0; value < 256; value += 15) {
                const uint8_t kept = copy[i];
                copy[i] = (uint8_t)value;
                const int found = ph_exif_orientation(copy, length);
                ck_assert(found >= 1 && found <= 8);
                copy[i] = kept;
            }
        free(copy);
    }
}
END_TEST

/* A Huffman table of 256 codes is the largest that decoders have room for; cut and odd files are no concern of it. */
START_TEST(test_jpeg_tables)
{
    enum { HEAD = 10, SIZE = HEAD + 2 * (17 + 256) };
    uint8_t file[SIZE] = {0xff, 0xd8, 0xff, 0xe0, 0, 2, 0xff, 0xc4};
    file[8] = (SIZE - 8) >> 8;
    file[9] = (SIZE - 8) & 0xff;
    file[HEAD + 8] = 255;
    file[HEAD + 16] = 1; /* a table of 256, then one of 255 */
    uint8_t *second = file + HEAD + 17 + 256;
    second[7] = 255;
    ck_assert(ph_jpeg_tables_fit(file, SIZE));
    second[16] = 2;
    ck_assert(!ph_jpeg_tables_fit(file, SIZE));
    for (size_t length = 0; length < (size_t)HEAD + 17 + 256; length++) {
        uint8_t *copy = malloc(length ? length : 1); /* exact, so that reading beyond it is seen */
        memcpy(copy, file, length);
        ck_assert(ph_jpeg_tables_fit(copy, length));
        free(copy);
    }
    file[9] = 20; /* the segment ends inside the first table: what follows is no table any more */
    file[8] = 0;
    ck_assert(ph_jpeg_tables_fit(file, SIZE));
    file[HEAD + 16] = 2;
    ck_assert(!ph_jpeg_tables_fit(file, SIZE));
}
END_TEST

/* ---- Pixels ----------------------------------------------------------------------------------------------------- */

static ph_photo *load_bytes(const void *bytes, size_t size, int channels)
{
    scratch_write(scratch_path("a.pic"), bytes, size);
    return load(scratch_path("a.pic"), channels);
}

START_TEST(test_pnm)
{
    static const char colour[] = "P6 2 1 255\n\377\000\000\000\377\000"; /* a red and a green pixel */
    ph_photo *photo = load_bytes(colour, sizeof colour - 1, 3);
    static const float rgb[6] = {1, 0, 0, 0, 1, 0};
    ck_assert_mem_eq(photo->pixels, rgb, sizeof rgb);
    ph_photo_free(&photo);
    photo = load_bytes(colour, sizeof colour - 1, 1);
    ck_assert(photo->pixels[0] == 0.299f && photo->pixels[1] == 0.587f); /* Rec. 601 */
    ph_photo_free(&photo);
    photo = load_bytes("P5 1 1 255\n\063", 12, 3); /* grey 51 = 0.2 */
    ck_assert(photo->pixels[0] == 0.2f && photo->pixels[1] == 0.2f && photo->pixels[2] == 0.2f);
    ph_photo_free(&photo);
}
END_TEST

/* PngSuite's tbbn2c16, 16 bits per sample, and its like with 8 bits must agree within the rounding of 8 bits. */
START_TEST(test_wide)
{
    if (!scratch_shared(SHARED "png_suite/16bit/basn2c16.png"))
        return;
    ph_photo *photo = load(SHARED "png_suite/16bit/basn2c16.png", 3);
    /* basn2c16 is a gradient in steps of 65535/31: the corners are known. */
    ck_assert(photo->pixels[0] == 1 && photo->pixels[1] == 1 && photo->pixels[2] == 0);
    const float *last = photo->pixels + 3 * (32 * 32 - 1);
    ck_assert(last[0] == 0 && last[1] == 0 && last[2] == 1);
    int between = 0;
    for (int i = 0; i < 32 * 32 * 3; i++) {
        const float steps = photo->pixels[i] * 255;
        between += fabsf(steps - rintf(steps)) > 0.01f;
    }
    ck_assert_int_gt(between, 1000); /* more than 8 bits came through */
    ph_photo_free(&photo);
}
END_TEST

/* A fully transparent pixel is mid-grey, an opaque one itself: libvips' RGBA sample against the formula. */
START_TEST(test_alpha)
{
    /* A 2x1 GIF: colour 0 = white, 1 = black, 1 is transparent. */
    static const uint8_t gif[] = {'G', 'I', 'F', '8', '9',  'a',  2, 0, 1, 0,    0x80, 0, 0,    255, 255,
                                  255, 0,   0,   0,   0x21, 0xf9, 4, 1, 0, 0,    1,    0, 0x2c, 0,   0,
                                  0,   0,   2,   0,   1,    0,    0, 2, 2, 0x44, 0x0a, 0, 0x3b};
    ph_photo *photo = load_bytes(gif, sizeof gif, 3);
    ck_assert_int_eq(photo->width, 2);
    for (int c = 0; c < 3; c++) {
        ck_assert(photo->pixels[c] == 1);
        ck_assert(photo->pixels[3 + c] == 0.5f);
    }
    ph_photo_free(&photo);
}
END_TEST

/* Apple's variant of PNG must show the picture that the usual file shows. */
START_TEST(test_iphone)
{
    double mean;
    if (!scratch_shared(SHARED "png_suite/iphone/iphone_z06n2c08.png"))
        return;
    ph_photo *photo = load(SHARED "png_suite/iphone/iphone_z06n2c08.png", 3);
    ph_photo *usual = load(SHARED "png_suite/primary/z06n2c08.png", 3);
    ck_assert(difference(photo, usual, &mean) == 0);
    ph_photo_free(&photo);
    ph_photo_free(&usual);
}
END_TEST

START_TEST(test_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {{"", 0, "not a picture"},
                 {"hello, world", 12, "not a picture"},
                 {"P6 20000 20000 255\n", 19, "megapixels"},
                 {"P6 999999999 999999999 255\n", 27, "a.pic"},
                 {"P5 0 5 255\n", 11, "a.pic"},
                 {"GIF89a\377\377\377\377\0\0\0", 13, "megapixels"},
                 {"BM", 2, "a.pic"},
                 {"\x89PNG\r\n\x1a\n", 8, "not a picture"}};
    ph_photo *photo = NULL;
    ph_error err = {0};
    scratch_write(scratch_path("a.pic"), cases[_i].bytes, cases[_i].size);
    ck_assert_int_eq(ph_photo_load(scratch_path("a.pic"), 3, &photo, &err), PH_FORMAT);
    ck_assert_ptr_null(photo);
    ck_assert_msg(strstr(err.message, cases[_i].says) && strstr(err.message, "a.pic"), "%s", err.message);
}
END_TEST

START_TEST(test_no_file)
{
    ph_photo *photo = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_photo_load(scratch_path("none.jpg"), 3, &photo, &err), PH_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "none.jpg"));
    ck_assert_int_eq(ph_photo_load(scratch_path("."), 3, &photo, &err), PH_IO);
    ck_assert_int_eq(ph_photo_load(scratch_path("none.jpg"), 2, &photo, &err), PH_MISUSE);
}
END_TEST

/* ---- Resizing --------------------------------------------------------------------------------------------------- */

enum { WIDTH = 13, HEIGHT = 7 };

static ph_photo pattern(float *pixels, int channels)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < channels; c++)
                pixels[(y * WIDTH + x) * channels + c] = (float)((7 * x + 13 * y) % 32) / 32.0f;
    return (ph_photo){WIDTH, HEIGHT, channels, pixels};
}

/* Pillow 13.0, image mode F, resize(BILINEAR) to 7x4 and to 18x10, and the crops that torchvision's CenterCrop takes.
 */
static const float shrunk[12] = {0.4770585f, 0.4891071f, 0.5933779f, 0.5122768f, 0.5165625f, 0.4823000f,
                                 0.5767708f, 0.3844792f, 0.4857292f, 0.5802000f, 0.5042709f, 0.4586458f};
static const float grown[20] = {0.7097222f, 0.8677083f, 0.4187500f, 0.2336806f, 0.3875000f, 0.3440972f, 0.5020834f,
                                0.4364583f, 0.4680556f, 0.6260417f, 0.2784722f, 0.4364583f, 0.5944445f, 0.6260417f,
                                0.5604167f, 0.5531250f, 0.6750000f, 0.8288194f, 0.6437500f, 0.1947917f};

START_TEST(test_resize)
{
    static const struct {
        int side, width, height;
        const float *expected;
    } cases[] = {{4, 4, 3, shrunk}, {10, 5, 4, grown}};
    float pixels[WIDTH * HEIGHT * 3];
    for (int channels = 1; channels <= 3; channels += 2) {
        const ph_photo photo = pattern(pixels, channels);
        ph_photo *crop = NULL;
        ck_assert_int_eq(ph_photo_crop(&photo, cases[_i].side, cases[_i].width, cases[_i].height, &crop, NULL), PH_OK);
        ck_assert_int_eq(crop->width, cases[_i].width);
        ck_assert_int_eq(crop->height, cases[_i].height);
        for (int i = 0; i < crop->width * crop->height * channels; i++) /* 1e-6: float sums of up to 25 terms below 1 */
            ck_assert(fabsf(crop->pixels[i] - cases[_i].expected[i / channels]) <= 1e-6f);
        ph_photo_free(&crop);
    }
}
END_TEST

/* The picture's own size gives its own pixels, and a constant stays constant at any size. */
START_TEST(test_resize_identity)
{
    float pixels[WIDTH * HEIGHT];
    ph_photo photo = pattern(pixels, 1);
    ph_photo *crop = NULL;
    ck_assert_int_eq(ph_photo_crop(&photo, HEIGHT, WIDTH, HEIGHT, &crop, NULL), PH_OK);
    ck_assert_mem_eq(crop->pixels, pixels, sizeof pixels);
    ph_photo_free(&crop);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = 0.75f;
    for (int side = 1; side < 40; side++) {
        ck_assert_int_eq(ph_photo_crop(&photo, side, side, side, &crop, NULL), PH_OK);
        for (int i = 0; i < side * side; i++)
            ck_assert(fabsf(crop->pixels[i] - 0.75f) <= 1e-6f);
        ph_photo_free(&crop);
    }
}
END_TEST

START_TEST(test_resize_misuse)
{
    float pixels[WIDTH * HEIGHT];
    const ph_photo photo = pattern(pixels, 1);
    ph_photo *crop = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_photo_crop(&photo, 0, 1, 1, &crop, &err), PH_MISUSE);
    ck_assert_int_eq(ph_photo_crop(&photo, 7, 14, 7, &crop, &err), PH_MISUSE);
    ck_assert_int_eq(ph_photo_crop(&photo, 7, 13, 8, &crop, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "13x8"));
    ck_assert_int_eq(ph_photo_crop(&photo, INT32_MAX, 1, 1, &crop, &err), PH_MISUSE);
    ck_assert_ptr_null(crop);
}
END_TEST

/* ---- Failing allocations ---------------------------------------------------------------------------------------- */

static void write_formats(void)
{
    static const char pnm[] = "P5 4 2 255\nabcdefgh";
    uint8_t pixels[24 * 16 * 3];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 7);
    scratch_write(scratch_path("0"), pnm, sizeof pnm - 1);
    ck_assert_int_eq(ph_png_write(scratch_path("1"), pixels, 24, 16, 3, NULL, NULL, NULL), PH_OK);
}

START_TEST(test_allocations)
{
    static const char *const shared[] = {
        SHARED "jpeg_suite/valid/progressive-missing-ac.jpg", SHARED "jpeg_suite/valid/mozilla/jpg-cmyk-1.jpg",
        SHARED "jpeg_suite/valid/mozilla/jpg-size-33x33.jpg", SHARED "png_suite/16bit/basi6a16.png",
        SHARED "png_suite/primary/s40i3p04.png"};
    write_formats();
    const char *path = _i < 2 ? scratch_path(_i ? "1" : "0") : shared[_i - 2];
    if (!scratch_shared(path))
        return;
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        ph_photo *photo = NULL, *crop = NULL;
        ph_error err = {0};
        fail_alloc_at(n);
        ph_status status = ph_photo_load(path, 3, &photo, &err);
        if (status == PH_OK)
            status = ph_photo_crop(photo, 2, 2, 2, &crop, &err);
        hit = fail_alloc_stop();
        ck_assert_msg(status == (hit ? PH_NO_MEMORY : PH_OK), "allocation %ld: %s", n, err.message);
        ck_assert((crop != NULL) == !hit);
        ph_photo_free(&photo);
        ph_photo_free(&crop);
    }
    ck_assert_int_gt(n, 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("photo");
    TCase *tcase = tcase_create("photo");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 100);
    tcase_add_loop_test(tcase, test_jpeg, 0, (int)(sizeof jpegs / sizeof jpegs[0]));
    tcase_add_loop_test(tcase, test_folders, 0, 8);
    tcase_add_loop_test(tcase, test_orientation, 1, 9);
    tcase_add_test(tcase, test_exif_bytes);
    tcase_add_test(tcase, test_jpeg_tables);
    tcase_add_test(tcase, test_pnm);
    tcase_add_test(tcase, test_wide);
    tcase_add_test(tcase, test_alpha);
    tcase_add_test(tcase, test_iphone);
    tcase_add_loop_test(tcase, test_refused, 0, 8);
    tcase_add_test(tcase, test_no_file);
    tcase_add_loop_test(tcase, test_resize, 0, 2);
    tcase_add_test(tcase, test_resize_identity);
    tcase_add_test(tcase, test_resize_misuse);
    tcase_add_loop_test(tcase, test_allocations, 0, 7);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
