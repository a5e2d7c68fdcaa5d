/* phosphene dream: photos with more in them of what a layer sees. */
#include "host/cli/arguments.h"
#include "host/cli/interrupt.h"
#include "host/cli/json.h"
#include "host/cli/origin.h"
#include "host/cli/output.h"
#include "host/cli/photos.h"
#include "host/cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything that the command line asks for, and what has become of it. */
typedef struct ph_cli_dreaming {
    ph_dream_options options;
    ph_cli_origin origin; /* path NULL without --from */
    ph_dream_origin recorded;
    ph_cli_photos photos;
    ph_cli_output *output;
    const char *target; /* NULL: the library chooses */
    bool json, quiet;

    ph_dream *dream;
    ph_cli_progress progress;
    size_t at; /* photo in work */
    size_t failed;
    ph_error first, last; /* of the failures */
} ph_cli_dreaming;

/* ---- Reading the command line ----------------------------------------------------------------------------------- */

static int read_photos(const ph_cli_arguments *arguments, ph_cli_dreaming *d)
{
    for (size_t i = 1; i < arguments->word_count; i++) {
        const int status = ph_cli_photos_add(&d->photos, arguments->words[i]);
        if (status != PH_EXIT_DONE)
            return status;
    }
    if (!d->photos.count && d->origin.path)
        return ph_cli_photos_add(&d->photos, d->recorded.photo);
    return d->photos.count ? PH_EXIT_DONE : ph_cli_misuse("dream", "which photo?");
}

static int read_output(const ph_cli_arguments *arguments, ph_cli_dreaming *d)
{
    ph_error err = {0};
    const char *path = ph_cli_value(arguments, "output");
    if (ph_cli_output_open(path, "{photo}-dream.png", &d->output, &err) != PH_OK)
        return err.status == PH_MISUSE ? ph_cli_misuse("dream", "%s", err.message) : ph_cli_fail(&err);
    if (!d->output->to_stdout)
        return PH_EXIT_DONE;
    if (d->photos.count > 1 || d->json)
        return ph_cli_misuse("dream", "--output - takes one photo, no --json");
    if (isatty(STDOUT_FILENO))
        return ph_cli_misuse("dream", "a PNG is not for a terminal: give --output FILE.png");
    return PH_EXIT_DONE;
}

static int read_request(const ph_cli_arguments *arguments, ph_cli_dreaming *d)
{
    if (!arguments->word_count)
        return ph_cli_misuse("dream", "which model, which photo?");
    d->json = ph_cli_has(arguments, "json");
    d->quiet = ph_cli_has(arguments, "quiet");
    ph_dream_options_init(&d->options);
    const char *from = ph_cli_value(arguments, "from");
    ph_error err = {0};
    if (from && ph_cli_origin_read_dream(from, &d->options, &d->origin, &d->recorded, &err) != PH_OK)
        return ph_cli_fail(&err);
    if (!ph_cli_apply_dream(arguments, &d->options))
        return PH_EXIT_MISUSE;
    d->target = ph_cli_value(arguments, "target");
    if (!d->target)
        d->target = d->recorded.target;
    const int status = read_photos(arguments, d);
    return status == PH_EXIT_DONE ? read_output(arguments, d) : status;
}

static void clear_request(ph_cli_dreaming *d)
{
    ph_dream_free(&d->dream);
    ph_cli_photos_clear(&d->photos);
    ph_cli_origin_clear(&d->origin);
    ph_dream_origin_clear(&d->recorded);
    ph_cli_output_free(&d->output);
}

/* ---- Dreaming --------------------------------------------------------------------------------------------------- */

static bool on_progress(const ph_progress *progress, void *user)
{
    ph_cli_dreaming *d = user;
    ph_progress shown = *progress;
    shown.picture = (int)d->at;
    shown.pictures = (int)d->photos.count;
    ph_cli_progress_show(&d->progress, &shown);
    return !ph_cli_interrupted();
}

