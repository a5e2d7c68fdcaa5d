/* JSON on stdout, one object per line. A full heap ends the program (memory.h). */
#ifndef PH_CLI_JSON_H
#define PH_CLI_JSON_H

#include "phosphene.h"

#include <cjson/cJSON.h>
#include <stdint.h>

cJSON *ph_cli_json_new(void);
/* NULL text gives null. Bytes that are not UTF-8 become '?'. */
void ph_cli_json_text(cJSON *object, const char *key, const char *text);
/* Nine digits; null when not finite. */
void ph_cli_json_real(cJSON *object, const char *key, double number);
void ph_cli_json_whole(cJSON *object, const char *key, int64_t number);
void ph_cli_json_unsigned(cJSON *object, const char *key, uint64_t number);
/* [a, b, …] */
void ph_cli_json_wholes(cJSON *object, const char *key, const int64_t *numbers, int count);
/* What is known of a picture: target, layer, channel, size, steps, seconds, objective, seed, backend. result: NULL when
 * there is none; seed and backend are then those asked for. */
void ph_cli_json_result(cJSON *object, const char *target, const ph_result *result, uint64_t seed, const char *backend);
/* output: where the picture is, or NULL. error: why it is not there, or NULL. */
void ph_cli_json_outcome(cJSON *object, const char *output, const char *error);
/* Prints the line, flushes stdout, frees the object. */
void ph_cli_json_print(cJSON *object);

#endif
