/* Small photos and quick dreams for the tests of the library. */
#ifndef TESTS_DREAM_QUICK_H
#define TESTS_DREAM_QUICK_H

#include "tests/base/backends.h"

#define OK(expression) ck_assert_msg((expression) == PH_OK, "%s", err.message)

/* A photo of smooth waves as PNG in the scratch folder; returns its path. */
const char *quick_photo(const char *name, int width, int height, int channels);
/* Two octaves of two steps on tiles of 48, on the backend of loop index `index` of `cases` (TEST_ALL), in float32. */
ph_dream_options quick_options(int index, int cases);
ph_dream *quick_open(ph_model *model, const char *target, const ph_dream_options *options);
ph_result *quick_dream(ph_model *model, const char *target, const ph_dream_options *options, const char *photo);
bool quick_same(const ph_result *a, const ph_result *b);

#endif
