#include "host/cli/json.h"

#include "host/cli/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 32 };

cJSON *ph_cli_json_new(void)
{
    return ph_cli_must(cJSON_CreateObject());
}

/* Length of the UTF-8 character at `c`, 0 if it is none (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF).
 */
static size_t utf8_length(const unsigned char *c)
{
    if (c[0] < 0x80)
        return 1;
    const size_t length = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    if (c[0] < 0xc2 || c[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
        (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    return length;
}

void ph_cli_json_text(cJSON *object, const char *key, const char *text)
{
    if (!text) {
        ph_cli_must(cJSON_AddNullToObject(object, key));
        return;
    }
    char *copy = ph_cli_format("%s", text);
    for (size_t i = 0; copy[i];) {
        const size_t length = utf8_length((const unsigned char *)copy + i);
        if (!length)
            copy[i] = '?';
        i += length ? length : 1;
    }
    ph_cli_must(cJSON_AddStringToObject(object, key, copy));
    free(copy);
}

void ph_cli_json_real(cJSON *object, const char *key, double number)
{
    char text[NUMBER_TEXT] = "null";
    if (isfinite(number))
        snprintf(text, sizeof text, "%.9g", number);
    ph_cli_must(cJSON_AddRawToObject(object, key, text));
}

void ph_cli_json_whole(cJSON *object, const char *key, int64_t number)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%" PRId64, number);
    ph_cli_must(cJSON_AddRawToObject(object, key, text));
}

void ph_cli_json_unsigned(cJSON *object, const char *key, uint64_t number)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%" PRIu64, number);
    ph_cli_must(cJSON_AddRawToObject(object, key, text));
}

void ph_cli_json_wholes(cJSON *object, const char *key, const int64_t *numbers, int count)
{
    cJSON *array = ph_cli_must(cJSON_AddArrayToObject(object, key));
    for (int i = 0; i < count; i++) {
        char text[NUMBER_TEXT];
        snprintf(text, sizeof text, "%" PRId64, numbers[i]);
        cJSON_AddItemToArray(array, ph_cli_must(cJSON_CreateRaw(text)));
    }
}

void ph_cli_json_result(cJSON *object, const char *target, const ph_result *result, uint64_t seed, const char *backend)
{
    ph_result_info info = {.channel = -1, .seed = seed, .backend = backend};
    if (result)
        ph_result_get(result, &info);
    ph_cli_json_text(object, "target", target);
    ph_cli_json_text(object, "layer", info.layer);
    if (info.channel >= 0)
        ph_cli_json_whole(object, "channel", info.channel);
    else
        ph_cli_json_text(object, "channel", NULL);
    if (result)
        ph_cli_json_wholes(object, "size", (const int64_t[]){info.width, info.height}, 2);
    else
        ph_cli_json_text(object, "size", NULL);
    ph_cli_json_whole(object, "steps", info.steps);
    ph_cli_json_real(object, "seconds", info.seconds);
    if (result) {
        cJSON *objective = ph_cli_must(cJSON_AddObjectToObject(object, "objective"));
        ph_cli_json_real(objective, "first", info.first);
        ph_cli_json_real(objective, "last", info.last);
        ph_cli_json_real(objective, "clean", info.clean);
    } else {
        ph_cli_json_text(object, "objective", NULL);
    }
    ph_cli_json_unsigned(object, "seed", info.seed);
    ph_cli_json_text(object, "backend", info.backend);
}

void ph_cli_json_outcome(cJSON *object, const char *output, const char *error)
{
    ph_cli_json_text(object, "output", output);
    if (error)
        ph_cli_json_text(object, "error", error);
}

void ph_cli_json_print(cJSON *object)
{
    char *line = ph_cli_must(cJSON_PrintUnformatted(object));
    puts(line);
    fflush(stdout);
    cJSON_free(line);
    cJSON_Delete(object);
}
