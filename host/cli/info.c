/* phosphene info: what a model is made of. */
#include "host/cli/arguments.h"
#include "host/cli/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPE_TEXT = 192, CHANNEL_AXIS = 1 };

typedef struct ph_cli_layers {
    const ph_layer_info *list;
    size_t count;
    int64_t input[4];
    double macs; /* of all */
} ph_cli_layers;

static char *shape_text(const int64_t *shape, int rank, char text[SHAPE_TEXT])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < rank && used < SHAPE_TEXT; i++) {
        const char *separator = i ? "x" : "";
        const int written = shape[i] < 0 ? snprintf(text + used, SHAPE_TEXT - used, "%s?", separator)
                                         : snprintf(text + used, SHAPE_TEXT - used, "%s%" PRId64, separator, shape[i]);
        used += (size_t)written;
    }
    return text;
}

static double share_of(const ph_layer_info *layer, const ph_cli_layers *layers)
{
    return layers->macs > 0 ? layer->macs / layers->macs : 0;
}

/* ---- Backends --------------------------------------------------------------------------------------------------- */

static int list_backends(bool json)
{
    for (int i = 0; i < ph_backend_count(); i++) {
        ph_backend_info info;
        ph_error err = {0};
        if (ph_backend_get(i, &info, &err) != PH_OK)
            return ph_cli_fail(&err);
        if (!json) {
            const char *state = info.available ? "available" : info.compiled ? "not available" : "not compiled in";
            printf("%-6s %-16s %s\n", info.name, state, info.description);
            continue;
        }
        cJSON *object = ph_cli_json_new();
        ph_cli_json_text(object, "backend", info.name);
        ph_cli_must(cJSON_AddBoolToObject(object, "compiled", info.compiled));
        ph_cli_must(cJSON_AddBoolToObject(object, "available", info.available));
        ph_cli_json_text(object, "description", info.description);
        ph_cli_json_print(object);
    }
    return PH_EXIT_DONE;
}

/* ---- Layers ----------------------------------------------------------------------------------------------------- */

static void print_json(const char *path, const ph_model *model, const ph_cli_layers *layers)
{
    cJSON *object = ph_cli_json_new();
    ph_cli_json_text(object, "model", path);
    ph_cli_json_text(object, "sha256", ph_model_sha256(model));
    ph_cli_json_wholes(object, "input", layers->input, 4);
    ph_cli_json_text(object, "preprocess", ph_model_preprocess_text(model));
    ph_cli_must(cJSON_AddBoolToObject(object, "preprocess_assumed", ph_model_preprocess_assumed(model)));
    ph_cli_json_whole(object, "layers", (int64_t)layers->count);
    ph_cli_json_real(object, "macs", layers->macs);
    ph_cli_json_print(object);
    for (size_t i = 0; i < layers->count; i++) {
        const ph_layer_info *layer = &layers->list[i];
        const bool channels = layer->rank > CHANNEL_AXIS;
        object = ph_cli_json_new();
        ph_cli_json_whole(object, "index", (int64_t)i);
        ph_cli_json_text(object, "name", layer->name);
        ph_cli_json_text(object, "output", layer->output);
        ph_cli_json_text(object, "op", layer->op);
        if (layer->rank >= 0)
            ph_cli_json_wholes(object, "shape", layer->shape, layer->rank);
        else
            ph_cli_json_text(object, "shape", NULL);
        if (channels)
            ph_cli_json_whole(object, "channels", layer->shape[CHANNEL_AXIS]);
        else
            ph_cli_json_text(object, "channels", NULL);
        ph_cli_json_real(object, "macs", layer->macs);
        ph_cli_json_real(object, "share", share_of(layer, layers));
        ph_cli_must(cJSON_AddBoolToObject(object, "supported", layer->supported));
        ph_cli_json_print(object);
    }
}

static int wider(int width, const char *text)
{
    const int length = (int)strlen(text);
    return length > width ? length : width;
}

