/* classify on the 1000 ImageNet pictures must reach the accuracies that another runtime reached on the same files
 * (DATA.md of the shared data): within half a point, since resampling details differ a little between programs. */
#include "phosphene.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODELS "../shared/models/"
#define PICTURES "../shared/images/imagenet1000/"
#define INDEX "../shared/images/imagenet1000_index.csv"

enum { TOP = 5, LINE = 400, SKIPPED = 77, PICTURE_COUNT = 1000 };

typedef struct network {
    const char *file, *preprocess;
    int column; /* of the index file that counts in this network's class order */
    double top1, top5;
} network;

static const network networks[] = {
    {MODELS "inceptionv1/inceptionv1_caffe2.onnx", "lucid", 3, 84.9, 96.8},
    {MODELS "googlenet/bvlc_googlenet.onnx", "caffe", 2, 74.3, 92.6},
    {MODELS "squeezenet/squeezenet_v1.1.onnx", "caffe", 2, 60.7, 81.9},
};

/* File name and class index of one line; false at the header. */
static bool parse_line(char *line, int column, char **name, long *index)
{
    *name = strtok(line, ",");
    char *field = *name;
    for (int i = 1; i <= column && field; i++)
        field = strtok(NULL, ",");
    char *end = field;
    if (field)
        *index = strtol(field, &end, 10);
    return field && end != field;
}

START_TEST(accuracy)
{
    const network *n = &networks[_i];
    ph_error err = {0};
    ph_model *model = NULL;
    ph_classifier *classifier = NULL;
    const ph_model_options options = {.preprocess = n->preprocess};
    ck_assert_msg(ph_model_load(n->file, &options, &model, &err) == PH_OK, "%s", err.message);
    ck_assert_msg(ph_classifier_new(model, "cpu", 0, &classifier, &err) == PH_OK, "%s", err.message);
    FILE *index = fopen(INDEX, "r");
    ck_assert_ptr_nonnull(index);
    int count = 0, first = 0, among = 0;
    char line[LINE];
    while (fgets(line, sizeof line, index)) {
        char *name, path[LINE + sizeof PICTURES];
        long wanted;
        if (!parse_line(line, n->column, &name, &wanted))
            continue;
        snprintf(path, sizeof path, "%s%s", PICTURES, name);
        ph_class top[TOP];
        size_t filled = 0;
        ck_assert_msg(ph_classifier_run(classifier, path, top, TOP, &filled, &err) == PH_OK, "%s", err.message);
        ck_assert_uint_eq(filled, TOP);
        count++;
        first += top[0].index == wanted;
        for (int k = 0; k < TOP; k++)
            among += top[k].index == wanted;
    }
    fclose(index);
    ck_assert_int_eq(count, PICTURE_COUNT);
    const double top1 = 100.0 * first / count, top5 = 100.0 * among / count;
    printf("%s: top-1 %.1f %%, top-5 %.1f %%\n", n->file, top1, top5);
    ck_assert_msg(fabs(top1 - n->top1) <= 0.5 && fabs(top5 - n->top5) <= 0.5, "%s: %.1f / %.1f, expected %.1f / %.1f",
                  n->file, top1, top5, n->top1, n->top5);
    ph_classifier_free(&classifier);
    ph_model_free(&model);
}
END_TEST

int main(void)
{
    if (access(INDEX, R_OK) != 0) {
        printf("SKIP: %s is not there\n", INDEX);
        return SKIPPED;
    }
    Suite *suite = suite_create("accuracy");
    TCase *tcase = tcase_create("imagenet1000");
    tcase_set_timeout(tcase, 400);
    tcase_add_loop_test(tcase, accuracy, 0, sizeof networks / sizeof *networks);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
