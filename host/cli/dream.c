/* phosphene dream: photos with more in them of what a layer sees. */
#include "host/cli/arguments.h"
#include "host/cli/dreaming.h"
#include "host/cli/interrupt.h"
#include "host/cli/video.h"

#include <stdlib.h>
#include <unistd.h>

enum { FRAMES_MAX = 1000000, FPS_MAX = 1000, FPS = 25 };

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
    if (d->photos.count > 1 || d->json || d->frames)
        return ph_cli_misuse("dream", "--output - takes one photo, no --json or --frames");
    if (isatty(STDOUT_FILENO))
        return ph_cli_misuse("dream", "a PNG is not for a terminal: give --output FILE.png");
    return PH_EXIT_DONE;
}

static int read_sequence(const ph_cli_arguments *arguments, ph_cli_dreaming *d)
{
    ph_error err = {0};
    d->video = ph_cli_value(arguments, "video");
    if (!ph_cli_number(arguments, "frames", 1, FRAMES_MAX, 0, &d->frames) ||
        !ph_cli_number(arguments, "fps", 1, FPS_MAX, FPS, &d->fps))
        return PH_EXIT_MISUSE;
    if (!d->frames)
        return d->video ? ph_cli_misuse("dream", "--video needs --frames N") : PH_EXIT_DONE;
    if (d->photos.count > 1)
        return ph_cli_misuse("dream", "--frames takes one photo, not %zu", d->photos.count);
    if (d->video && (ph_cli_video_ready(&err) != PH_OK || ph_cli_output_check(d->video, &err) != PH_OK))
        return ph_cli_fail(&err);
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
    int status = read_photos(arguments, d);
    if (status == PH_EXIT_DONE)
        status = read_sequence(arguments, d);
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
    shown.pictures = (int)d->total;
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

/* Returns whether to go on. */
static bool dream_next(ph_cli_dreaming *d)
{
    const char *photo = d->photos.paths[d->at];
    if (d->frames)
        return ph_cli_sequence(d, photo) != PH_INTERRUPTED;
    char *path = d->output->to_stdout ? NULL : ph_cli_dreaming_path(d, photo);
    const ph_status status = ph_cli_dreaming_photo(d, photo, d->recorded.frame, path);
    free(path);
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
    d->total = d->photos.count;
    for (d->at = 0; d->at < d->photos.count && go_on; d->at++)
        go_on = dream_next(d);
    if (!go_on)
        return PH_EXIT_INTERRUPTED;
    if (!d->failed)
        return PH_EXIT_DONE;
    const bool all = d->failed >= d->total && d->first.status == d->last.status;
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

static const ph_cli_option sequence[] = {
    {"frames", 0, "N",
     "a sequence: the dream is enlarged and turned (--zoom, --rotate) and dreamed on again, N pictures in all, "
     "numbered "
     "OUT-0001.png and so on. Frames that are there already are kept, so a sequence can be continued"},
    {"video", 0, "OUT.mp4", "the frames as a video too, by ffmpeg"},
    {"fps", 0, "N", "frames per second of the video (default 25)"},
    {0},
};

static const ph_cli_section sections[] = {
    {"Files", files}, {"Sequences", sequence}, {"Model", ph_cli_model_options}, {"Output", ph_cli_output_options}, {0}};

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
             "picture}, seed, backend, output (null, and error, if it failed); with --frames\n"
             "one per frame, with its number. A photo that fails has its line on stderr, the\n"
             "others go on, and the exit status is 1. Interrupted (Ctrl-C), the picture so far\n"
             "is written and the exit status is 130.",
    .examples = "  phosphene dream net.onnx sky.jpg --target mixed4c -o dream.png\n"
                "  phosphene dream net.onnx sky.jpg -t mixed4d:100 --octaves 6 --strength 1.5\n"
                "  phosphene dream net.onnx photos/ -o dreams/\n"
                "  phosphene dream net.onnx sky.jpg --frames 100 --rotate 1 -o f/ --video f.mp4\n"
                "  phosphene dream net.onnx --from dream.png --seed 7 -o other.png\n",
    .sections = sections,
    .setting_list = &ph_cli_dream_settings,
    .settings = NULL,
    .run = run_dream,
};