static void print_layer(size_t index, const ph_layer_info *layer, const ph_cli_layers *layers, const int widths[4])
{
    char number[32], shape[SHAPE_TEXT], channels[32] = "-";
    snprintf(number, sizeof number, "#%zu", index);
    if (layer->rank > CHANNEL_AXIS && layer->shape[CHANNEL_AXIS] >= 0)
        snprintf(channels, sizeof channels, "%" PRId64, layer->shape[CHANNEL_AXIS]);
    char *name = ph_cli_clean(ph_cli_format("%s", layer->name));
    char *op = ph_cli_clean(ph_cli_format("%s", layer->op));
    printf("%-*s  %-*s  %-*s  %-*s  %8s  %8.2f  %5.1f%s\n", widths[0], number, widths[1], name, widths[2], op,
           widths[3], layer->rank < 0 ? "?" : shape_text(layer->shape, layer->rank, shape), channels, layer->macs / 1e6,
           100 * share_of(layer, layers), layer->supported ? "" : "  not supported");
    free(name);
    free(op);
}

static void print_table(const char *path, const ph_model *model, const ph_cli_layers *layers)
{
    char shape[SHAPE_TEXT], number[32];
    printf("model       %s\n", path);
    printf("sha256      %s\n", ph_model_sha256(model));
    printf("input       %s\n", shape_text(layers->input, 4, shape));
    printf("preprocess  %s\n", ph_model_preprocess_text(model));
    printf("cost        %.1f million multiply-adds in %zu layers\n\n", layers->macs / 1e6, layers->count);
    snprintf(number, sizeof number, "#%zu", layers->count);
    int widths[4] = {wider(0, number), 4, 2, 5};
    size_t unsupported = 0;
    for (size_t i = 0; i < layers->count; i++) {
        const ph_layer_info *layer = &layers->list[i];
        widths[1] = wider(widths[1], layer->name);
        widths[2] = wider(widths[2], layer->op);
        widths[3] = wider(widths[3], shape_text(layer->shape, layer->rank, shape));
        unsupported += !layer->supported;
    }
    printf("%-*s  %-*s  %-*s  %-*s  %8s  %8s  %5s\n", widths[0], "#", widths[1], "name", widths[2], "op", widths[3],
           "shape", "channels", "MMAC", "%");
    for (size_t i = 0; i < layers->count; i++)
        print_layer(i, &layers->list[i], layers, widths);
    if (unsupported)
        printf("\nNot supported: %zu of %zu layers. Targets in or behind them cannot be rendered.\n", unsupported,
               layers->count);
}

static int run_info(const ph_cli_arguments *arguments)
{
    const bool json = ph_cli_has(arguments, "json");
    if (ph_cli_has(arguments, "backends"))
        return arguments->word_count ? ph_cli_misuse("info", "--backends takes no model") : list_backends(json);
    if (arguments->word_count != 1)
        return ph_cli_misuse("info", arguments->word_count ? "one model at a time" : "which model?");
    ph_render_options options;
    ph_render_options_init(&options);
    if (!ph_cli_apply(arguments, &options))
        return PH_EXIT_MISUSE;
    int status = PH_EXIT_DONE;
    ph_model *model = ph_cli_load_model(arguments, NULL, &status);
    if (!model)
        return status;
    ph_cli_layers layers = {0};
    ph_error err = {0};
    if (ph_model_layers(model, options.width, options.height, &layers.list, &layers.count, layers.input, &err) !=
        PH_OK) {
        status = ph_cli_fail(&err);
    } else {
        for (size_t i = 0; i < layers.count; i++)
            layers.macs += layers.list[i].macs;
        (json ? print_json : print_table)(arguments->words[0], model, &layers);
    }
    ph_model_free(&model);
    return status;
}

static const ph_cli_option info_options[] = {
    {"backends", 0, NULL, "what can compute on this machine, instead of a model"},
    {0},
};

static const ph_cli_section sections[] = {
    {"Options", info_options}, {"Model", ph_cli_model_options}, {"Output", ph_cli_output_options}, {0}};

const ph_cli_command ph_cli_info = {
    .name = "info",
    .summary = "layers, shapes, channels and cost of a model; its input",
    .usage = "MODEL [options]\n       phosphene info --backends",
    .about = "Lists the layers of an ONNX model: number, name, operator, output shape,\n"
             "channels, millions of multiply-adds and their share. '#N' and the names can be\n"
             "used in targets. --json prints one object for the model, then one per layer.",
    .examples = "  phosphene info net.onnx\n"
                "  phosphene info net.onnx --size 128 --json\n"
                "  phosphene info --backends\n",
    .sections = sections,
    .settings = (const char *const[]){"size", NULL},
    .run = run_info,
};
