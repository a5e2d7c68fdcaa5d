#include "host/cli/origin.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of a text in the settings; NULL if it is missing or empty. */
static char *read_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text && *text ? ph_cli_format("%s", text) : NULL;
}

/* What the settings say beside the options. */
static void read_rest(const char *json, ph_cli_origin *origin)
{
    cJSON *root = ph_cli_must(cJSON_Parse(json));
    const cJSON *preprocessing = cJSON_GetObjectItemCaseSensitive(root, "preprocessing");
    origin->range = read_text(preprocessing, "range");
    origin->mean = read_text(preprocessing, "mean");
    origin->std = read_text(preprocessing, "std");
    origin->channels = read_text(preprocessing, "channels");
    origin->interrupted = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "interrupted"));
    cJSON_Delete(root);
}

/* Puts the path before what is wrong with its settings. */
static ph_status fail_settings(const char *path, ph_status status, const ph_error *why, ph_error *err)
{
    err->status = status;
    snprintf(err->message, sizeof err->message, "%.200s: %.400s", path, why->message);
    return status;
}

ph_status ph_cli_origin_read(const char *path, ph_render_options *options, ph_cli_origin *origin, ph_error *err)
{
    *origin = (ph_cli_origin){.path = path};
    char *json = NULL;
    ph_status status = ph_settings_read_png(path, &json, err);
    if (status != PH_OK)
        return status;
    ph_error why = {0};
    status = ph_settings_apply(json, options, &origin->target, &origin->negative, origin->sha256, &why);
    if (status == PH_OK)
        read_rest(json, origin);
    else
        fail_settings(path, status, &why, err);
    ph_string_free(&json);
    return status;
}

ph_status ph_cli_origin_read_dream(const char *path, ph_dream_options *options, ph_cli_origin *origin,
                                   ph_dream_origin *dream, ph_error *err)
{
    *origin = (ph_cli_origin){.path = path};
    char *json = NULL;
    ph_status status = ph_settings_read_png(path, &json, err);
    if (status != PH_OK)
        return status;
    ph_error why = {0};
    status = ph_dream_settings_apply(json, options, dream, &why);
    if (status == PH_OK)
        read_rest(json, origin);
    else
        fail_settings(path, status, &why, err);
    ph_string_free(&json);
    return status;
}

void ph_cli_origin_clear(ph_cli_origin *origin)
{
    ph_string_free(&origin->target);
    free(origin->range);
    free(origin->mean);
    free(origin->std);
    free(origin->channels);
    *origin = (ph_cli_origin){0};
}

ph_status ph_cli_origin_check(const ph_cli_origin *origin, const ph_model *model, bool force, bool quiet, ph_error *err)
{
    if (strcmp(origin->sha256, ph_model_sha256(model)) != 0 && !force) {
        err->status = PH_MISUSE;
        snprintf(err->message, sizeof err->message,
                 "%.200s was made with another model (its SHA-256 begins with %.12s, this one's with %.12s): give that "
                 "model, or --force",
                 origin->path, origin->sha256, ph_model_sha256(model));
        return PH_MISUSE;
    }
    if (quiet)
        return PH_OK;
    if (origin->interrupted)
        ph_cli_say("note: %s was interrupted; this time all its steps are made", origin->path);
    return PH_OK;
}
