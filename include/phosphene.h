/* phosphene.h — see what a trained image network looks for.
 *
 * Phosphene optimizes a picture until a unit of a network (a neuron, a channel, a whole layer, a direction, a class
 * logit) answers as strongly as it can. This header is the whole public interface, and its manual.
 *
 *     ph_error err = {0};
 *     ph_model *model = NULL;
 *     ph_result *result = NULL;
 *     ph_render_options options;
 *     ph_render_options_init(&options);
 *     if (ph_model_load("net.onnx", NULL, &model, &err) == PH_OK &&
 *         ph_render(model, "mixed4a:476", &options, &result, &err) == PH_OK)
 *         ph_result_write_png(result, "unit.png", &err);
 *     else
 *         fprintf(stderr, "%s\n", err.message);
 *     ph_result_free(&result);
 *     ph_model_free(&model);
 *
 * Conventions
 *   - Every fallible function returns a ph_status and takes a `ph_error *` last. NULL means "I only want the status".
 *     The message says what failed, where, and what to do. The library never prints, exits or aborts.
 *   - `*_free` takes the address of the handle, accepts NULL and a NULL handle, and clears the caller's pointer.
 *   - Strings passed in are copied. Strings handed out (`const char *`) belong to the object they came from.
 *   - Nothing in the library is global and mutable: different models may be used from different threads; one model must
 *     be used by one thread at a time.
 *   - Sizes are width x height in pixels, tensors [N, C, H, W], positions (y, x) from the top left.
 */
#ifndef PHOSPHENE_H
#define PHOSPHENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PH_API __attribute__((visibility("default")))
#else
#define PH_API
#endif

/* ---- Status and errors ------------------------------------------------------------------------------------------ */

/* name, text: the one list from which the enum and ph_status_text() are made. */
#define PH_STATUS_LIST(X)                                                                                              \
    X(OK, "done")                                                                                                      \
    X(MISUSE, "a wrong option, target or argument")                                                                    \
    X(NO_MEMORY, "out of memory")                                                                                      \
    X(IO, "a file could not be read or written")                                                                       \
    X(FORMAT, "a file is not what it should be")                                                                       \
    X(UNSUPPORTED, "something the model needs is not supported")                                                       \
    X(BACKEND, "the compute backend failed or is not available")                                                       \
    X(NO_GRADIENT, "the target gives no gradient to climb")                                                            \
    X(NOT_FINITE, "values became infinite or not-a-number")                                                            \
    X(INTERRUPTED, "stopped on request")

typedef enum ph_status {
#define PH_STATUS_ENUM(name, text) PH_##name,
    PH_STATUS_LIST(PH_STATUS_ENUM)
#undef PH_STATUS_ENUM
} ph_status;

/* The text of a status from the list above; "unknown status" for a value that is none. */
PH_API const char *ph_status_text(ph_status status);

#define PH_MESSAGE_MAX 640

/* Filled by the call that fails; untouched by one that succeeds. */
typedef struct ph_error {
    ph_status status;
    char message[PH_MESSAGE_MAX]; /* one line, no newline at the end */
} ph_error;

/* "0.1.0"; compare with PH_VERSION_STRING to see whether header and library belong together. */
PH_API const char *ph_version(void);
#define PH_VERSION_STRING "0.1.0"

/* ---- Backends --------------------------------------------------------------------------------------------------- */

typedef struct ph_backend_info {
    const char *name;      /* "cuda", "cpu", "ref" */
    bool compiled;         /* part of this build */
    bool available;        /* usable on this machine now */
    char description[256]; /* library versions and devices, or why it is not available */
} ph_backend_info;

/* Number of backends this version knows, compiled in or not; `ph_backend_get` fills entry `index`. */
PH_API int ph_backend_count(void);
PH_API ph_status ph_backend_get(int index, ph_backend_info *info, ph_error *err);

/* ---- Models ----------------------------------------------------------------------------------------------------- */

typedef struct ph_model ph_model;