static void on_notice(const char *line, void *user)
{
    ph_cli_dreaming *d = user;
    ph_cli_progress_clear(&d->progress);
    if (!d->quiet)
        ph_cli_say("note: %s", line);
}

static void fail(ph_cli_dreaming *d, const ph_error *err)
{
    ph_cli_say("%s", err->message);
    if (!d->failed++)
        d->first = *err;
    d->last = *err;
}

static void report(const ph_cli_dreaming *d, const char *photo, const ph_result *result, const char *output,
                   const char *error)
{
    if (!d->json)
        return;
    cJSON *object = ph_cli_json_new();
    ph_cli_json_text(object, "photo", photo);
    ph_cli_json_result(object, ph_dream_target(d->dream), result, d->options.seed, d->options.backend);
    ph_cli_json_outcome(object, output, error);
    ph_cli_json_print(object);
}

static void tell(const ph_cli_dreaming *d, const ph_result *result, const char *path)
{
    ph_result_info info;
    ph_result_get(result, &info);
    if (!d->quiet)
        ph_cli_say("wrote %s: objective %.5g, %d steps%s, %.1f s", path, info.last, info.steps,
                   info.interrupted ? ", interrupted" : "", info.seconds);
}

static char *path_for(ph_cli_dreaming *d, const char *photo, const ph_result *result)
{
    ph_result_info info = {.channel = -1};
    if (result)
        ph_result_get(result, &info);
    const ph_cli_naming naming = {.target = ph_dream_target(d->dream),
                                  .layer = info.layer ? info.layer : "",
                                  .photo = photo,
                                  .channel = info.channel,
                                  .seed = d->options.seed,
                                  .index = d->at + 1,
                                  .count = d->photos.count,
                                  .negative = d->options.negative};
    return ph_cli_output_name(d->output, &naming);
}

static void write_result(ph_cli_dreaming *d, const char *photo, const ph_result *result)
{
    ph_error err = {0};
    if (d->output->to_stdout) {
        if (ph_cli_output_send(result, &err) != PH_OK)
            fail(d, &err);
        return;
    }
    char *path = path_for(d, photo, result);
    const bool good = ph_result_write_png(result, path, &err) == PH_OK;
    if (good)
        tell(d, result, path);
    else
        fail(d, &err);
    report(d, photo, result, good ? path : NULL, good ? NULL : err.message);
    free(path);
}

/* Returns whether to go on. */
static bool dream_photo(ph_cli_dreaming *d, const char *photo)
{
    ph_result *result = NULL;
    ph_error err = {0};
    const ph_status status = ph_dream_frame(d->dream, photo, d->recorded.frame, &result, &err);
    ph_cli_progress_clear(&d->progress);
    if (result) {
        write_result(d, photo, result);
    } else {
        fail(d, &err);
        report(d, photo, NULL, NULL, err.message);
    }
    ph_result_free(&result);
    return status != PH_INTERRUPTED;
}

static int dream_all(ph_cli_dreaming *d, ph_model *model)
{
    const ph_callbacks callbacks = {.progress = on_progress, .notice = on_notice, .user = d};
    ph_error err = {0};
    ph_cli_progress_start(&d->progress, d->quiet);
    if (ph_dream_new(model, d->target, &d->options, &callbacks, &d->dream, &err) != PH_OK)
        return ph_cli_fail(&err);
    ph_cli_interrupt_watch();
    bool go_on = true;
    for (d->at = 0; d->at < d->photos.count && go_on; d->at++)
        go_on = dream_photo(d, d->photos.paths[d->at]);
    if (!go_on)
        return PH_EXIT_INTERRUPTED;
    if (!d->failed)
        return PH_EXIT_DONE;
    const bool all = d->failed >= d->photos.count && d->first.status == d->last.status;
    return all ? ph_cli_exit_status(d->first.status) : PH_EXIT_FAILED;
}

