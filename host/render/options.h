/* The settings of a render: their list (option_table.c), presets, and checks. */
#ifndef PH_RENDER_OPTIONS_H
#define PH_RENDER_OPTIONS_H

#include "host/render/option_list.h"

#define PH_GROUP_PICTURE "Picture"
#define PH_GROUP_WARP "Warp"
#define PH_GROUP_OPTIMIZER "Optimizer" /* what a preset sets */
#define PH_GROUP_PENALTIES "Penalties"
#define PH_GROUP_MACHINE "Machine"

/* One deviation of a preset from the defaults. */
typedef struct ph_preset_change {
    const char *preset, *name;
    double number;
    const char *text; /* NULL: `number` counts */
} ph_preset_change;

extern const ph_option_list ph_render_option_list;
extern const ph_preset_change ph_preset_table[];
extern const size_t ph_preset_table_count;

/* Whether every field is within its range and the fields fit each other: callers may have filled them by hand. */
ph_status ph_render_options_check(const ph_render_options *options, ph_error *err);

/* Whether the parameters are Fourier coefficients (else pixels). */
bool ph_options_fourier(const ph_render_options *options);
/* Whether planes go through the colour matrix: decorrelated colours, which only three channels have. */
bool ph_options_mix(const ph_render_options *options, int64_t channels);

#endif