/* How pixels become network input: x[c] = (lo + (hi - lo) p - mean[c]) / std[c], p in [0, 1], channels in the given
 * order. Names of presets: "torchvision", "lucid", "caffe", "unit", "tf", "raw", and "auto" (the default): the file's
 * own `phosphene.*` metadata, else a sidecar MODEL.phosphene.json, else torchvision (ph_preprocess_source says which).
 */
typedef struct ph_model_options {
    const char *preprocess; /* preset name or NULL for "auto" */
    const char *labels;     /* path of a text file, one label per line, or NULL */
    const char *mean;       /* "m" or "m,m,m" on the network's own scale, or NULL; overrides the preset */
    const char *std;        /* as mean */
    const char *range;      /* "lo,hi": what pixel values 0 and 255 become before mean and std, or NULL */
    const char *channels;   /* "rgb", "bgr", "gray" or NULL */
} ph_model_options;

/* Loads an ONNX file. `options` may be NULL. PH_IO, PH_FORMAT, PH_UNSUPPORTED, PH_NO_MEMORY, PH_MISUSE. */
PH_API ph_status ph_model_load(const char *path, const ph_model_options *options, ph_model **out, ph_error *err);
PH_API void ph_model_free(ph_model **model);

/* SHA-256 of the file, 64 lower-case hex digits. */
PH_API const char *ph_model_sha256(const ph_model *model);
/* One line: the preprocessing in force and where it came from ("flags", "model metadata", "sidecar", "default"). */
PH_API const char *ph_model_preprocess_text(const ph_model *model);
/* True if nothing said how to preprocess and the torchvision preset was assumed. */
PH_API bool ph_model_preprocess_assumed(const ph_model *model);
/* Label of a class, or NULL when unknown. */
PH_API const char *ph_model_label(const ph_model *model, int64_t class_index);

typedef struct ph_layer_info {
    const char *name; /* the node's name, or its first output's when the node has none */
    const char *output;
    const char *op; /* ONNX operator */
    int rank;
    int64_t shape[8]; /* at the input size asked for, N = 1 */
    double macs;      /* multiply-adds of one forward pass */
    bool supported;   /* false: `render` cannot pass through it */
} ph_layer_info;

/* Shapes of all layers at input size width x height (0 = the model's own or 224). The list lives in the model until
 * the next call. `input_shape` (4 entries, N = 1) may be NULL. */
PH_API ph_status ph_model_layers(ph_model *model, int width, int height, const ph_layer_info **layers, size_t *count,
                                 int64_t *input_shape, ph_error *err);

/* ---- Classify --------------------------------------------------------------------------------------------------- */

typedef struct ph_class {
    int64_t index;
    const char *label; /* or NULL */
    float probability;
} ph_class;

typedef struct ph_classifier ph_classifier;

/* Builds the network up to its class probabilities once, for many pictures. backend: "auto", "cpu", "ref", "cuda[:N]"
 * or NULL for auto. threads: 0 = all. */
PH_API ph_status ph_classifier_new(ph_model *model, const char *backend, int threads, ph_classifier **out,
                                   ph_error *err);
/* Resizes the short side to 256/224 of the input size (bilinear, antialiased), crops the centre, and fills `top` with
 * the `count` best classes, best first; *filled is how many there are. */
PH_API ph_status ph_classifier_run(ph_classifier *classifier, const char *photo_path, ph_class *top, size_t count,
                                   size_t *filled, ph_error *err);
PH_API void ph_classifier_free(ph_classifier **classifier);

/* ---- Render ----------------------------------------------------------------------------------------------------- */

/* Every setting of a render. Fill with ph_render_options_init() or a preset, then change what you like, by field or by
 * ph_render_options_set() with the command line's names ("steps", "lr" …), which checks ranges. */
