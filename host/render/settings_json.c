#include "host/render/settings_json.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"

#include <cjson/cJSON.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "phosphene"

enum { KEY_MAX = 32, VALUE_MAX = 1100, SHA256_DIGITS = 64 };

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

static void append_string(ph_text *json, const char *string)
{
    ph_text_append(json, "\"");
    for (const char *c = string; *c; c++)
        if (*c == '"' || *c == '\\')
            ph_text_append(json, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            ph_text_append(json, "\\u%04x", (unsigned)*c);
        else
            ph_text_append(json, "%c", *c);
    ph_text_append(json, "\"");
}

static void append_member(ph_text *json, const char *key, const char *value)
{
    ph_text_append(json, "\"%s\": ", key);
    append_string(json, value);
    ph_text_append(json, ", ");
}

static const char *option_key(const ph_option *option, char key[KEY_MAX])
{
    snprintf(key, KEY_MAX, "%s", option->name);
    for (char *c = key; *c; c++)
        if (*c == '-')
            *c = '_';
    return key;
}

static void append_options(ph_text *json, const ph_option_list *list, const void *fields)
{
    char key[KEY_MAX], value[VALUE_MAX];
    const char *separator = "";
    ph_text_append(json, "\"options\": {");
    for (size_t i = 0; i < list->count; i++) {
        const ph_option *option = &list->rows[i];
        if (option->unrecorded)
            continue;
        if (ph_option_get_text(list, fields, option->name, value, sizeof value, NULL) != PH_OK)
            json->failed = true;
        ph_text_append(json, "%s\"%s\": ", separator, option_key(option, key));
        if (option->kind == PH_OPTION_BOOL)
            ph_text_append(json, "%s", strcmp(value, "yes") == 0 ? "true" : "false");
        else if (option->kind == PH_OPTION_INT || option->kind == PH_OPTION_REAL)
            ph_text_append(json, "%s", value);
        else
            append_string(json, value);
        separator = ", ";
    }
    ph_text_append(json, "}, ");
}

/* Nine digits tell any two floats apart; the point must not follow the program's locale. */
static void append_float(ph_text *json, float number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.9g", (double)number);
    const char point = *localeconv()->decimal_point;
    for (char *c = digits; *c; c++)
        if (*c == point)
            *c = '.';
    ph_text_append(json, "%s", isfinite(number) ? digits : "null");
}

/* "key": "a,b,c": text as the command line takes it. */
static void append_list(ph_text *json, const char *key, const float *numbers, int count)
{
    ph_text_append(json, "\"%s\": \"", key);
    for (int i = 0; i < count; i++) {
        ph_text_append(json, "%s", i ? "," : "");
        append_float(json, numbers[i]);
    }
    ph_text_append(json, "\", ");
}

/* What the values are and not where they came from, so that repeating them by flags gives the same bytes. */
static void append_preprocessing(ph_text *json, const ph_preprocess *p)
{
    const float range[2] = {p->lo, p->hi};
    ph_text_append(json, "\"preprocessing\": {");
    append_list(json, "range", range, 2);
    append_list(json, "mean", p->mean, p->channels);
    append_list(json, "std", p->std, p->channels);
    const char *colours = p->order[0] ? "bgr" : "rgb";
    ph_text_append(json, "\"channels\": \"%s\"}, ", p->channels == 1 ? "gray" : p->channels == 3 ? colours : "");
}

static void append_course(ph_text *json, const float *course, int count)
{
    ph_text_append(json, "\"course\": [");
    for (int i = 0; i < count; i++) {
        ph_text_append(json, "%s", i ? ", " : "");
        append_float(json, course[i]);
    }
    ph_text_append(json, "]");
}

ph_status ph_settings_json_write(const ph_settings_json *source, char **json, ph_error *err)
{
    *json = NULL;
    ph_text text = {0};
    ph_text_append(&text, "{");
    append_member(&text, "program", PROGRAM);
    append_member(&text, "version", ph_version());
    if (source->command)
        append_member(&text, "command", source->command);
    append_member(&text, "model", source->model_sha256);
    append_preprocessing(&text, source->preprocess);
    append_member(&text, "target", source->target);
    ph_text_append(&text, "\"negative\": %s, ", source->negative ? "true" : "false");
    for (size_t i = 0; i < source->member_count; i++)
        append_member(&text, source->members[i].key, source->members[i].value);
    append_member(&text, "backend", source->backend);
    ph_text_append(&text, "\"steps_done\": %d, ", source->steps_done);
    ph_text_append(&text, "\"interrupted\": %s, ", source->interrupted ? "true" : "false");
    append_options(&text, source->list, source->fields);
    append_course(&text, source->course, source->steps_done);
    ph_text_append(&text, "}");
    if (text.failed) {
        ph_text_free(&text);
        return ph_fail(err, PH_NO_MEMORY, "out of memory writing the settings of a picture");
    }
    *json = text.chars;
    return PH_OK;
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static ph_status fail_type(const char *key, const char *type, ph_error *err)
{
    return ph_fail(err, PH_FORMAT, "the settings of the picture are damaged: '%s' is not %s", key, type);
}

static ph_status apply_option(const ph_option_list *list, void *fields, const ph_option *option, const cJSON *item,
                              ph_error *err)
{
    ph_error inner = {0};
    ph_status status;
    if (option->kind == PH_OPTION_BOOL) {
        if (!cJSON_IsBool(item))
            return fail_type(option->name, "true or false", err);
        status = ph_option_set_number(fields, option, cJSON_IsTrue(item), &inner);
    } else if (option->kind == PH_OPTION_INT || option->kind == PH_OPTION_REAL) {
        if (!cJSON_IsNumber(item))
            return fail_type(option->name, "a number", err);
        status = ph_option_set_number(fields, option, item->valuedouble, &inner);
    } else {
        if (!cJSON_IsString(item))
            return fail_type(option->name, "a text", err);
        status = ph_option_set(list, fields, option->name, item->valuestring, &inner);
    }
    if (status != PH_OK)
        return ph_fail(err, PH_FORMAT, "the settings of the picture are damaged: %s", inner.message);
    return PH_OK;
}

static ph_status apply_options(const ph_option_list *list, void *fields, const cJSON *object, ph_error *err)
{
    if (!cJSON_IsObject(object))
        return fail_type("options", "an object", err);
    char key[KEY_MAX];
    for (size_t i = 0; i < list->count; i++) {
        const ph_option *option = &list->rows[i];
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, option_key(option, key));
        if (item && !option->unrecorded)
            PH_TRY(apply_option(list, fields, option, item, err));
    }
    return PH_OK;
}

/* NULL after a message. */
static const char *get_string(const cJSON *object, const char *key, ph_error *err)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    if (!value)
        fail_type(key, "a text", err);
    return value;
}

