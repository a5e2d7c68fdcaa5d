/* The option table: defaults, strict setting, presets, checks. */
#include "host/render/options.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ph_render_options fresh(void)
{
    ph_render_options options;
    memset(&options, 0x5a, sizeof options);
    ph_render_options_init(&options);
    return options;
}

/* ---- Defaults and presets --------------------------------------------------------------------------------------- */

/* As phosphene.h documents the fields. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"preset", "fast"},
    {"size", "auto"},
    {"width", "0"},
    {"height", "0"},
    {"steps", "256"},
    {"seed", "0"},
    {"negative", "no"},
    {"param", "fourier"},
    {"colour", "decorrelated"},
    {"decay", "1"},
    {"init-sd", "0.01"},
    {"init", ""},
    {"warp", "yes"},
    {"pad", "12"},
    {"jitter", "8"},
    {"jitter2", "4"},
    {"scale-min", "0.9"},
    {"scale-max", "1.1"},
    {"scale-count", "11"},
    {"rotate", "10"},
    {"rotate-zeros", "5"},
    {"fill", "0.5"},
    {"optimizer", "adam"},
    {"lr", "0.2"},
    {"schedule", "triangle"},
    {"beta1", "0.5"},
    {"beta2", "0.999"},
    {"epsilon", "1e-08"},
    {"shared-moment", "yes"},
    {"open-from", "0.05"},
    {"open-to", "2"},
    {"contrast", "0.18"},
    {"tv", "0"},
    {"l1", "0"},
    {"l2", "0"},
    {"blur", "0"},
    {"high-frequency", "0"},
    {"l1-center", "0.5"},
    {"high-cutoff", "0.25"},
    {"redirect-steps", "16"},
    {"backend", "auto"},
    {"precision", "auto"},
    {"threads", "0"},
    {"batch", "0"},
    {"memory", "0"},
};
enum { DEFAULT_COUNT = sizeof defaults / sizeof *defaults };

START_TEST(default_is_as_documented)
{
    const ph_render_options options = fresh();
    char text[64];
    ck_assert_int_eq(ph_render_options_get_text(&options, defaults[_i].name, text, sizeof text, NULL), PH_OK);
    ck_assert_str_eq(text, defaults[_i].value);
}
END_TEST

START_TEST(every_option_has_a_documented_default)
{
    ck_assert_int_eq(ph_render_option_count(), DEFAULT_COUNT);
}
END_TEST

START_TEST(defaults_pass_the_check)
{
    const ph_render_options options = fresh();
    ph_error err;
    ck_assert_msg(ph_render_options_check(&options, &err) == PH_OK, "%s", err.message);
}
END_TEST

static const struct {
    const char *preset, *steps, *lr, *schedule, *beta1, *shared, *open_from, *open_to, *contrast;
} presets[] = {
    {"fast", "256", "0.2", "triangle", "0.5", "yes", "0.05", "2", "0.18"},
    {"draft", "128", "0.2", "triangle", "0.5", "yes", "0", "0", "0.18"},
    {"best", "512", "0.2", "triangle", "0.5", "yes", "0.05", "2", "0.18"},
    {"lucid", "512", "0.05", "constant", "0.9", "no", "0", "0", "0"},
};
enum { PRESET_COUNT = sizeof presets / sizeof *presets };

static void expect(const ph_render_options *options, const char *name, const char *value)
{
    char text[64];
    ck_assert_int_eq(ph_render_options_get_text(options, name, text, sizeof text, NULL), PH_OK);
    ck_assert_msg(strcmp(text, value) == 0, "%s is %s, not %s", name, text, value);
}

/* From every other preset, so that nothing of it is left behind; what no preset owns stays. */
START_TEST(preset_sets_its_fields_alone)
{
    for (size_t before = 0; before < PRESET_COUNT; before++) {
        ph_render_options options = fresh();
        ck_assert_int_eq(ph_render_options_preset(&options, presets[before].preset, NULL), PH_OK);
        ck_assert_int_eq(ph_render_options_set(&options, "seed", "7", NULL), PH_OK);
        ck_assert_int_eq(ph_render_options_set(&options, "epsilon", "0.5", NULL), PH_OK);
        ck_assert_int_eq(ph_render_options_set(&options, "preset", presets[_i].preset, NULL), PH_OK);
        expect(&options, "preset", presets[_i].preset);
        expect(&options, "steps", presets[_i].steps);
        expect(&options, "lr", presets[_i].lr);
        expect(&options, "schedule", presets[_i].schedule);
        expect(&options, "beta1", presets[_i].beta1);
        expect(&options, "beta2", "0.999");
        expect(&options, "epsilon", "1e-08");
        expect(&options, "shared-moment", presets[_i].shared);
        expect(&options, "open-from", presets[_i].open_from);
        expect(&options, "open-to", presets[_i].open_to);
        expect(&options, "contrast", presets[_i].contrast);
        expect(&options, "seed", "7");
        ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_OK);
    }
}
END_TEST