typedef struct ph_render_options {
    char preset[16];   /* "fast" (default), "draft", "best", "lucid" */
    int width, height; /* 0 = the network's own input size, 224 if it has none */
    int steps;         /* 256 */
    uint64_t seed;     /* 0 */
    bool negative;     /* minimize: ascend minus the target */

    char param[16];  /* "fourier" (default) or "pixel" */
    char colour[16]; /* "decorrelated" (default) or "rgb" */
    double decay;    /* 1: power of the 1/f scaling */
    double init_sd;  /* 0.01: standard deviation of the start */
    char init[1024]; /* photo to start from; "" = noise */

    bool warp;                   /* true; false turns all of the following off */
    int pad;                     /* 12: how far, in pixels, jitter may move the window beyond the picture */
    int jitter;                  /* 8: random shift before scaling, whole pixels, spread over this many */
    int jitter2;                 /* 4: the same after rotation */
    double scale_min, scale_max; /* 0.9, 1.1 in `scale_count` = 11 equal steps */
    int scale_count;
    int rotate;       /* 10: whole degrees in -rotate..rotate */
    int rotate_zeros; /* 5: how many more times 0 degrees is in the list */
    double fill;      /* 0.5: grey outside the picture */

    char optimizer[16];           /* "adam" (default) or "ascent" (normalized gradient) */
    double lr;                    /* 0.2: peak of the schedule, or the constant rate */
    char schedule[16];            /* "triangle" (default) or "constant" */
    double beta1, beta2, epsilon; /* 0.5, 0.999, 1e-8 */
    bool shared_moment;           /* true: one second moment per complex coefficient */
    double open_from, open_to; /* 0.05, 2: cut-off in cycles/pixel of the step filter, rising geometrically; 0 = off */
    double contrast;           /* 0.18: luminance standard deviation of the finished picture; 0 = leave as it is */

    double tv, l1, l2, blur, high_frequency; /* weights of the penalties, 0 */
    double l1_center;                        /* 0.5 */
    double high_cutoff;                      /* 0.25 cycles/pixel: above it counts as high frequency */

    int redirect_steps; /* 16: steps during which dead ReLUs pass redirected gradients */

    char backend[16];     /* "auto", "cpu", "ref", "cuda", "cuda:1" … */
    char precision[8];    /* of the network on a GPU: "auto" (fp16), "fp32" (strict), "tf32", "fp16", "bf16" */
    int threads;          /* 0 = all cores */
    int batch;            /* 0 = chosen from memory */
    int64_t memory_limit; /* bytes; 0 = three quarters of what is free */
} ph_render_options;

PH_API void ph_render_options_init(ph_render_options *options);
/* Sets all optimizer and schedule fields as the named preset has them; leaves size, seed, backend … alone. */
PH_API ph_status ph_render_options_preset(ph_render_options *options, const char *preset, ph_error *err);
/* name: a field's name as in the command line, with '-' or '_'. PH_MISUSE names the option and the range allowed. */
PH_API ph_status ph_render_options_set(ph_render_options *options, const char *name, const char *value, ph_error *err);

/* The text of one setting, as ph_render_options_set() takes it back ("size" at 0 x 0 is "auto"). PH_MISUSE: unknown
 * name, or `size` bytes are too few. */
PH_API ph_status ph_render_options_get_text(const ph_render_options *options, const char *name, char *buffer,
                                            size_t size, ph_error *err);

/* What may be set, for programs that make a command line, a dialog or a manual of it. */
typedef enum ph_option_kind {
    PH_OPTION_BOOL,   /* "yes" or "no", also true/false and 1/0 */
    PH_OPTION_INT,    /* a whole number */
    PH_OPTION_SEED,   /* 0 … 2^64 - 1 */
    PH_OPTION_BYTES,  /* a whole number, K, M, G or T (of 1024) behind it if you like */
    PH_OPTION_REAL,   /* a number */
    PH_OPTION_CHOICE, /* one of `choices`; a choice ending in ":N" stands for any number there */
    PH_OPTION_TEXT,   /* anything that fits */
    PH_OPTION_SIZE    /* "WxH", "N" for NxN, or "auto"; sets width and height */
} ph_option_kind;

