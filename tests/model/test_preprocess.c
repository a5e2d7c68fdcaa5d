/* How pixels become input: presets, flags, metadata, sidecar, their order, and labels. */
#include "host/model/preprocess.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"
#include "tests/model/build_model.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static ph_graph *graph; /* without metadata; checked fixtures run in the process of each test */

static void set_up(void)
{
    scratch_make();
    build_model *m = build_new(13);
    graph = build_graph(m);
    build_free(m);
}

static void tear_down(void)
{
    ph_graph_free(&graph);
    scratch_delete();
}

/* Replaces the graph by one with metadata. NULL ends the list of keys and values. */
static void use_metadata(const char *const *entries)
{
    build_model *m = build_new(13);
    for (; *entries; entries += 2)
        build_metadata(m, entries[0], entries[1]);
    ph_graph_free(&graph);
    graph = build_graph(m);
    build_free(m);
}

static void write_text(const char *name, const char *text)
{
    scratch_write(scratch_path(name), text, strlen(text));
}

static ph_preprocess *load(const ph_model_options *flags, int channels)
{
    ph_preprocess *p = NULL;
    ph_error err = {0};
    const ph_status status = ph_preprocess_load(graph, scratch_path("net.onnx"), flags, channels, &p, &err);
    ck_assert_msg(status == PH_OK, "%s", err.message);
    return p;
}

static void check_fails(const ph_model_options *flags, int channels, ph_status expected, const char *reason)
{
    ph_preprocess *p = NULL;
    ph_error err = {0};
    const ph_status status = ph_preprocess_load(graph, scratch_path("net.onnx"), flags, channels, &p, &err);
    ck_assert_msg(status == expected, "status %d: %s", status, err.message);
    ck_assert_ptr_null(p);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' lacks '%s'", err.message, reason);
}

static void check_values(const ph_preprocess *p, float lo, float hi, const float *mean, const float *std)
{
    ck_assert(p->lo == lo && p->hi == hi);
    for (int k = 0; k < p->channels; k++) {
        ck_assert_msg(p->mean[k] == mean[k], "mean %d: %g", k, (double)p->mean[k]);
        ck_assert_msg(p->std[k] == std[k], "std %d: %g", k, (double)p->std[k]);
    }
}

static const struct {
    const char *name;
    float lo, hi, mean[3], std[3];
    int first; /* picture channel that the network's first channel reads */
    const char *text;
} presets[] = {
    {NULL,
     0,
     1,
     {.485f, .456f, .406f},
     {.229f, .224f, .225f},
     0,
     "torchvision: pixels 0..1, mean 0.485,0.456,0.406, std 0.229,0.224,0.225, rgb (default)"},
    {"auto",
     0,
     1,
     {.485f, .456f, .406f},
     {.229f, .224f, .225f},
     0,
     "torchvision: pixels 0..1, mean 0.485,0.456,0.406, std 0.229,0.224,0.225, rgb (default)"},
    {"torchvision",
     0,
     1,
     {.485f, .456f, .406f},
     {.229f, .224f, .225f},
     0,
     "torchvision: pixels 0..1, mean 0.485,0.456,0.406, std 0.229,0.224,0.225, rgb (flags)"},
    {"lucid", 0, 255, {117, 117, 117}, {1, 1, 1}, 0, "lucid: pixels 0..255, mean 117, std 1, rgb (flags)"},
    {"caffe", 0, 255, {104, 117, 123}, {1, 1, 1}, 2, "caffe: pixels 0..255, mean 104,117,123, std 1, bgr (flags)"},
    {"unit", 0, 1, {0, 0, 0}, {1, 1, 1}, 0, "unit: pixels 0..1, mean 0, std 1, rgb (flags)"},
    {"tf", -1, 1, {0, 0, 0}, {1, 1, 1}, 0, "tf: pixels -1..1, mean 0, std 1, rgb (flags)"},
    {"raw", 0, 255, {0, 0, 0}, {1, 1, 1}, 0, "raw: pixels 0..255, mean 0, std 1, rgb (flags)"},
};

