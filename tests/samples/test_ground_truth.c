/* Pictures of units whose concepts are known: rendered on the sample classifier, they are what they should be. */
#include "host/model/graph.h"
#include "samples/pictures/pictures.h"
#include "tests/image/scratch.h"
#include "tests/samples/witnesses.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_JOBS = 100, SIDE = 128 };

typedef struct rendered {
    ph_result *pictures[MAX_JOBS];
    char failure[PH_MESSAGE_MAX];
} rendered;

static void keep(size_t index, ph_result *result, const ph_error *err, void *user)
{
    rendered *r = user;
    r->pictures[index] = result;
    if (err)
        strcpy(r->failure, err->message);
}

/* One picture of each target, in few steps; soft: warped, in low frequencies; else as it comes. Free with drop(). */
static void render_all(ph_model *model, char (*targets)[64], size_t count, int side, bool soft, rendered *r)
{
    ph_job jobs[MAX_JOBS] = {{0}};
    ck_assert_uint_le(count, MAX_JOBS);
    for (size_t i = 0; i < count; i++)
        jobs[i].target = targets[i];
    ph_render_options options;
    ph_render_options_init(&options);
    ph_error err = {0};
    if (ph_render_options_preset(&options, soft ? "fast" : "draft", &err) != PH_OK)
        ck_abort_msg("%s", err.message);
    options.steps = 64;
    if (soft)
        options.open_to = 0.5; /* large forms: what two networks have in common lies there, not in fine texture */
    options.warp = soft;
    options.width = options.height = side;
    options.threads = 1; /* a second one costs more than it brings when tests run side by side */
    const ph_callbacks callbacks = {.result = keep, .user = r};
    if (ph_render_many(model, jobs, count, &options, &callbacks, &err) != PH_OK)
        ck_abort_msg("%s %s", err.message, r->failure);
}

static void drop(rendered *r)
{
    for (int i = 0; i < MAX_JOBS; i++)
        ph_result_free(&r->pictures[i]);
}

/* Spirals and rings are made of the same patches; the networks mix them up (samples/train/README.md). */
static bool is_round(int64_t class_index)
{
    const char *name = ph_pictures_class_name((int)class_index);
    return strcmp(name, "spiral") == 0 || strcmp(name, "rings") == 0;
}

/* Both networks look at the picture of every class logit of the first. */
START_TEST(class_pictures_are_recognized)
{
    witness own = witness_load(SAMPLE_NETWORK("classifier")), second = witness_load(SAMPLE_NETWORK("second"));
    const int classes = ph_pictures_class_count();
    char targets[MAX_JOBS][64];
    for (int i = 0; i < classes; i++)
        snprintf(targets[i], sizeof targets[i], "class:%d", i);
    rendered r = {0};
    render_all(own.model, targets, (size_t)classes, SIDE, true, &r);
    scratch_make();
    int by_own = 0, by_second = 0;
    for (int i = 0; i < classes; i++) {
        const uint8_t *rgb = ph_result_pixels(r.pictures[i], -1, NULL);
        const int64_t first_says = witness_says(&own, rgb, SIDE), second_says = witness_says(&second, rgb, SIDE);
        by_own += first_says == i || (is_round(i) && is_round(first_says));
        by_second += second_says == i;
        if (first_says != i || second_says != i)
            printf("%s: %s, the second says %s\n", ph_pictures_class_name(i), ph_pictures_class_name((int)first_says),
                   ph_pictures_class_name((int)second_says));
    }
    printf("of %d classes, the network itself recognizes %d, the second %d\n", classes, by_own, by_second);
    ck_assert_int_eq(by_own, classes);
    ck_assert_int_gt(2 * by_second, classes);
    scratch_delete();
    drop(&r);
    witness_free(&own);
    witness_free(&second);
}
END_TEST

/* ---- First layer ------------------------------------------------------------------------------------------------ */

enum { FILTER = 7, WEIGHTS = 3 * FILTER * FILTER, SMALL = 32 };

static const ph_array *weights_of(const ph_graph *graph, const char *name)
{
    for (int i = 0; i < graph->value_count; i++)
        if (strcmp(graph->values[i].name, name) == 0)
            return graph->values[i].constant;
    return NULL;
}

/* Correlation coefficient of two [3, FILTER, FILTER]. */
static double correlation(const double *a, const double *b)
{
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < WEIGHTS; i++) {
        mean_a += a[i] / WEIGHTS;
        mean_b += b[i] / WEIGHTS;
    }
    for (int i = 0; i < WEIGHTS; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return ab / sqrt(aa * bb);
}

static void quarter_turn(double *to, const double *from)
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < FILTER; y++)
            for (int x = 0; x < FILTER; x++)
                to[(c * FILTER + x) * FILTER + FILTER - 1 - y] = from[(c * FILTER + y) * FILTER + x];
}

/* What the neuron in the middle sees of a picture of SMALL x SMALL. */
static void middle(double *to, const uint8_t *rgb)
{
    const int off = SMALL / 2 - FILTER / 2;
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < FILTER; y++)
            for (int x = 0; x < FILTER; x++)
                to[(c * FILTER + y) * FILTER + x] = rgb[((off + y) * SMALL + off + x) * 3 + c];
}

/* Of all pictures of one length, a filter answers most to itself. So what a first-layer neuron made of its field is
 * more like its own filter than like any other, and than like its own filter turned by 90 degrees. */
START_TEST(first_layer_neurons_draw_their_own_filters)
{
    static const double twins = 0.7; /* filters this much alike are not told apart */
    ph_error err = {0};
    ph_graph *graph = NULL;
    ph_model *model = NULL;
    if (ph_graph_read(SAMPLE_NETWORK("classifier"), &graph, &err) != PH_OK ||
        ph_model_load(SAMPLE_NETWORK("classifier"), NULL, &model, &err) != PH_OK)
        ck_abort_msg("%s", err.message);
    const ph_array *weights = weights_of(graph, "conv1_pre_relu.weight");
    ck_assert_ptr_nonnull(weights);
    const int filters = (int)weights->shape.dim[0];
    ck_assert_int_le(filters, MAX_JOBS);
    double own[MAX_JOBS][WEIGHTS];
    char targets[MAX_JOBS][64];
    for (int i = 0; i < filters; i++) {
        for (int k = 0; k < WEIGHTS; k++)
            own[i][k] = (double)((const float *)weights->data)[i * WEIGHTS + k];
        snprintf(targets[i], sizeof targets[i], "conv1_pre_relu:%d@", i);
    }
    rendered r = {0};
    render_all(model, targets, (size_t)filters, SMALL, false, &r);
    for (int i = 0; i < filters; i++) {
        double seen[WEIGHTS], turned[WEIGHTS];
        middle(seen, ph_result_pixels(r.pictures[i], -1, NULL));
        const double like_own = correlation(seen, own[i]);
        for (int j = 0; j < filters; j++)
            ck_assert_msg(correlation(own[i], own[j]) > twins || like_own > correlation(seen, own[j]),
                          "conv1:%d looks like %d", i, j);
        quarter_turn(turned, own[i]);
        ck_assert_msg(correlation(own[i], turned) > twins || like_own > correlation(seen, turned), "conv1:%d is turned",
                      i);
    }
    drop(&r);
    ph_model_free(&model);
    ph_graph_free(&graph);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 0);
    tcase_add_test(all, first_layer_neurons_draw_their_own_filters);
    tcase_add_test(all, class_pictures_are_recognized);
    Suite *suite = suite_create("ground truth");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