typedef struct ph_option_info {
    const char *name;  /* "scale-min" */
    const char *group; /* a heading: "Picture", "Warp", "Optimizer", "Penalties", "Machine" */
    const char *help;  /* what it does, without a full stop */
    const char *value; /* what stands for the value in a manual: "N"; NULL for PH_OPTION_BOOL */
    ph_option_kind kind;
    double min, max;     /* of INT, BYTES, REAL and, per side, SIZE */
    const char *choices; /* of CHOICE: "adam|ascent"; else NULL */
    char initial[32];    /* the default, as text */
} ph_option_info;

/* Number of options; `ph_render_option_get` fills entry `index` (PH_MISUSE out of range). Strings are static. */
PH_API int ph_render_option_count(void);
PH_API ph_status ph_render_option_get(int index, ph_option_info *info, ph_error *err);

/* One optimized picture. */
typedef struct ph_result ph_result;

typedef struct ph_progress {
    const char *target;    /* of the first picture of the batch in work */
    int picture, pictures; /* pictures finished before this batch; all pictures */
    int step, steps;       /* of this batch */
    double objective;      /* of the first picture of the batch, latest step; on a GPU as of some steps ago */
    double seconds_left;   /* estimate for everything, < 0 while unknown */
    int octave, octaves;   /* of a dream, the first is 1; 0 in a render */
} ph_progress;

/* Called after every step (in a dream also between the tiles of one) from the thread that called. Return false to stop:
 * what exists so far is handed out and the call returns PH_INTERRUPTED. */
typedef bool (*ph_progress_fn)(const ph_progress *progress, void *user);

/* Called once per finished picture, in the order of the targets, as soon as its batch is done. `result` is owned by the
 * callee from then on (free it). When `result` is NULL the picture failed and `err` says why; other pictures go on. */
typedef void (*ph_result_fn)(size_t index, ph_result *result, const ph_error *err, void *user);

typedef struct ph_callbacks {
    ph_progress_fn progress; /* may be NULL */
    ph_result_fn result;     /* may be NULL */
    void (*notice)(const char *line,
                   void *user); /* one line worth telling (a moved target, a smaller batch); or NULL */
    void *user;
    const int *snapshots; /* ascending step numbers whose pictures are kept in the result; or NULL */
    size_t snapshot_count;
} ph_callbacks;

typedef struct ph_job {
    const char *target; /* target expression (README, "Targets") */
    bool negative;      /* with options.negative: exclusive or */
} ph_job;

/* Renders one target. */
PH_API ph_status ph_render(ph_model *model, const char *target, const ph_render_options *options, ph_result **out,
                           ph_error *err);
/* Renders many in batches. Returns PH_OK if every picture succeeded, else the status of the first that failed. */
PH_API ph_status ph_render_many(ph_model *model, const ph_job *jobs, size_t count, const ph_render_options *options,
                                const ph_callbacks *callbacks, ph_error *err);

/* What is known of a finished picture. Strings live as long as the result. */
typedef struct ph_result_info {
    const char *target; /* as asked for */
    const char *layer;  /* resolved layer of the first term (after a move to the pre-activation) */
    int64_t channel;    /* resolved channel of the first term, -1 = whole layer or direction */
    bool negative;
    bool interrupted;
    int width, height, channels;
    int steps;          /* done */
    double seconds;     /* this picture's share of its batch's time */
    double first, last; /* objective at the first and the last step, as warped, sign included */
    double clean;       /* objective of the finished 8-bit picture at the network's input size, without warp */
    uint64_t seed;
    const char *backend; /* "cpu", "ref", "cuda" */
    const float *course; /* objective of each step, `steps` numbers */
    size_t snapshot_count;
    const char *settings; /* JSON text of everything that made the picture, as written into the PNG */
} ph_result_info;

PH_API void ph_result_get(const ph_result *result, ph_result_info *info);
/* 8-bit pixels, height x width x channels (1 or 3; networks with other channel counts give 3: the first three; a dream
 * of a photo with alpha one more, the alpha).
 * snapshot: 0 … snapshot_count-1, or -1 for the finished picture; *step is the snapshot's step (may be NULL). */
