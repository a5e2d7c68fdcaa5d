#include "host/render/options.h"

#include "host/base/status.h"

#include <string.h>

void ph_render_options_init(ph_render_options *options)
{
    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < ph_render_option_list.count; i++)
        ph_option_set_initial(options, &ph_render_option_list.rows[i]);
}

ph_status ph_render_options_preset(ph_render_options *options, const char *preset, ph_error *err)
{
    const ph_option_list *list = &ph_render_option_list;
    ph_render_options fresh = *options;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->rows[i].group, PH_GROUP_OPTIMIZER) == 0)
            ph_option_set_initial(&fresh, &list->rows[i]);
    PH_TRY(ph_option_set_text(&fresh, ph_option_find(list, "preset"), preset, err));
    for (size_t i = 0; i < ph_preset_table_count; i++) {
        const ph_preset_change *change = &ph_preset_table[i];
        if (strcmp(change->preset, preset) != 0)
            continue;
        const ph_option *option = ph_option_find(list, change->name);
        PH_TRY(change->text ? ph_option_set_text(&fresh, option, change->text, err)
                            : ph_option_set_number(&fresh, option, change->number, err));
    }
    *options = fresh;
    return PH_OK;
}

ph_status ph_render_options_set(ph_render_options *options, const char *name, const char *value, ph_error *err)
{
    if (strcmp(name, "preset") == 0)
        return ph_render_options_preset(options, value, err);
    return ph_option_set(&ph_render_option_list, options, name, value, err);
}

ph_status ph_render_options_check(const ph_render_options *options, ph_error *err)
{
    PH_TRY(ph_option_check(&ph_render_option_list, options, err));
    if (options->scale_min > options->scale_max)
        return ph_fail(err, PH_MISUSE, "option 'scale-min' is %g, above 'scale-max', %g", options->scale_min,
                       options->scale_max);
    if ((options->open_from > 0) != (options->open_to > 0))
        return ph_fail(err, PH_MISUSE,
                       "options 'open-from' and 'open-to' must both be 0 or both be above 0, not %g, %g",
                       options->open_from, options->open_to);
    return PH_OK;
}

ph_status ph_render_options_get_text(const ph_render_options *options, const char *name, char *buffer, size_t size,
                                     ph_error *err)
{
    return ph_option_get_text(&ph_render_option_list, options, name, buffer, size, err);
}

int ph_render_option_count(void)
{
    return (int)ph_render_option_list.count;
}

ph_status ph_render_option_get(int index, ph_option_info *info, ph_error *err)
{
    ph_render_options defaults;
    ph_render_options_init(&defaults);
    return ph_option_describe(&ph_render_option_list, index, &defaults, info, err);
}

bool ph_options_fourier(const ph_render_options *options)
{
    return strcmp(options->param, "fourier") == 0;
}

bool ph_options_mix(const ph_render_options *options, int64_t channels)
{
    return channels == 3 && strcmp(options->colour, "decorrelated") == 0;
}