START_TEST(test_presets)
{
    const ph_model_options flags = {.preprocess = presets[_i].name};
    ph_preprocess *p = load(&flags, 3);
    check_values(p, presets[_i].lo, presets[_i].hi, presets[_i].mean, presets[_i].std);
    for (int k = 0; k < 3; k++)
        ck_assert_int_eq(p->order[k], presets[_i].first ? 2 - k : k);
    ck_assert_str_eq(p->text, presets[_i].text);
    ck_assert_int_eq(p->assumed, _i < 2);
    ck_assert_ptr_null(p->labels);
    ph_preprocess_free(&p);
    ck_assert_ptr_null(p);
    ph_preprocess_free(&p);
    p = load(&flags, 1);
    double mean = 0;
    for (int k = 0; k < 3; k++)
        mean += (double)presets[_i].mean[k] / 3;
    /* The table here holds floats, the preset doubles: one rounding of each. */
    ck_assert_double_eq_tol((double)p->mean[0], mean, 1e-6 * (1 + mean));
    ck_assert_int_eq(p->order[0], 0);
    ph_preprocess_free(&p);
}
END_TEST

START_TEST(test_no_flags)
{
    ph_preprocess *p = NULL;
    ck_assert_int_eq(ph_preprocess_load(graph, NULL, NULL, 3, &p, NULL), PH_OK);
    ck_assert(p->assumed && p->hi == 1.0f);
    ck_assert_str_eq(p->source, "default");
    ph_preprocess_free(&p);
}
END_TEST

START_TEST(test_flags)
{
    ph_model_options flags = {.mean = "1,2,3", .std = "4", .range = "-1,1", .channels = "bgr"};
    ph_preprocess *p = load(&flags, 3);
    check_values(p, -1, 1, (float[]){1, 2, 3}, (float[]){4, 4, 4}); /* as given, not turned round */
    ck_assert(p->order[0] == 2 && p->order[1] == 1 && p->order[2] == 0);
    ck_assert_str_eq(p->text, "custom: pixels -1..1, mean 1,2,3, std 4, bgr (flags)");
    ck_assert(!p->assumed);
    ph_preprocess_free(&p);
    flags = (ph_model_options){.preprocess = "caffe", .mean = "100"};
    p = load(&flags, 3);
    check_values(p, 0, 255, (float[]){100, 100, 100}, (float[]){1, 1, 1});
    ck_assert_int_eq(p->order[0], 2);
    ph_preprocess_free(&p);
    flags = (ph_model_options){.mean = "1,2,6", .std = "2,2,2", .channels = "gray"};
    p = load(&flags, 1);
    check_values(p, 0, 1, (float[]){3}, (float[]){2});
    ph_preprocess_free(&p);
    flags = (ph_model_options){.mean = "1,2,3,4", .range = "255,0"};
    p = load(&flags, 4);
    ck_assert(p->mean[3] == 4.0f && p->order[3] == 3 && p->lo == 255.0f && p->hi == 0.0f);
    ck_assert_double_eq_tol((double)p->std[3], (.229 + .224 + .225) / 3, 1e-7); /* one rounding to float */
    ph_preprocess_free(&p);
    char many[PH_MAX_CHANNELS * 2] = "0";
    for (int i = 1; i < PH_MAX_CHANNELS; i++)
        strcat(many, ",0");
    many[0] = '7';
    flags = (ph_model_options){.mean = many, .std = "1"};
    p = load(&flags, PH_MAX_CHANNELS);
    ck_assert_str_eq(p->text, "custom: pixels 0..1, mean 7,0,0,0,…, std 1, as stored (flags)");
    ph_preprocess_free(&p);
}
END_TEST