PH_API const uint8_t *ph_result_pixels(const ph_result *result, int snapshot, int *step);
/* Writes to a temporary name beside `path` and renames. The settings go into the text chunk "phosphene". */
PH_API ph_status ph_result_write_png(const ph_result *result, const char *path, ph_error *err);
PH_API ph_status ph_result_write_snapshot_png(const ph_result *result, int snapshot, const char *path, ph_error *err);
/* A sheet of several pictures of equal size side by side, `columns` wide, grey gaps of 4 px. A picture's snapshots
 * stand before it. columns 0: nearly square; with snapshots one row per picture, its course. */
PH_API ph_status ph_write_grid_png(const ph_result *const *results, size_t count, int columns, const char *path,
                                   ph_error *err);
PH_API void ph_result_free(ph_result **result);

/* Reads the settings chunk of a PNG made by this program into a new string (free with ph_string_free). */
PH_API ph_status ph_settings_read_png(const char *path, char **json, ph_error *err);
/* Applies a settings JSON to options; *target (new string) and *negative are what was rendered. PH_FORMAT if foreign.
 * `sha256` (65 bytes, may be NULL) receives the model's hash as recorded. Keys that this version does not know are
 * passed over. The sign is in *negative alone (put it into the ph_job): options->negative becomes false. On failure
 * nothing is changed. */
PH_API ph_status ph_settings_apply(const char *json, ph_render_options *options, char **target, bool *negative,
                                   char *sha256, ph_error *err);
PH_API void ph_string_free(char **string);

/* ---- Dream ------------------------------------------------------------------------------------------------------ */

/* DeepDream (Mordvintsev, Olah, Tyka 2015): a photo is changed so that it shows more of what a layer sees in it.
 *
 *     ph_dream_options options;
 *     ph_dream_options_init(&options);
 *     if (ph_dream_new(model, "mixed4c", &options, NULL, &dream, &err) == PH_OK &&
 *         ph_dream_photo(dream, "sky.jpg", &result, &err) == PH_OK)
 *         ph_result_write_png(result, "dream.png", &err);
 *     ph_result_free(&result);
 *     ph_dream_free(&dream);
 *
 * From small to large octaves of the photo: what the smaller one has gained is enlarged and added to the photo's next
 * octave; then `steps` times x += step g / mean|g| along the gradient g of the target, clipped to the valid range, the
 * picture rolled by a random jitter. Pictures larger than a tile are seen through overlapping tiles that are moved at
 * random in every step, so memory stays bounded. */
typedef struct ph_dream ph_dream;

/* Every setting of a dream. Fill with ph_dream_options_init(), then change what you like, by field or by
 * ph_dream_options_set() with the command line's names, which checks ranges. */
typedef struct ph_dream_options {
    int octaves;         /* 4; fewer where the smallest would have a side below 16 pixels */
    double octave_scale; /* 1.4: the next octave is larger by this */
    int steps;           /* 10, in every octave */
    double step;         /* 1.5: size of the change in a step, of 255 levels, as `gradient` measures it */
    double strength;     /* 1: the step is multiplied with it */
    char gradient[16];   /* what the gradient is divided by: "mean" (default), its mean magnitude; "rms", its root mean
                            square; "laplacian", each level of its Laplacian pyramid by its own root mean square */
    char style[16];      /* "param=pixel" (default); "param=fourier": Fourier coefficients in decorrelated colours are
                            climbed by Adam, as in a render, in place of step and gradient */
    double lr;           /* 0.05: Adam's rate */
    int jitter;          /* 32: pixels by which the picture is rolled, either way; 0: never, and tiles stay in place */
    bool negative;       /* less of what the target sees */
    uint64_t seed;       /* 0: of the jitter */
    double keep;         /* 0: share of the photo in the finished picture, 0 … 1 */
    char guide[1024];    /* photo; what is maximized is then, at every position of the target's layers, the dot product
                            with the feature of this photo that agrees best; "" = none */
    char mask[1024];     /* picture of any size, stretched over the photo: where it is black the photo stays as it is,
                            where it is grey the dream is weaker; "" = none */

    int tile;    /* no tile is larger, in pixels; 0: 512, or all of a photo of half a megapixel; less when memory is
                    short */
    int overlap; /* 16: pixels that neighbouring tiles share at least */

    double zoom;   /* 1.05: ph_dream_frame enlarges the picture before by this … */
    double rotate; /* 0: … and turns it by so many degrees, counter-clockwise */

    char backend[16];     /* "auto", "cpu", "ref", "cuda", "cuda:1" … */
    char precision[8];    /* of the network on a GPU: "auto" (fp16), "fp32" (strict), "tf32", "fp16", "bf16" */
    int threads;          /* 0 = all cores */
    int batch;            /* tiles at once, 0 = chosen from memory */
    int64_t memory_limit; /* bytes; 0 = three quarters of what is free */
} ph_dream_options;