/* A picture is repeated from the model, and unless others are given the photo, that it was made of. */
static int check_origin(const ph_cli_arguments *arguments, const ph_cli_dreaming *d, const ph_model *model)
{
    ph_error err = {0};
    if (!d->origin.path || ph_cli_has(arguments, "force"))
        return PH_EXIT_DONE;
    if (ph_dream_origin_check(&d->recorded, model, arguments->word_count > 1 ? NULL : d->recorded.photo, &err) !=
        PH_OK) {
        ph_cli_say("%s: %s; --force goes on all the same", d->origin.path, err.message);
        return ph_cli_exit_status(err.status);
    }
    if (d->origin.interrupted && !d->quiet)
        ph_cli_say("note: %s was interrupted; this time all its steps are made", d->origin.path);
    return PH_EXIT_DONE;
}

static int run_request(const ph_cli_arguments *arguments, ph_cli_dreaming *d)
{
    int status = PH_EXIT_DONE;
    const ph_cli_origin *origin = &d->origin;
    const ph_model_options recorded = {
        .range = origin->range, .mean = origin->mean, .std = origin->std, .channels = origin->channels};
    ph_model *model = ph_cli_load_model(arguments, &recorded, &status);
    if (!model)
        return status;
    status = check_origin(arguments, d, model);
    if (status == PH_EXIT_DONE)
        status = dream_all(d, model);
    ph_dream_free(&d->dream);
    ph_model_free(&model);
    return status;
}

static int run_dream(const ph_cli_arguments *arguments)
{
    ph_cli_dreaming *d = ph_cli_alloc(1, sizeof *d);
    int status = read_request(arguments, d);
    if (status == PH_EXIT_DONE)
        status = run_request(arguments, d);
    clear_request(d);
    free(d);
    return status;
}

static const ph_cli_option files[] = {
    {"target", 't', "TARGET", "what to see more of, as for render (default: a layer in the middle of the network)"},
    {"output", 'o', "PATH",
     "a file; a name with {photo} {index} {target} {seed} in it; a directory (ends in / or is there); or - for stdout. "
     "Default: PHOTO-dream.png in the current directory. Names that come twice are numbered"},
    {"from", 0, "OLD.png",
     "repeat a picture made by dream, to the byte; options given besides change its settings, photos its photo"},
    {"force", 0, NULL, "--from: even with another model, or a photo that has changed"},
    {0},
};

static const ph_cli_section sections[] = {
    {"Files", files}, {"Model", ph_cli_model_options}, {"Output", ph_cli_output_options}, {0}};

const ph_cli_command ph_cli_dream = {
    .name = "dream",
    .summary = "photos with more in them of what a layer sees (DeepDream)",
    .usage = "MODEL PHOTO… [options]\n       phosphene dream MODEL --from OLD.png [options]",
    .about = "Changes each photo so that it shows more of what the target sees in it, and\n"
             "writes it as PNG, its settings inside. PHOTO: a JPEG, PNG, BMP, GIF or PNM of up\n"
             "to 100 megapixels, or a folder of such. Size and transparency stay as they are.\n\n"
             "Targets: LAYER (all of it, as DeepDream does), LAYER:CHANNEL, class:LABEL and\n"
             "sums of these; see 'phosphene render --help'.\n\n"
             "--json prints one object per photo: photo, target, layer, channel, size, steps,\n"
             "seconds, objective {first, last: of the largest octave, clean: of the finished\n"
             "picture}, seed, backend, output (null, and error, if it failed). A photo that\n"
             "fails has its line on stderr, the others go on, and the exit status is 1.\n"
             "Interrupted (Ctrl-C), the picture so far is written and the exit status is 130.",
    .examples = "  phosphene dream net.onnx sky.jpg --target mixed4c -o dream.png\n"
                "  phosphene dream net.onnx sky.jpg -t mixed4d:100 --octaves 6 --strength 1.5\n"
                "  phosphene dream net.onnx photos/ -o dreams/\n"
                "  phosphene dream net.onnx --from dream.png --seed 7 -o other.png\n",
    .sections = sections,
    .setting_list = &ph_cli_dream_settings,
    .settings = NULL,
    .run = run_dream,
};
