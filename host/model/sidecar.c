#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/model/preprocess_spec.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDECAR_LIMIT = 1 << 24 };

static const char suffix[] = ".phosphene.json";

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

/* MODEL.onnx.phosphene.json, or MODEL.phosphene.json; an empty text when there is neither. */
static ph_status find_sidecar(const char *model_path, ph_text *path, ph_error *err)
{
    const size_t length = strlen(model_path);
    ph_text_append(path, "%s%s", model_path, suffix);
    if (path->failed)
        return ph_fail_memory(err, length, "a file name");
    if (exists(path->chars))
        return PH_OK;
    ph_text_free(path);
    if (length <= 5 || strcmp(model_path + length - 5, ".onnx") != 0)
        return PH_OK;
    ph_text_append(path, "%.*s%s", (int)(length - 5), model_path, suffix);
    if (path->failed)
        return ph_fail_memory(err, length, "a file name");
    if (!exists(path->chars))
        ph_text_free(path);
    return PH_OK;
}

static ph_status take_numbers(const ph_preprocess_spec *spec, ph_spec_field field, const cJSON *value,
                              ph_numbers *numbers, ph_error *err)
{
    static const char problem[] = "must be a number or a list of numbers";
    if (!cJSON_IsNumber(value) && !cJSON_IsArray(value))
        return ph_spec_fail(spec, field, problem, err);
    for (const cJSON *item = cJSON_IsArray(value) ? value->child : value; item; item = item->next) {
        if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
            return ph_spec_fail(spec, field, problem, err);
        if (numbers->count == PH_MAX_CHANNELS)
            return ph_spec_fail(spec, field, "has too many numbers", err);
        numbers->values[numbers->count++] = item->valuedouble;
        if (item == value)
            break; /* its siblings are other fields */
    }
    return numbers->count ? PH_OK : ph_spec_fail(spec, field, problem, err);
}

static ph_status read_label_file(ph_preprocess_spec *spec, const char *file, const char *path, ph_error *err)
{
    if (!*file || strchr(file, '/') || strcmp(file, "..") == 0)
        return ph_spec_fail(spec, PH_SPEC_LABELS, "must be a list or the name of a file beside it", err);
    const char *slash = strrchr(path, '/');
    ph_text full = {0};
    ph_text_append(&full, "%.*s%s", slash ? (int)(slash - path + 1) : 0, path, file);
    const ph_status status = full.failed ? ph_fail_memory(err, strlen(file), "a file name")
                                         : ph_label_list_read(&spec->labels, full.chars, err);
    ph_text_free(&full);
    return status;
}

static ph_status take_labels(ph_preprocess_spec *spec, const cJSON *value, const char *path, ph_error *err)
{
    if (cJSON_IsString(value))
        return read_label_file(spec, value->valuestring, path, err);
    if (!cJSON_IsArray(value))
        return ph_spec_fail(spec, PH_SPEC_LABELS, "must be a list or the name of a file beside it", err);
    for (const cJSON *item = value->child; item; item = item->next) {
        if (!cJSON_IsString(item))
            return ph_spec_fail(spec, PH_SPEC_LABELS, "must be a list of strings", err);
        PH_TRY(ph_label_list_add(&spec->labels, item->valuestring, strlen(item->valuestring), path, err));
    }
    return PH_OK;
}

static ph_status take_field(ph_preprocess_spec *spec, ph_spec_field field, const cJSON *value, const char *path,
                            ph_error *err)
{
    ph_numbers *numbers[PH_SPEC_COUNT] = {
        [PH_SPEC_MEAN] = &spec->mean, [PH_SPEC_STD] = &spec->std, [PH_SPEC_RANGE] = &spec->range};
    if (field == PH_SPEC_LABELS)
        return take_labels(spec, value, path, err);
    if (cJSON_IsString(value))
        return ph_spec_set(spec, field, value->valuestring, err);
    if (!numbers[field])
        return ph_spec_fail(spec, field, "must be a string", err);
    return take_numbers(spec, field, value, numbers[field], err);
}

static ph_status take_object(ph_preprocess_spec *spec, const cJSON *root, const char *path, ph_error *err)
{
    unsigned seen = 0;
    for (const cJSON *item = root->child; item; item = item->next) {
        unsigned field = 0;
        while (field < PH_SPEC_COUNT && strcmp(item->string, ph_spec_name((ph_spec_field)field)) != 0)
            field++;
        if (field == PH_SPEC_COUNT)
            return ph_fail(err, PH_FORMAT,
                           "'%.300s': unknown key '%.60s' (known: preprocess, mean, std, range, channels, labels)",
                           path, item->string);
        if (seen & 1u << field)
            return ph_spec_fail(spec, (ph_spec_field)field, "is given twice", err);
        seen |= 1u << field;
        PH_TRY(take_field(spec, (ph_spec_field)field, item, path, err));
    }
    return PH_OK;
}

static ph_status read_json(ph_preprocess_spec *spec, const char *path, ph_error *err)
{
    void *bytes;
    size_t size;
    PH_TRY(ph_file_read(path, SIDECAR_LIMIT, &bytes, &size, err));
    /* The NUL behind the bytes counts as the end that the parser is told to demand. */
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(bytes, size + 1, &end, true);
    ph_status status;
    if (!root)
        status = ph_fail(err, PH_FORMAT, "'%.300s' is not valid JSON (near byte %td)", path,
                         end ? end - (const char *)bytes : (ptrdiff_t)0);
    else if (!cJSON_IsObject(root))
        status = ph_fail(err, PH_FORMAT, "'%.300s' must be a JSON object", path);
    else
        status = take_object(spec, root, path, err);
    cJSON_Delete(root);
    ph_free(bytes);
    return status;
}

ph_status ph_spec_read_sidecar(ph_preprocess_spec *spec, const char *model_path, ph_error *err)
{
    ph_text path = {0};
    ph_status status = find_sidecar(model_path, &path, err);
    if (status == PH_OK && path.length > 0) {
        snprintf(spec->prefix, sizeof spec->prefix, "'%.300s': ", path.chars);
        status = read_json(spec, path.chars, err);
    }
    ph_text_free(&path);
    return status;
}