PH_API void ph_dream_options_init(ph_dream_options *options);
/* As ph_render_options_set, ph_render_options_get_text, ph_render_option_count and ph_render_option_get. */
PH_API ph_status ph_dream_options_set(ph_dream_options *options, const char *name, const char *value, ph_error *err);
PH_API ph_status ph_dream_options_get_text(const ph_dream_options *options, const char *name, char *buffer, size_t size,
                                           ph_error *err);
PH_API int ph_dream_option_count(void);
PH_API ph_status ph_dream_option_get(int index, ph_option_info *info, ph_error *err);

/* Makes ready to dream of `target`, a target expression; NULL: a layer in the middle of the network. The model must
 * outlive the dream and be used by nothing else meanwhile; options and callbacks are copied. Of the callbacks (may be
 * NULL) `progress` and `notice` are called, also from ph_dream_photo and ph_dream_frame. */
PH_API ph_status ph_dream_new(ph_model *model, const char *target, const ph_dream_options *options,
                              const ph_callbacks *callbacks, ph_dream **out, ph_error *err);
/* The target, as asked for or as chosen. */
PH_API const char *ph_dream_target(const ph_dream *dream);
/* Dreams on a photo: JPEG, PNG, BMP, GIF or PNM, up to 100 megapixels, turned as its Exif data say. The result has the
 * photo's size, and its alpha. Of its ph_result_info, `course` holds the objective of each step, octave after octave
 * (the mean over the tiles), `first` and `last` are those of the last octave, and `clean` is not a number when it was
 * interrupted. The network is planned once for each size of tiles and photos of one size share that.
 * PH_INTERRUPTED when progress asked to stop: *out is then the picture so far, in full size. */
PH_API ph_status ph_dream_photo(ph_dream *dream, const char *photo, ph_result **out, ph_error *err);
/* The next frame of a sequence: enlarges and turns the picture of frame number `frame` - 1 about its centre, then
 * dreams on that. frame 0 is ph_dream_photo. Frames are to be written as PNG and read again, so that a sequence can go
 * on where it was left. */
PH_API ph_status ph_dream_frame(ph_dream *dream, const char *previous, int frame, ph_result **out, ph_error *err);
PH_API void ph_dream_free(ph_dream **dream);

/* What a dreamed picture's settings JSON says beside the options. */
typedef struct ph_dream_origin {
    char *target, *photo; /* new strings: ph_string_free */
    int frame;
    char model_sha256[65], photo_sha256[65]; /* 64 hex digits; of the files */
} ph_dream_origin;

/* Applies it to options, as ph_settings_apply does for a render; the backend becomes that which made the picture. On
 * failure nothing is changed. */
PH_API ph_status ph_dream_settings_apply(const char *json, ph_dream_options *options, ph_dream_origin *origin,
                                         ph_error *err);
/* Whether model and photo are those that made the picture: PH_MISUSE says which is not. photo: NULL: not asked. */
PH_API ph_status ph_dream_origin_check(const ph_dream_origin *origin, const ph_model *model, const char *photo,
                                       ph_error *err);
PH_API void ph_dream_origin_clear(ph_dream_origin *origin);

#ifdef __cplusplus
}
#endif
#endif
