#include "host/render/settings.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/render/options.h"
#include "host/render/settings_json.h"

#include <string.h>

ph_status ph_settings_write(const ph_settings_source *source, char **json, ph_error *err)
{
    ph_render_options options = *source->options;
    options.width = source->width;
    options.height = source->height;
    const ph_settings_member device = {"device", source->device};
    const ph_settings_json all = {.list = &ph_render_option_list,
                                  .fields = &options,
                                  .model_sha256 = source->model_sha256,
                                  .preprocess = source->preprocess,
                                  .target = source->target,
                                  .negative = source->negative,
                                  .members = &device,
                                  .member_count = source->device && *source->device,
                                  .backend = source->backend,
                                  .steps_done = source->steps_done,
                                  .interrupted = source->interrupted,
                                  .course = source->course};
    return ph_settings_json_write(&all, json, err);
}

static ph_status apply_parsed(const cJSON *root, ph_render_options *options, char **target, bool *negative,
                              char *sha256, ph_error *err)
{
    ph_render_options fresh = *options;
    ph_settings_head head;
    /* The preset first: it stands for options that are not recorded. */
    const cJSON *recorded = cJSON_GetObjectItemCaseSensitive(root, "options");
    const char *preset = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(recorded, "preset"));
    if (preset)
        ph_render_options_preset(&fresh, preset, NULL);
    PH_TRY(ph_settings_json_read(root, NULL, &ph_render_option_list, &fresh, &head, err));
    ph_error inner = {0};
    if (ph_render_options_check(&fresh, &inner) != PH_OK)
        return ph_fail(err, PH_FORMAT, "the settings of the picture are damaged: %s", inner.message);
    fresh.negative = false;
    *target = ph_strdup(head.target);
    if (!*target)
        return ph_fail_memory(err, strlen(head.target) + 1, "a target");
    *negative = head.negative;
    if (sha256)
        memcpy(sha256, head.model, strlen(head.model) + 1);
    *options = fresh;
    return PH_OK;
}

ph_status ph_settings_apply(const char *json, ph_render_options *options, char **target, bool *negative, char *sha256,
                            ph_error *err)
{
    cJSON *root = cJSON_Parse(json);
    if (!root)
        return ph_fail(err, PH_FORMAT, "the settings of the picture cannot be read: not JSON");
    const ph_status status = apply_parsed(root, options, target, negative, sha256, err);
    cJSON_Delete(root);
    return status;
}
