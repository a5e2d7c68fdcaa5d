/* ph_option: one row per setting of a render. Defaults, range checks, setting by name, presets, the command line's help
 * and the settings kept in a picture all come from this table (option_table.c). */
#ifndef PH_RENDER_OPTIONS_H
#define PH_RENDER_OPTIONS_H

#include "phosphene.h"

#define PH_GROUP_PICTURE "Picture"
#define PH_GROUP_WARP "Warp"
#define PH_GROUP_OPTIMIZER "Optimizer" /* what a preset sets */
#define PH_GROUP_PENALTIES "Penalties"
#define PH_GROUP_MACHINE "Machine"

typedef struct ph_option {
    const char *name, *group, *help, *value; /* as in ph_option_info */
    ph_option_kind kind;
    size_t offset, size; /* of the field in ph_render_options (SIZE: of width; height follows at once) */
    double min, max;     /* of INT, BYTES, REAL and SIZE */
    double initial;      /* of BOOL, INT, SEED, BYTES, REAL and SIZE */
    const char *choices; /* of CHOICE */
    const char *text;    /* initial text of CHOICE and TEXT */
    bool unrecorded;     /* not among the "options" of a picture's settings: it does not change the picture, or the
                            settings hold it elsewhere */
} ph_option;

/* One deviation of a preset from the defaults. */
typedef struct ph_preset_change {
    const char *preset, *name;
    double number;
    const char *text; /* NULL: `number` counts */
} ph_preset_change;

extern const ph_option ph_option_table[];
extern const size_t ph_option_table_count;
extern const ph_preset_change ph_preset_table[];
extern const size_t ph_preset_table_count;

/* The row called `name`, '-' and '_' alike; NULL if there is none. */
const ph_option *ph_option_find(const char *name);
/* Sets BOOL, INT, BYTES or REAL from a number, checking range and wholeness. */
ph_status ph_option_set_number(ph_render_options *options, const ph_option *option, double number, ph_error *err);

/* Whether every field is within its range and the fields fit each other: callers may have filled them by hand. */
ph_status ph_render_options_check(const ph_render_options *options, ph_error *err);

/* Whether the parameters are Fourier coefficients (else pixels). */
bool ph_options_fourier(const ph_render_options *options);
/* Whether planes go through the colour matrix: decorrelated colours, which only three channels have. */
bool ph_options_mix(const ph_render_options *options, int64_t channels);

#endif