/* ---- Setting by name -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *value, *back;
} good[] = {
    {"steps", "1", "1"},
    {"steps", "1000000", "1000000"},
    {"scale_min", "0.5", "0.5"},
    {"scale-min", "5e-1", "0.5"},
    {"lr", "0.1", "0.1"},
    {"lr", "0.30000000000000004", "0.30000000000000004"},
    {"seed", "18446744073709551615", "18446744073709551615"},
    {"size", "320x240", "320x240"},
    {"size", "96", "96x96"},
    {"size", "auto", "auto"},
    {"size", "100000x100000", "100000x100000"},
    {"memory", "4G", "4294967296"},
    {"memory", "500M", "524288000"},
    {"memory", "4T", "4398046511104"},
    {"memory", "12", "12"},
    {"warp", "no", "no"},
    {"warp", "false", "no"},
    {"warp", "1", "yes"},
    {"negative", "yes", "yes"},
    {"backend", "cuda:12", "cuda:12"},
    {"backend", "cuda", "cuda"},
    {"init", "a photo.jpg", "a photo.jpg"},
    {"init", "", ""},
};
enum { GOOD_COUNT = sizeof good / sizeof *good };

START_TEST(good_value_is_set)
{
    ph_render_options options = fresh();
    ph_error err = {0};
    ck_assert_msg(ph_render_options_set(&options, good[_i].name, good[_i].value, &err) == PH_OK, "%s", err.message);
    expect(&options, good[_i].name, good[_i].back);
}
END_TEST

static const struct {
    const char *name, *value, *message; /* what the message must hold */
} bad[] = {
    {"steps", "0", "from 1 to 1000000"},
    {"steps", "-1", "whole number"},
    {"steps", "1e99", "'1e99'"},
    {"steps", "1e3", "whole number"},
    {"steps", "12 ", "whole number"},
    {"steps", "", "whole number"},
    {"steps", "1000001", "1000000"},
    {"steps", "99999999999999999999", "whole number"},
    {"lr", "nan", "number from"},
    {"lr", "inf", "number from"},
    {"lr", "0", "number from"},
    {"lr", "0,1", "number from"},
    {"lr", "0x1p3", "number from"},
    {"beta1", "1", "0.9999"},
    {"seed", "-1", "18446744073709551615"},
    {"seed", "18446744073709551616", "18446744073709551615"},
    {"seed", "", "whole number"},
    {"seed", "1.0", "whole number"},
    {"size", "0x0", "WxH"},
    {"size", "0", "WxH"},
    {"size", "-3x4", "WxH"},
    {"size", "3x", "WxH"},
    {"size", "x3", "WxH"},
    {"size", "3x4x5", "WxH"},
    {"size", "100001", "100000"},
    {"size", "99999999999999999999999999999999999999x1", "WxH"},
    {"memory", "M", "bytes"},
    {"memory", "-1", "bytes"},
    {"memory", "9999999999T", "bytes"},
    {"memory", "1X", "bytes"},
    {"warp", "maybe", "yes or no"},
    {"param", "fourie", "fourier|pixel"},
    {"param", "fourier|pixel", "fourier|pixel"},
    {"param", "", "fourier|pixel"},
    {"backend", "cuda:", "cuda:N"},
    {"backend", "cuda:x", "cuda:N"},
    {"backend", "cuda:N", "cuda:N"},
    {"backend", "cuda:12345678901", "cuda:N"},
    {"preset", "slow", "fast|draft|best|lucid"},
    {"stepz", "3", "did you mean 'steps'"},
    {"zzzzzzzzzzzz", "3", "unknown option"},
    {"", "3", "unknown option"},
};
enum { BAD_COUNT = sizeof bad / sizeof *bad };

