#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/dream/dream.h"
#include "host/dream/options.h"
#include "host/render/settings_json.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define COMMAND "dream"

enum { DEVICE_TEXT = 256 };

ph_status ph_dream_settings_write(const ph_dream_record *record, char **json, ph_error *err)
{
    const ph_dream *dream = record->dream;
    ph_dream_options options = dream->options;
    options.tile = record->tile;
    const ph_backend *backend = ph_device_backend(dream->device);
    char frame[16], device[DEVICE_TEXT] = "";
    snprintf(frame, sizeof frame, "%d", record->frame);
    if (backend->describe)
        backend->describe(dream->device, device, sizeof device);
    /* The last only where there is something to tell. */
    const ph_settings_member members[] = {
        {"photo", record->photo}, {"photo_sha256", record->photo_sha256}, {"frame", frame}, {"device", device}};
    const size_t count = sizeof members / sizeof *members - (*device == '\0');
    const ph_settings_json all = {.command = COMMAND,
                                  .list = &ph_dream_option_list,
                                  .fields = &options,
                                  .model_sha256 = dream->model->graph->sha256,
                                  .preprocess = dream->model->preprocess,
                                  .target = dream->target->text,
                                  .negative = options.negative,
                                  .members = members,
                                  .member_count = count,
                                  .backend = backend->name,
                                  .steps_done = record->steps_done,
                                  .interrupted = record->interrupted,
                                  .course = record->course};
    return ph_settings_json_write(&all, json, err);
}

void ph_dream_origin_clear(ph_dream_origin *origin)
{
    ph_string_free(&origin->target);
    ph_string_free(&origin->photo);
    *origin = (ph_dream_origin){0};
}

static ph_status apply_parsed(const cJSON *root, ph_dream_options *options, ph_dream_origin *origin, ph_error *err)
{
    ph_settings_head head;
    PH_TRY(ph_settings_json_read(root, COMMAND, &ph_dream_option_list, options, &head, err));
    ph_error inner = {0};
    if (ph_dream_options_check(options, &inner) != PH_OK)
        return ph_fail(err, PH_FORMAT, "the settings of the picture are damaged: %s", inner.message);
    const char *photo = ph_settings_json_member(root, "photo", err);
    const char *digest = photo ? ph_settings_json_member(root, "photo_sha256", err) : NULL;
    const char *frame = digest ? ph_settings_json_member(root, "frame", err) : NULL;
    int64_t number;
    if (!frame)
        return PH_FORMAT;
    if (strlen(digest) + 1 != sizeof origin->photo_sha256 || !ph_parse_int(frame, 0, INT_MAX, &number))
        return ph_fail(err, PH_FORMAT, "the settings of the picture are damaged: 'photo_sha256' or 'frame'");
    origin->frame = (int)number;
    memcpy(origin->model_sha256, head.model, sizeof origin->model_sha256);
    memcpy(origin->photo_sha256, digest, sizeof origin->photo_sha256);
    origin->target = ph_strdup(head.target);
    origin->photo = ph_strdup(photo);
    if (!origin->target || !origin->photo)
        return ph_fail_memory(err, strlen(head.target) + strlen(photo) + 2, "the settings of a picture");
    return PH_OK;
}

ph_status ph_dream_settings_apply(const char *json, ph_dream_options *options, ph_dream_origin *origin, ph_error *err)
{
    cJSON *root = cJSON_Parse(json);
    if (!root)
        return ph_fail(err, PH_FORMAT, "the settings of the picture cannot be read: not JSON");
    ph_dream_options fresh = *options;
    ph_dream_origin found = {0};
    const ph_status status = apply_parsed(root, &fresh, &found, err);
    cJSON_Delete(root);
    if (status == PH_OK) {
        *options = fresh;
        *origin = found;
    } else {
        ph_dream_origin_clear(&found);
    }
    return status;
}