static const struct {
    ph_model_options flags;
    int channels;
    ph_status status;
    const char *reason;
} wrong[] = {
    {{.preprocess = "vgg"}, 3, PH_MISUSE, "--preprocess must be torchvision, lucid"},
    {{.preprocess = ""}, 3, PH_MISUSE, "--preprocess must be"},
    {{.preprocess = "torchvision-and-more"}, 3, PH_MISUSE, "--preprocess must be"},
    {{.mean = "1,2"}, 3, PH_MISUSE, "--mean has 2 numbers, but the network has 3 input channels: give 1 or 3"},
    {{.mean = "1,2,3"}, 4, PH_MISUSE, "--mean has 3 numbers"},
    {{.mean = "x"}, 3, PH_MISUSE, "--mean must be numbers"},
    {{.mean = ""}, 3, PH_MISUSE, "--mean must be numbers"},
    {{.mean = "1,nan,2"}, 3, PH_MISUSE, "--mean must be numbers"},
    {{.mean = "1e300"}, 3, PH_MISUSE, "--mean is too large"},
    {{.std = "0"}, 3, PH_MISUSE, "--std must be above 0"},
    {{.std = "1,1,-1"}, 3, PH_MISUSE, "--std must be above 0"},
    {{.std = "1e-300"}, 3, PH_MISUSE, "--std must be above 0"}, /* zero as a float */
    {{.range = "1"}, 3, PH_MISUSE, "--range must be two different numbers"},
    {{.range = "1,1"}, 3, PH_MISUSE, "--range must be two different numbers"},
    {{.range = "0,1,2"}, 3, PH_MISUSE, "--range must be two different numbers"},
    {{.channels = "rbg"}, 3, PH_MISUSE, "--channels must be rgb, bgr or gray"},
    {{.channels = "gray"}, 3, PH_MISUSE, "--channels is gray, but the network has 3 input channels"},
    {{.channels = "bgr"}, 1, PH_MISUSE, "--channels is bgr, but the network has 1 input channel"},
    {{.labels = "/nowhere/labels.txt"}, 3, PH_IO, "No such file"},
    {{0}, 0, PH_UNSUPPORTED, "0 channels"},
    {{0}, PH_MAX_CHANNELS + 1, PH_UNSUPPORTED, "65 channels"},
};

START_TEST(test_wrong_flags)
{
    check_fails(&wrong[_i].flags, wrong[_i].channels, wrong[_i].status, wrong[_i].reason);
}
END_TEST

START_TEST(test_authority)
{
    write_text("net.onnx.phosphene.json", "{\"preprocess\": \"tf\", \"mean\": [7, 8, 9], \"labels\": [\"s\"]}");
    ph_preprocess *p = load(NULL, 3);
    check_values(p, -1, 1, (float[]){7, 8, 9}, (float[]){1, 1, 1});
    ck_assert_str_eq(p->source, "sidecar");
    ck_assert(!p->assumed);
    ck_assert_str_eq(p->labels[0], "s");
    ph_preprocess_free(&p);
    use_metadata((const char *const[]){"phosphene.std", "2", "phosphene.unknown", "?", "other", "x", "phosphene.labels",
                                       "a\nb\n", NULL});
    p = load(NULL, 3);
    check_values(p, -1, 1, (float[]){7, 8, 9}, (float[]){2, 2, 2});
    ck_assert_str_eq(p->source, "model metadata");
    ck_assert_uint_eq(p->label_count, 2);
    ck_assert_str_eq(p->labels[1], "b");
    ph_preprocess_free(&p);
    write_text("labels.txt", "one\ntwo\nthree");
    ph_model_options flags = {.range = "0,255", .labels = scratch_path("labels.txt")};
    p = load(&flags, 3);
    check_values(p, 0, 255, (float[]){7, 8, 9}, (float[]){2, 2, 2});
    ck_assert_str_eq(p->source, "flags");
    ck_assert_uint_eq(p->label_count, 3);
    ph_preprocess_free(&p);
    flags = (ph_model_options){.preprocess = "unit"}; /* all fields at once */
    p = load(&flags, 3);
    check_values(p, 0, 1, (float[]){0, 0, 0}, (float[]){1, 1, 1});
    ph_preprocess_free(&p);
    flags = (ph_model_options){.labels = scratch_path("labels.txt")}; /* labels say nothing about pixels */
    p = load(&flags, 3);
    ck_assert_str_eq(p->source, "model metadata");
    ph_preprocess_free(&p);
}
END_TEST

START_TEST(test_wrong_metadata)
{
    use_metadata((const char *const[]){"phosphene.mean", "1,2", NULL});
    check_fails(NULL, 3, PH_FORMAT, "the model's metadata phosphene.mean has 2 numbers");
    use_metadata((const char *const[]){"phosphene.preprocess", "none", NULL});
    check_fails(NULL, 3, PH_FORMAT, "the model's metadata phosphene.preprocess must be");
}
END_TEST