START_TEST(bad_value_is_refused_and_changes_nothing)
{
    ph_render_options options = fresh();
    const ph_render_options before = options;
    ph_error err = {0};
    ck_assert_int_eq(ph_render_options_set(&options, bad[_i].name, bad[_i].value, &err), PH_MISUSE);
    ck_assert_msg(strstr(err.message, bad[_i].message) != NULL, "'%s' does not say '%s'", err.message, bad[_i].message);
    ck_assert_mem_eq(&options, &before, sizeof options);
}
END_TEST

START_TEST(text_that_does_not_fit_is_refused)
{
    ph_render_options options = fresh();
    char longest[sizeof options.init], longer[sizeof options.init + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_assert_int_eq(ph_render_options_set(&options, "init", longest, NULL), PH_OK);
    ck_assert_int_eq(ph_render_options_set(&options, "init", longer, NULL), PH_MISUSE);
    char small[8];
    ck_assert_int_eq(ph_render_options_get_text(&options, "init", small, sizeof small, NULL), PH_MISUSE);
}
END_TEST

/* What the information of an option says is what it takes. */
START_TEST(option_information_holds)
{
    ph_option_info info;
    ph_error err;
    ck_assert_int_eq(ph_render_option_get(_i, &info, &err), PH_OK);
    ph_render_options options = fresh();
    ck_assert_int_eq(ph_render_options_set(&options, info.name, info.initial, &err), PH_OK);
    const ph_render_options untouched = fresh();
    ck_assert_mem_eq(&options, &untouched, sizeof options);
    ck_assert_uint_gt(strlen(info.help), 0);
    ck_assert_msg(!strchr(info.name, '_'), "%s: names are written with '-'", info.name);
    ck_assert_int_eq(info.kind == PH_OPTION_CHOICE, info.choices != NULL);
    ck_assert_int_eq(info.kind == PH_OPTION_BOOL, info.value == NULL);
    if (info.kind != PH_OPTION_INT && info.kind != PH_OPTION_REAL)
        return;
    char text[64];
    const double outside = info.kind == PH_OPTION_INT ? 1 : fmax(1e-9, fabs(info.max) * 1e-9);
    const double tried[] = {info.min, info.max, info.min - outside, info.max + outside};
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "%.17g", tried[i]);
        if (info.kind == PH_OPTION_INT)
            snprintf(text, sizeof text, "%.0f", tried[i]);
        ck_assert_msg(ph_render_options_set(&options, info.name, text, NULL) == (i < 2 ? PH_OK : PH_MISUSE), "%s %s",
                      info.name, text);
    }
}
END_TEST

START_TEST(there_is_no_option_beyond_the_last)
{
    ph_option_info info;
    ck_assert_int_eq(ph_render_option_get(-1, &info, NULL), PH_MISUSE);
    ck_assert_int_eq(ph_render_option_get(ph_render_option_count(), &info, NULL), PH_MISUSE);
}
END_TEST

START_TEST(fields_filled_by_hand_are_checked)
{
    ph_render_options options = fresh();
    options.steps = 0;
    ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_MISUSE);
    options = fresh();
    options.lr = (double)NAN;
    ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_MISUSE);
    options = fresh();
    memset(options.param, 'x', sizeof options.param);
    ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_MISUSE);
    options = fresh();
    options.scale_min = 1.2;
    ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_MISUSE);
    options = fresh();
    options.open_to = 0;
    ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_MISUSE);
    options = fresh();
    options.memory_limit = -1;
    ck_assert_int_eq(ph_render_options_check(&options, NULL), PH_MISUSE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tcase = tcase_create("table");
    tcase_add_loop_test(tcase, default_is_as_documented, 0, DEFAULT_COUNT);
    tcase_add_test(tcase, every_option_has_a_documented_default);
    tcase_add_test(tcase, defaults_pass_the_check);
    tcase_add_loop_test(tcase, preset_sets_its_fields_alone, 0, PRESET_COUNT);
    tcase_add_loop_test(tcase, good_value_is_set, 0, GOOD_COUNT);
    tcase_add_loop_test(tcase, bad_value_is_refused_and_changes_nothing, 0, BAD_COUNT);
    tcase_add_test(tcase, text_that_does_not_fit_is_refused);
    tcase_add_loop_test(tcase, option_information_holds, 0, DEFAULT_COUNT);
    tcase_add_test(tcase, there_is_no_option_beyond_the_last);
    tcase_add_test(tcase, fields_filled_by_hand_are_checked);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
