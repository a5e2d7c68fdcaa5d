/* What the settings of renders and dreams have in common: the JSON text itself (settings.h says what is in it). */
#ifndef PH_RENDER_SETTINGS_JSON_H
#define PH_RENDER_SETTINGS_JSON_H

#include "host/model/preprocess.h"
#include "host/render/option_list.h"

#include <cjson/cJSON.h>

typedef struct ph_settings_member {
    const char *key, *value;
} ph_settings_member;

typedef struct ph_settings_json {
    const char *command; /* that made the picture; NULL: render */
    const ph_option_list *list;
    const void *fields;       /* the settings that `list` describes */
    const char *model_sha256; /* ph_model_sha256 */
    const ph_preprocess *preprocess;
    const char *target; /* as asked for */
    bool negative;      /* the effective sign */
    const ph_settings_member *members;
    size_t member_count; /* what there is besides */
    const char *backend; /* that computed it: "cpu" */
    int steps_done;
    bool interrupted;
    const float *course; /* steps_done objectives */
} ph_settings_json;

/* *json is a new string (ph_free), one line. PH_NO_MEMORY. */
ph_status ph_settings_json_write(const ph_settings_json *source, char **json, ph_error *err);

/* What stands beside the options; the strings belong to the JSON tree. */
typedef struct ph_settings_head {
    const char *program, *model, *backend, *target;
    bool negative;
} ph_settings_head;

/* Fills `head` and sets the recorded options, and the backend, in `fields`. PH_FORMAT: foreign, damaged, or made by
 * another command; `fields` may then be half set. */
ph_status ph_settings_json_read(const cJSON *root, const char *command, const ph_option_list *list, void *fields,
                                ph_settings_head *head, ph_error *err);
/* A further member; NULL after a message. */
const char *ph_settings_json_member(const cJSON *root, const char *key, ph_error *err);

#endif
