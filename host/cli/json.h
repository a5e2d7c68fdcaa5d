/* JSON on stdout, one object per line. A full heap ends the program (memory.h). */
#ifndef PH_CLI_JSON_H
#define PH_CLI_JSON_H

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
/* Prints the line, flushes stdout, frees the object. */
void ph_cli_json_print(cJSON *object);

#endif
