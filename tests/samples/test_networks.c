/* The sample networks are what samples/train/README.md says of them. */
#include "samples/pictures/pictures.h"
#include "tests/image/scratch.h"
#include "tests/samples/witnesses.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct sample {
    const char *path;
    off_t largest; /* bytes */
    int64_t input[4];
    const char *first_layer, *last_layer;
    bool understood; /* by this version: the character network and the table are for later ones */
} sample;

static const sample samples[] = {
    {SAMPLE_NETWORK("classifier"), 4 << 20, {1, 3, 112, 112}, "conv1_pre_relu", "prob", true},
    {SAMPLE_NETWORK("second"), 2 << 20, {1, 3, 112, 112}, "conv1_pre_relu_conv", "prob", true},
    {SAMPLE_NETWORK("generator"), 1 << 20, {1, 64, 1, 1}, "seed_pre_relu", "picture", true},
    {SAMPLE_NETWORK("denoiser"), 1 << 20, {1, 3, 112, 112}, "down1a_pre_relu", "denoised", true},
    {SAMPLE_NETWORK("text"), 1 << 20, {0}, NULL, NULL, false},
    {SAMPLE_NETWORK("credit"), 1 << 20, {0}, NULL, NULL, false},
};

START_TEST(size_is_kept)
{
    struct stat found;
    ck_assert_int_eq(stat(samples[_i].path, &found), 0);
    ck_assert_int_le(found.st_size, samples[_i].largest);
}
END_TEST

START_TEST(layers_are_supported)
{
    const sample *s = &samples[_i];
    if (!s->understood)
        return;
    ph_error err = {0};
    ph_model *model = NULL;
    const ph_layer_info *layers = NULL;
    size_t count = 0;
    int64_t input[4];
    if (ph_model_load(s->path, NULL, &model, &err) != PH_OK ||
        ph_model_layers(model, 0, 0, &layers, &count, input, &err) != PH_OK)
        ck_abort_msg("%s", err.message);
    ck_assert_mem_eq(input, s->input, sizeof input);
    ck_assert_str_eq(layers[0].name, s->first_layer);
    ck_assert_str_eq(layers[count - 1].name, s->last_layer);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(layers[i].supported, "%s: %s", s->path, layers[i].name);
    ph_model_free(&model);
}
END_TEST

static const char *const classifiers[] = {SAMPLE_NETWORK("classifier"), SAMPLE_NETWORK("second")};

START_TEST(metadata_are_in_the_file)
{
    witness w = witness_load(classifiers[_i]);
    ck_assert(!ph_model_preprocess_assumed(w.model));
    ck_assert_ptr_nonnull(strstr(ph_model_preprocess_text(w.model), "model metadata"));
    const int classes = ph_pictures_class_count();
    for (int i = 0; i < classes; i++)
        ck_assert_pstr_eq(ph_model_label(w.model, i), ph_pictures_class_name(i));
    ck_assert_ptr_null(ph_model_label(w.model, classes));
    witness_free(&w);
}
END_TEST

/* Fresh pictures: seeds above those of training and evaluation. The floor is what the networks are made for; the
 * README tells what they reach, and on 200 pictures one standard deviation of that is a percent. */
START_TEST(pictures_are_recognized)
{
    enum { PICTURES = 200, SIDE = 128 };
    static const double floors[] = {0.95, 0.95};
    witness w = witness_load(classifiers[_i]);
    uint8_t *rgb = malloc(SIDE * SIDE * 3);
    ck_assert_ptr_nonnull(rgb);
    scratch_make();
    int right = 0;
    for (int i = 0; i < PICTURES; i++) {
        const int truth = ph_pictures_draw((UINT64_C(1) << 40) + (uint64_t)i, -1, SIDE, SIDE, rgb, NULL);
        ck_assert_int_ge(truth, 0);
        right += witness_says(&w, rgb, SIDE) == truth;
    }
    ck_assert_msg(right >= floors[_i] * PICTURES, "%s: %d of %d", classifiers[_i], right, PICTURES);
    scratch_delete();
    free(rgb);
    witness_free(&w);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 0);
    const int count = (int)(sizeof samples / sizeof *samples);
    tcase_add_loop_test(all, size_is_kept, 0, count);
    tcase_add_loop_test(all, layers_are_supported, 0, count);
    tcase_add_loop_test(all, metadata_are_in_the_file, 0, 2);
    tcase_add_loop_test(all, pictures_are_recognized, 0, 2);
    Suite *suite = suite_create("networks");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
