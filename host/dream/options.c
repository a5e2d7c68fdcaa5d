#include "host/dream/options.h"

#include "host/base/status.h"

#include <string.h>

#define FIELD(field) PH_OPTION_FIELD(ph_dream_options, field)
#define SWITCH(field, on) PH_OPTION_SWITCH(ph_dream_options, field, on)
#define WHOLE(field, low, high, number) PH_OPTION_WHOLE(ph_dream_options, field, low, high, number)
#define REAL(field, low, high, number) PH_OPTION_NUMBER(ph_dream_options, field, low, high, number)
#define CHOICE(field, names, first) PH_OPTION_PICK(ph_dream_options, field, names, first)

#define DREAM "Dream"
#define TILES "Tiles"
#define SEQUENCE "Next frame"
#define MACHINE "Machine"

/* Smaller tiles show a network nothing, and there would be millions of them. */
enum { TILE_LEAST = 16 };

/* Octaves, scale, steps and step are those of the original notebook (google/deepdream); its jitter is 32 as well. */
static const ph_option rows[] = {
    {.name = "octaves",
     .group = DREAM,
     .help = "sizes of the photo that are dreamed on, from small to large",
     WHOLE(octaves, 1, 32, 4)},
    {.name = "octave-scale",
     .group = DREAM,
     .help = "how much larger the next one is",
     REAL(octave_scale, 1.05, 8, 1.4)},
    {.name = "steps", .group = DREAM, .help = "steps in each octave", WHOLE(steps, 1, 100000, 10)},
    {.name = "step",
     .group = DREAM,
     .help = "size of the change in a step, of 255, as --gradient measures it",
     REAL(step, 0.001, 255, 1.5)},
    {.name = "strength",
     .group = DREAM,
     .help = "multiplies the step: 0.5 is subtle, 2 bold",
     REAL(strength, 0.001, 100, 1)},
    {.name = "gradient",
     .group = DREAM,
     .help =
         "what the gradient is divided by: its mean magnitude, its root mean square, or each level of its Laplacian "
         "pyramid by its own",
     CHOICE(gradient, "mean|rms|laplacian", "mean")},
    {.name = "style",
     .group = DREAM,
     .help = "what is changed: pixels, by ascent; or Fourier coefficients in decorrelated colours, by Adam",
     CHOICE(style, "param=pixel|param=fourier", "param=pixel")},
    {.name = "lr",
     .group = DREAM,
     .help = "Adam's rate with --style param=fourier, in place of --step",
     REAL(lr, 1e-6, 100, 0.05)},
    {.name = "jitter",
     .group = DREAM,
     .help = "pixels by which the picture is moved at random in every step; 0: never",
     WHOLE(jitter, 0, 4096, 32)},
    {.name = "negative", .group = DREAM, .help = "less of what the target sees, not more", SWITCH(negative, 0)},
    {.name = "seed",
     .group = DREAM,
     .help = "number that all random draws depend on",
     .value = "N",
     .kind = PH_OPTION_SEED,
     FIELD(seed)},
    {.name = "keep", .group = DREAM, .help = "share of the photo in the finished picture", REAL(keep, 0, 1, 0)},
    {.name = "guide",
     .group = DREAM,
     .help = "photo whose features at the target's layers are drawn out, each where it fits best",
     .value = "PHOTO",
     .kind = PH_OPTION_TEXT,
     FIELD(guide),
     .text = ""},
    {.name = "mask",
     .group = DREAM,
     .help = "picture, stretched over the photo: dream where it is white",
     .value = "MASK",
     .kind = PH_OPTION_TEXT,
     FIELD(mask),
     .text = ""},

    {.name = "tile",
     .group = TILES,
     .help = "largest side of the tiles that the network sees, in pixels; 0: 512, or all of a photo of half a "
             "megapixel; less when memory is short",
     WHOLE(tile, 0, 65536, 0)},
    {.name = "overlap",
     .group = TILES,
     .help = "pixels that neighbouring tiles share at least",
     WHOLE(overlap, 0, 4096, 16)},

    {.name = "zoom", .group = SEQUENCE, .help = "how much larger the next frame begins", REAL(zoom, 0.1, 10, 1.05)},
    {.name = "rotate",
     .group = SEQUENCE,
     .help = "degrees by which it is turned, counter-clockwise",
     REAL(rotate, -180, 180, 0)},

    PH_OPTION_MACHINE(ph_dream_options, MACHINE, "tiles at once, 0: as memory allows"),
};
const ph_option_list ph_dream_option_list = {rows, sizeof rows / sizeof *rows};

void ph_dream_options_init(ph_dream_options *options)
{
    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < ph_dream_option_list.count; i++)
        ph_option_set_initial(options, &rows[i]);
}

ph_status ph_dream_options_set(ph_dream_options *options, const char *name, const char *value, ph_error *err)
{
    return ph_option_set(&ph_dream_option_list, options, name, value, err);
}

ph_status ph_dream_options_get_text(const ph_dream_options *options, const char *name, char *buffer, size_t size,
                                    ph_error *err)
{
    return ph_option_get_text(&ph_dream_option_list, options, name, buffer, size, err);
}

int ph_dream_option_count(void)
{
    return (int)ph_dream_option_list.count;
}

ph_status ph_dream_option_get(int index, ph_option_info *info, ph_error *err)
{
    ph_dream_options defaults;
    ph_dream_options_init(&defaults);
    return ph_option_describe(&ph_dream_option_list, index, &defaults, info, err);
}

ph_status ph_dream_options_check(const ph_dream_options *options, ph_error *err)
{
    PH_TRY(ph_option_check(&ph_dream_option_list, options, err));
    if (options->tile > 0 && options->tile < TILE_LEAST)
        return ph_fail(err, PH_MISUSE, "option 'tile' must be 0 or a whole number from %d on, not %d", TILE_LEAST,
                       options->tile);
    if (options->tile > 0 && options->overlap >= options->tile)
        return ph_fail(err, PH_MISUSE, "option 'overlap' is %d, not below 'tile', %d", options->overlap, options->tile);
    return PH_OK;
}