START_TEST(test_sidecar_forms)
{
    write_text("net.phosphene.json", "{\"mean\": 5, \"std\": \"1,2,4\", \"range\": [0, 2], \"channels\": \"bgr\","
                                     " \"labels\": \"names.txt\"}");
    write_text("names.txt", "cat\r\ndog\r\n\r\n");
    ph_preprocess *p = load(NULL, 3);
    check_values(p, 0, 2, (float[]){5, 5, 5}, (float[]){1, 2, 4});
    ck_assert_int_eq(p->order[0], 2);
    ck_assert_uint_eq(p->label_count, 2);
    ck_assert_str_eq(p->labels[0], "cat");
    ph_preprocess_free(&p);
    write_text("net.onnx.phosphene.json", "{}"); /* the fuller name wins */
    p = load(NULL, 3);
    ck_assert(p->assumed);
    ph_preprocess_free(&p);
}
END_TEST

static const struct {
    const char *json;
    ph_status status;
    const char *reason;
} sidecars[] = {
    {"", PH_FORMAT, "not valid JSON"},
    {"{\"mean\": }", PH_FORMAT, "not valid JSON (near byte"},
    {"{\"mean\": 1} x", PH_FORMAT, "not valid JSON"},
    {"[1]", PH_FORMAT, "must be a JSON object"},
    {"{\"maen\": 1}", PH_FORMAT, "unknown key 'maen'"},
    {"{\"mean\": 1, \"mean\": 2}", PH_FORMAT, "mean is given twice"},
    {"{\"mean\": null}", PH_FORMAT, "mean must be a number or a list"},
    {"{\"mean\": []}", PH_FORMAT, "mean must be a number or a list"},
    {"{\"mean\": [1, \"2\", 3]}", PH_FORMAT, "mean must be a number or a list"},
    {"{\"mean\": [1, 1e999, 3]}", PH_FORMAT, "mean must be a number or a list"},
    {"{\"mean\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
     "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}",
     PH_FORMAT, "mean has too many numbers"},
    {"{\"mean\": [1, 2]}", PH_FORMAT, "mean has 2 numbers"},
    {"{\"std\": 0}", PH_FORMAT, "std must be above 0"},
    {"{\"preprocess\": 3}", PH_FORMAT, "preprocess must be a string"},
    {"{\"preprocess\": \"vgg\"}", PH_FORMAT, "preprocess must be torchvision"},
    {"{\"labels\": 3}", PH_FORMAT, "labels must be a list or the name"},
    {"{\"labels\": [\"a\", 3]}", PH_FORMAT, "labels must be a list of strings"},
    {"{\"labels\": \"../labels.txt\"}", PH_FORMAT, "labels must be a list or the name"},
    {"{\"labels\": \"/etc/passwd\"}", PH_FORMAT, "labels must be a list or the name"},
    {"{\"labels\": \"missing.txt\"}", PH_IO, "No such file"},
};

START_TEST(test_wrong_sidecar)
{
    write_text("net.onnx.phosphene.json", sidecars[_i].json);
    check_fails(NULL, 3, sidecars[_i].status, sidecars[_i].reason);
    ph_error err = {0};
    ph_preprocess *p;
    ck_assert_int_eq(ph_preprocess_load(graph, scratch_path("net.onnx"), NULL, 3, &p, &err), sidecars[_i].status);
    if (sidecars[_i].status == PH_FORMAT)
        ck_assert_ptr_nonnull(strstr(err.message, "net.onnx.phosphene.json'"));
}
END_TEST

