#include "tests/dream/quick.h"

#include "host/image/png.h"
#include "tests/image/scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ph_error err;

const char *quick_photo(const char *name, int width, int height, int channels)
{
    const size_t count = (size_t)width * (size_t)height * (size_t)channels;
    uint8_t *pixels = malloc(count);
    ck_assert_ptr_nonnull(pixels);
    for (size_t i = 0; i < count; i++) {
        const double x = (double)(i / (size_t)channels % (size_t)width), c = (double)(i % (size_t)channels);
        const double y = (double)(i / (size_t)channels / (size_t)width);
        pixels[i] = (uint8_t)(128 + 60 * sin(x / 5 + c) * cos(y / 7 - c) + 30 * sin((x + 2 * y) / 3));
    }
    const char *path = scratch_path(name);
    OK(ph_png_write(path, pixels, width, height, channels, NULL, NULL, &err));
    free(pixels);
    return path;
}

ph_dream_options quick_options(int index, int cases)
{
    ph_dream_options options;
    ph_dream_options_init(&options);
    options.steps = 2;
    options.octaves = 2;
    options.tile = 48;
    options.overlap = 8;
    snprintf(options.backend, sizeof options.backend, "%s", test_setup_of(TEST_ALL, index, cases)->backend->name);
    snprintf(options.precision, sizeof options.precision, "fp32");
    return options;
}

ph_dream *quick_open(ph_model *model, const char *target, const ph_dream_options *options)
{
    ph_dream *dream = NULL;
    OK(ph_dream_new(model, target, options, NULL, &dream, &err));
    return dream;
}

ph_result *quick_dream(ph_model *model, const char *target, const ph_dream_options *options, const char *photo)
{
    ph_dream *dream = quick_open(model, target, options);
    ph_result *result = NULL;
    OK(ph_dream_photo(dream, photo, &result, &err));
    ph_dream_free(&dream);
    return result;
}

bool quick_same(const ph_result *a, const ph_result *b)
{
    ph_result_info ia, ib;
    ph_result_get(a, &ia);
    ph_result_get(b, &ib);
    const size_t count = (size_t)ia.width * (size_t)ia.height * (size_t)ia.channels;
    return ia.width == ib.width && ia.height == ib.height && ia.channels == ib.channels &&
           memcmp(ph_result_pixels(a, -1, NULL), ph_result_pixels(b, -1, NULL), count) == 0;
}
