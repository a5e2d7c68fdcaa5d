/* phosphene classify: what the network sees in photos, to check that pictures are prepared as it expects. */
#include "host/cli/arguments.h"
#include "host/cli/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOP_MAX = 1000000, TOP_DEFAULT = 5 };

static void print_top(const char *photo, const ph_class *top, size_t count)
{
    char *name = ph_cli_clean(ph_cli_format("%s", photo));
    printf("%s\n", name);
    free(name);
    for (size_t i = 0; i < count; i++) {
        char *label = ph_cli_clean(ph_cli_format("%s", top[i].label ? top[i].label : ""));
        printf("%7.2f %%  %5" PRId64 "%s%s\n", 100 * (double)top[i].probability, top[i].index, *label ? "  " : "",
               label);
        free(label);
    }
}

/* error: NULL, or why there is no top. */
static void print_json(const char *photo, const ph_class *top, size_t count, const char *error)
{
    cJSON *object = ph_cli_json_new();
    ph_cli_json_text(object, "photo", photo);
    cJSON *list = ph_cli_must(cJSON_AddArrayToObject(object, "top"));
    for (size_t i = 0; i < count; i++) {
        cJSON *entry = ph_cli_json_new();
        ph_cli_json_whole(entry, "index", top[i].index);
        ph_cli_json_text(entry, "label", top[i].label);
        ph_cli_json_real(entry, "probability", (double)top[i].probability);
        cJSON_AddItemToArray(list, entry);
    }
    if (error)
        ph_cli_json_text(object, "error", error);
    ph_cli_json_print(object);
}

/* Every photo; one that fails has its line and the others go on. Returns the exit status. */
static int classify_all(const ph_cli_arguments *arguments, ph_classifier *classifier, ph_class *top, size_t count)
{
    const bool json = ph_cli_has(arguments, "json");
    int status = PH_EXIT_DONE;
    for (size_t i = 1; i < arguments->word_count; i++) {
        const char *photo = arguments->words[i];
        size_t filled = 0;
        ph_error err = {0};
        const bool good = ph_classifier_run(classifier, photo, top, count, &filled, &err) == PH_OK;
        if (!good) {
            ph_cli_fail(&err);
            status = PH_EXIT_FAILED;
        }
        if (json)
            print_json(photo, top, good ? filled : 0, good ? NULL : err.message);
        else if (good)
            print_top(photo, top, filled);
    }
    return status;
}

static int run_classify(const ph_cli_arguments *arguments)
{
    if (arguments->word_count < 2)
        return ph_cli_misuse("classify", arguments->word_count ? "which photos?" : "which model, which photos?");
    ph_render_options options;
    ph_render_options_init(&options);
    int count, status = PH_EXIT_DONE;
    if (!ph_cli_apply(arguments, &options) || !ph_cli_number(arguments, "top", 1, TOP_MAX, TOP_DEFAULT, &count))
        return PH_EXIT_MISUSE;
    ph_model *model = ph_cli_load_model(arguments, NULL, &status);
    if (!model)
        return status;
    ph_classifier *classifier = NULL;
    ph_error err = {0};
    if (ph_classifier_new(model, options.backend, options.threads, &classifier, &err) != PH_OK) {
        status = ph_cli_fail(&err);
    } else {
        ph_class *top = ph_cli_alloc((size_t)count, sizeof *top);
        status = classify_all(arguments, classifier, top, (size_t)count);
        free(top);
    }
    ph_classifier_free(&classifier);
    ph_model_free(&model);
    return status;
}

static const ph_cli_option classify_options[] = {
    {"top", 0, "N", "how many classes to tell (default 5)"},
    {0},
};

static const ph_cli_section sections[] = {
    {"Options", classify_options}, {"Model", ph_cli_model_options}, {"Output", ph_cli_output_options}, {0}};

const ph_cli_command ph_cli_classify = {
    .name = "classify",
    .summary = "the most probable classes of photos: is the preprocessing right?",
    .usage = "MODEL PHOTO… [options]",
    .about = "Resizes each photo, cuts out its centre, and prints the network's most probable\n"
             "classes, best first. A photo that cannot be read has its line on stderr, the\n"
             "others go on, and the exit status is 1. --json prints one object per photo:\n"
             "photo, top: [{index, label, probability}], and error if it failed.",
    .examples = "  phosphene classify net.onnx cat.jpg dog.jpg\n"
                "  phosphene classify net.onnx *.jpg --top 1 --labels labels.txt --json\n",
    .sections = sections,
    .settings = (const char *const[]){"backend", "threads", NULL},
    .run = run_classify,
};