static bool is_sha256(const char *text)
{
    return strspn(text, "0123456789abcdef") == SHA256_DIGITS && !text[SHA256_DIGITS];
}

static ph_status read_head(const cJSON *root, const char *command, ph_settings_head *head, ph_error *err)
{
    head->program = get_string(root, "program", err);
    head->model = head->program ? get_string(root, "model", err) : NULL;
    head->backend = head->model ? get_string(root, "backend", err) : NULL;
    head->target = head->backend ? get_string(root, "target", err) : NULL;
    if (!head->target)
        return PH_FORMAT;
    if (strcmp(head->program, PROGRAM) != 0)
        return ph_fail(err, PH_FORMAT, "the settings were not written by %s", PROGRAM);
    const char *made_by = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "command"));
    if (strcmp(made_by ? made_by : "render", command ? command : "render") != 0)
        return ph_fail(err, PH_FORMAT, "the picture was made by '%s %.32s': repeat it with that", PROGRAM,
                       made_by ? made_by : "render");
    if (!is_sha256(head->model))
        return fail_type("model", "a SHA-256", err);
    const cJSON *sign = cJSON_GetObjectItemCaseSensitive(root, "negative");
    if (!cJSON_IsBool(sign))
        return fail_type("negative", "true or false", err);
    head->negative = cJSON_IsTrue(sign);
    return PH_OK;
}

ph_status ph_settings_json_read(const cJSON *root, const char *command, const ph_option_list *list, void *fields,
                                ph_settings_head *head, ph_error *err)
{
    PH_TRY(read_head(root, command, head, err));
    PH_TRY(apply_options(list, fields, cJSON_GetObjectItemCaseSensitive(root, "options"), err));
    if (ph_option_set(list, fields, "backend", head->backend, NULL) != PH_OK)
        return fail_type("backend", "the name of a backend", err);
    return PH_OK;
}

const char *ph_settings_json_member(const cJSON *root, const char *key, ph_error *err)
{
    return get_string(root, key, err);
}
