/* phosphene render: the pictures that maximize targets. */
#include "host/cli/interrupt.h"
#include "host/cli/origin.h"
#include "host/cli/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SNAPSHOTS_MAX = 1000, COLUMNS_MAX = 1000 };

/* Everything that the command line asks for. */
typedef struct ph_cli_request {
    ph_render_options options;
    ph_cli_origin origin; /* path NULL without --from */
    ph_cli_jobs jobs;
    ph_cli_output *output;
    int snapshots[SNAPSHOTS_MAX]; /* ascending */
    size_t snapshot_count;
    const char *grid;
    int columns;
    bool json, quiet;
} ph_cli_request;

/* ---- Reading the command line ----------------------------------------------------------------------------------- */

static int compare_ints(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* "1,32,128" -> ascending, each once; steps that are never made are left out with a note. */
static int read_snapshots(const char *text, ph_cli_request *request)
{
    size_t count = 0;
    for (const char *item = text;; item++) {
        char *end;
        const long step = strtol(item, &end, 10);
        const bool number = end > item && strspn(item, "0123456789") == (size_t)(end - item);
        if (!number || step < 1 || step > 1000000 || (*end && *end != ',') || count == SNAPSHOTS_MAX)
            return ph_cli_misuse("render", "option 'snapshots' must be up to %d steps like 1,32,128, not '%s'",
                                 SNAPSHOTS_MAX, text);
        request->snapshots[count++] = (int)step;
        item = end;
        if (!*item)
            break;
    }
    qsort(request->snapshots, count, sizeof *request->snapshots, compare_ints);
    for (size_t i = 0; i < count; i++) {
        const int step = request->snapshots[i];
        if (step > request->options.steps) {
            if (!request->quiet)
                ph_cli_say("note: no snapshot of step %d: there are %d steps", step, request->options.steps);
        } else if (!request->snapshot_count || request->snapshots[request->snapshot_count - 1] < step) {
            request->snapshots[request->snapshot_count++] = step;
        }
    }
    return PH_EXIT_DONE;
}

/* What contradicts itself. */
static int check_sense(const ph_cli_arguments *arguments, const ph_cli_request *request)
{
    if (request->jobs.pair && ph_cli_value(arguments, "negative"))
        return ph_cli_misuse("render", "--pair renders both signs: leave --negative out");
    if (ph_cli_value(arguments, "columns") && !request->grid)
        return ph_cli_misuse("render", "--columns needs --grid");
    if (!request->output->to_stdout)
        return PH_EXIT_DONE;
    if (request->jobs.count > 1 || request->snapshot_count || request->json)
        return ph_cli_misuse("render", "--output - takes one picture, no --pair, --snapshots or --json");
    if (isatty(STDOUT_FILENO))
        return ph_cli_misuse("render", "a PNG is not for a terminal: give --output FILE.png");
    return PH_EXIT_DONE;
}

static int read_output(const ph_cli_arguments *arguments, ph_cli_request *request)
{
    ph_error err = {0};
    if (ph_cli_output_open(ph_cli_value(arguments, "output"), "{target}.png", &request->output, &err) != PH_OK)
        return err.status == PH_MISUSE ? ph_cli_misuse("render", "%s", err.message) : ph_cli_fail(&err);
    request->grid = ph_cli_value(arguments, "grid");
    if (!request->grid)
        return PH_EXIT_DONE;
    if (ph_cli_output_check(request->grid, &err) != PH_OK)
        return ph_cli_fail(&err);
    ph_cli_output_take(request->output, request->grid);
    return PH_EXIT_DONE;
}

static int read_request(const ph_cli_arguments *arguments, ph_cli_request *request)
{
    if (!arguments->word_count)
        return ph_cli_misuse("render", "which model?");
    request->json = ph_cli_has(arguments, "json");
    request->quiet = ph_cli_has(arguments, "quiet");
    ph_render_options_init(&request->options);
    const char *from = ph_cli_value(arguments, "from");
    ph_error err = {0};
    if (from && ph_cli_origin_read(from, &request->options, &request->origin, &err) != PH_OK)
        return ph_cli_fail(&err);
    if (!ph_cli_apply(arguments, &request->options) ||
        !ph_cli_number(arguments, "columns", 1, COLUMNS_MAX, 0, &request->columns))
        return PH_EXIT_MISUSE;
    /* The sign belongs to the jobs, so that --no-negative can turn what --from repeats. */
    const bool given = ph_cli_value(arguments, "negative") != NULL;
    const bool negative = given ? request->options.negative : request->origin.negative;
    request->options.negative = false;
    int status = PH_EXIT_DONE;
    if (!ph_cli_jobs_collect(arguments, request->origin.target, negative, &request->jobs, &status))
        return status;
    const char *snapshots = ph_cli_value(arguments, "snapshots");
    if (snapshots && (status = read_snapshots(snapshots, request)) != PH_EXIT_DONE)
        return status;
    status = read_output(arguments, request);
    return status == PH_EXIT_DONE ? check_sense(arguments, request) : status;
}

static void clear_request(ph_cli_request *request)
{
    ph_cli_jobs_clear(&request->jobs);
    ph_cli_origin_clear(&request->origin);
    ph_cli_output_free(&request->output);
}

/* ---- Rendering -------------------------------------------------------------------------------------------------- */

static bool on_progress(const ph_progress *progress, void *user)
{
    const ph_cli_pictures *pictures = user;
    ph_cli_progress_show(pictures->progress, progress);
    return !ph_cli_interrupted();
}

static void on_result(size_t index, ph_result *result, const ph_error *err, void *user)
{
    ph_cli_pictures_add(user, index, result, err);
}

static void on_notice(const char *line, void *user)
{
    const ph_cli_pictures *pictures = user;
    ph_cli_progress_clear(pictures->progress);
    if (!pictures->quiet)
        ph_cli_say("note: %s", line);
}

static int render_all(ph_model *model, const ph_cli_request *request)
{
    ph_cli_progress progress;
    ph_cli_progress_start(&progress, request->quiet);
    ph_cli_pictures pictures = {.jobs = &request->jobs,
                                .output = request->output,
                                .progress = &progress,
                                .backend = request->options.backend,
                                .seed = request->options.seed,
                                .json = request->json,
                                .quiet = request->quiet,
                                .keep = request->grid != NULL};
    ph_cli_pictures_start(&pictures);
    const ph_callbacks callbacks = {.progress = on_progress,
                                    .result = on_result,
                                    .notice = on_notice,
                                    .user = &pictures,
                                    .snapshots = request->snapshots,
                                    .snapshot_count = request->snapshot_count};
    ph_error err = {0};
    ph_cli_interrupt_watch();
    const ph_status status =
        ph_render_many(model, request->jobs.list, request->jobs.count, &request->options, &callbacks, &err);
    ph_cli_progress_clear(&progress);
    if (status == PH_INTERRUPTED)
        pictures.interrupted = true;
    if (request->grid)
        ph_cli_pictures_sheet(&pictures, request->grid, request->columns);
    int exit_status = ph_cli_pictures_status(&pictures);
    /* Either the failure of a picture, said already, or what stopped them all. */
    if (status != PH_OK && status != PH_INTERRUPTED && strcmp(pictures.first.message, err.message) != 0)
        exit_status = ph_cli_fail(&err);
    ph_cli_pictures_clear(&pictures);
    return exit_status;
}

static int run_request(const ph_cli_arguments *arguments, const ph_cli_request *request)
{
    int status = PH_EXIT_DONE;
    const ph_cli_origin *origin = &request->origin;
    const ph_model_options recorded = {
        .range = origin->range, .mean = origin->mean, .std = origin->std, .channels = origin->channels};
    ph_model *model = ph_cli_load_model(arguments, &recorded, &status);
    if (!model)
        return status;
    ph_error err = {0};
    if (origin->path &&
        ph_cli_origin_check(origin, model, ph_cli_has(arguments, "force"), request->quiet, &err) != PH_OK)
        status = ph_cli_fail(&err);
    else
        status = render_all(model, request);
    ph_model_free(&model);
    return status;
}

static int run_render(const ph_cli_arguments *arguments)
{
    ph_cli_request *request = ph_cli_alloc(1, sizeof *request);
    int status = read_request(arguments, request);
    if (status == PH_EXIT_DONE)
        status = run_request(arguments, request);
    clear_request(request);
    free(request);
    return status;
}

static const ph_cli_option files[] = {
    {"output", 'o', "PATH",
     "a file; a name with {target} {index} {seed} {layer} {channel} in it; a directory (ends in / or is there); or - "
     "for "
     "stdout. Default: names made of the targets, in the current directory. Names that come twice are numbered"},
    {"targets", 0, "FILE", "more targets, one per line; - is stdin"},
    {"pair", 0, NULL,
     "each target both ways: OUT.png receives both side by side, OUT-positive.png and OUT-negative.png are the "
     "pictures; "
     "with several targets one sheet each"},
    {"grid", 0, "SHEET", "all pictures on one sheet as well; with --snapshots a row each"},
    {"columns", 0, "N", "columns of the sheet (default: nearly square)"},
    {"snapshots", 0, "N,N,...", "the picture after these steps too: OUT-step0032.png and so on"},
    {"from", 0, "OLD.png",
     "repeat a picture made by phosphene, to the byte; options given besides change its settings, targets its target"},
    {"force", 0, NULL, "--from: even with another model"},
    {0},
};

static const ph_cli_section sections[] = {
    {"Files", files}, {"Model", ph_cli_model_options}, {"Output", ph_cli_output_options}, {0}};

const ph_cli_command ph_cli_render = {
    .name = "render",
    .summary = "the pictures that maximize targets",
    .usage = "MODEL TARGET… [options]\n       phosphene render MODEL --from OLD.png [options]",
    .about = "Optimizes a picture for each target and writes it as PNG, its settings inside.\n\n"
             "Targets: LAYER (all of it), LAYER:CHANNEL, LAYER:CHANNEL@Y,X (one neuron, @\n"
             "alone: the central one), LAYER:rand(SEED), LAYER:dir(FILE), class:INDEX_OR_LABEL\n"
             "(logit), prob:INDEX_OR_LABEL, and sums of these: 'a:1 + 0.5*b:2 - c:3'. A LAYER\n"
             "is a name, the unambiguous end of one, or '#N' as in 'phosphene info'. '--' ends\n"
             "the options.\n\n"
             "--json prints one object per picture: target, layer, channel, size, steps,\n"
             "seconds, objective {first, last, clean}, seed, backend, output (null, and error,\n"
             "if it failed). A picture that fails has its line on stderr, the others go on,\n"
             "and the exit status is 1. Interrupted (Ctrl-C), the picture so far is written\n"
             "and the exit status is 130.",
    .examples = "  phosphene render net.onnx mixed4a:476 -o unit.png\n"
                "  phosphene render net.onnx 'class:tabby cat' --preset best --size 320x240\n"
                "  phosphene render net.onnx conv3:0 conv3:1 conv3:2 -o 'out/{target}.png' --grid sheet.png\n"
                "  phosphene render net.onnx mixed4a:476 --pair -o pair.png\n"
                "  phosphene render net.onnx --from unit.png --seed 7 -o other.png\n",
    .sections = sections,
    .settings = NULL,
    .run = run_render,
};