START_TEST(test_labels)
{
    static const char text[] = "\xef\xbb\xbfn01440764 tench, Tinca tinca\r\n"
                               "\n"
                               "  n0144076 short \n"
                               "n01440764\n"
                               "n014407644 nine digits\n"
                               "7 seven\n"
                               "tab\there \x1b[31m\n"
                               "\xc3\xa4\n\n \r\n";
    static const char *const expected[] = {"tench, Tinca tinca",     "",        "  n0144076 short", "n01440764",
                                           "n014407644 nine digits", "7 seven", "tab here  [31m",   "\xc3\xa4"};
    write_text("labels.txt", text);
    const ph_model_options flags = {.labels = scratch_path("labels.txt")};
    ph_preprocess *p = load(&flags, 3);
    ck_assert_uint_eq(p->label_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < p->label_count; i++)
        ck_assert_str_eq(p->labels[i], expected[i]);
    ck_assert(p->assumed);
    ph_preprocess_free(&p);
    scratch_write(scratch_path("labels.txt"), "a\0b", 3);
    check_fails(&flags, 3, PH_FORMAT, "is not a text");
    write_text("labels.txt", "");
    p = load(&flags, 3);
    ck_assert_uint_eq(p->label_count, 0);
    ph_preprocess_free(&p);
}
END_TEST

START_TEST(test_too_many_labels)
{
    enum { LINES = 1000001 };
    char *text = malloc(2 * LINES);
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < LINES; i++)
        memcpy(text + 2 * i, "a\n", 2);
    scratch_write(scratch_path("labels.txt"), text, 2 * LINES);
    free(text);
    const ph_model_options flags = {.labels = scratch_path("labels.txt")};
    check_fails(&flags, 3, PH_FORMAT, "more than 1000000 labels");
}
END_TEST

/* Label files as they come with real networks. */
START_TEST(test_real_labels)
{
    static const struct {
        const char *path;
        size_t count, index;
        const char *label;
    } files[] = {
        {"../shared/models/googlenet/synset_words.txt", 1000, 0, "tench, Tinca tinca"},
        {"../shared/models/inceptionv1/labels_1008.txt", 1008, 1, "kit fox"},
        {"../shared/models/inceptionv1/synsets_1008.txt", 1008, 0, "dummy"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct stat info;
        if (stat(files[i].path, &info) != 0) {
            printf("SKIP: %s is not there\n", files[i].path);
            continue;
        }
        const ph_model_options flags = {.labels = files[i].path};
        ph_preprocess *p = load(&flags, 3);
        ck_assert_uint_eq(p->label_count, files[i].count);
        ck_assert_str_eq(p->labels[files[i].index], files[i].label);
        ph_preprocess_free(&p);
    }
}
END_TEST

START_TEST(test_no_memory)
{
    write_text("net.onnx.phosphene.json", "{\"mean\": [7, 8, 9], \"labels\": \"labels.txt\"}");
    write_text("labels.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
    use_metadata((const char *const[]){"phosphene.std", "2", "phosphene.labels", "a\nb\n", NULL});
    const ph_model_options flags = {.labels = scratch_path("labels.txt")};
    const char *path = scratch_path("net.onnx");
    long n = 0;
    for (bool hit = true; hit;) {
        ph_preprocess *p = NULL;
        fail_alloc_at(++n);
        const ph_status status = ph_preprocess_load(graph, path, &flags, 3, &p, NULL);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert((p != NULL) == (status == PH_OK));
        ph_preprocess_free(&p);
    }
    ck_assert_int_gt(n, 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("preprocess");
    TCase *preprocess = tcase_create("preprocess");
    tcase_set_timeout(preprocess, 60);
    tcase_add_checked_fixture(preprocess, set_up, tear_down);
    tcase_add_loop_test(preprocess, test_presets, 0, sizeof presets / sizeof *presets);
    tcase_add_test(preprocess, test_no_flags);
    tcase_add_test(preprocess, test_flags);
    tcase_add_loop_test(preprocess, test_wrong_flags, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(preprocess, test_authority);
    tcase_add_test(preprocess, test_wrong_metadata);
    tcase_add_test(preprocess, test_sidecar_forms);
    tcase_add_loop_test(preprocess, test_wrong_sidecar, 0, sizeof sidecars / sizeof *sidecars);
    tcase_add_test(preprocess, test_labels);
    tcase_add_test(preprocess, test_too_many_labels);
    tcase_add_test(preprocess, test_real_labels);
    tcase_add_test(preprocess, test_no_memory);
    suite_add_tcase(suite, preprocess);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
