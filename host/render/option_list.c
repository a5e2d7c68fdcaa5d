#include "host/render/option_list.h"

#include "host/base/status.h"
#include "host/base/text.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REAL_TEXT = 32, FAR_AWAY = 4 };

static void *field_of(void *fields, const ph_option *option)
{
    return (char *)fields + option->offset;
}

static const void *field_in(const void *fields, const ph_option *option)
{
    return (const char *)fields + option->offset;
}

/* ---- Finding ---------------------------------------------------------------------------------------------------- */

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
            return false;
    return *a == *b;
}

const ph_option *ph_option_find(const ph_option_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (same_name(list->rows[i].name, name))
            return &list->rows[i];
    return NULL;
}

static ph_status fail_unknown(const ph_option_list *list, const char *name, ph_error *err)
{
    const ph_option *nearest = NULL;
    size_t best = FAR_AWAY;
    for (size_t i = 0; i < list->count; i++) {
        const size_t distance = ph_edit_distance(list->rows[i].name, name, FAR_AWAY);
        if (distance < best) {
            best = distance;
            nearest = &list->rows[i];
        }
    }
    if (nearest)
        return ph_fail(err, PH_MISUSE, "unknown option '%.64s': did you mean '%s'?", name, nearest->name);
    return ph_fail(err, PH_MISUSE, "unknown option '%.64s'", name);
}

/* ---- Numbers as text -------------------------------------------------------------------------------------------- */

/* The shortest text that reads back as the same number, with a point in every locale. */
static void real_text(double number, char text[REAL_TEXT])
{
    const bool plain = floor(number) >= number && fabs(number) < 1e15;
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, REAL_TEXT, plain ? "%.*f" : "%.*g", plain ? 0 : digits, number);
        const char point = *localeconv()->decimal_point;
        for (char *c = text; *c; c++)
            if (*c == point)
                *c = '.';
        double back;
        if (ph_parse_real(text, -HUGE_VAL, HUGE_VAL, &back) && !(back < number) && !(back > number))
            return;
    }
}

static ph_status fail_range(const ph_option *option, const char *value, ph_error *err)
{
    char low[REAL_TEXT], high[REAL_TEXT];
    real_text(option->min, low);
    real_text(option->max, high);
    switch (option->kind) {
    case PH_OPTION_BOOL:
        return ph_fail(err, PH_MISUSE, "option '%s' must be yes or no, not '%.64s'", option->name, value);
    case PH_OPTION_INT:
        return ph_fail(err, PH_MISUSE, "option '%s' must be a whole number from %s to %s, not '%.64s'", option->name,
                       low, high, value);
    case PH_OPTION_SEED:
        return ph_fail(err, PH_MISUSE, "option '%s' must be a whole number from 0 to %" PRIu64 ", not '%.64s'",
                       option->name, UINT64_MAX, value);
    case PH_OPTION_BYTES:
        return ph_fail(err, PH_MISUSE, "option '%s' must be a number of bytes such as 500M or 4G, not '%.64s'",
                       option->name, value);
    case PH_OPTION_REAL:
        return ph_fail(err, PH_MISUSE, "option '%s' must be a number from %s to %s, not '%.64s'", option->name, low,
                       high, value);
    case PH_OPTION_CHOICE:
        return ph_fail(err, PH_MISUSE, "option '%s' must be one of %s, not '%.64s'", option->name, option->choices,
                       value);
    case PH_OPTION_TEXT:
        return ph_fail(err, PH_MISUSE, "option '%s' must be shorter than %zu bytes", option->name, option->size);
    case PH_OPTION_SIZE:
        return ph_fail(err, PH_MISUSE,
                       "option '%s' must be WxH, N or auto, each side from %s to %s pixels, not '%.64s'", option->name,
                       low, high, value);
    }
    return PH_MISUSE;
}

/* ---- Setting ---------------------------------------------------------------------------------------------------- */

static ph_status check_number(const ph_option *option, double number, ph_error *err)
{
    char text[REAL_TEXT];
    const bool whole = option->kind == PH_OPTION_INT || option->kind == PH_OPTION_BYTES;
    if (number >= option->min && number <= option->max && !(whole && floor(number) < number))
        return PH_OK;
    real_text(number, text);
    return fail_range(option, text, err);
}

ph_status ph_option_set_number(void *fields, const ph_option *option, double number, ph_error *err)
{
    char text[REAL_TEXT] = "";
    void *field = field_of(fields, option);
    PH_TRY(check_number(option, number, err));
    switch (option->kind) {
    case PH_OPTION_BOOL:
        *(bool *)field = number > 0.5;
        return PH_OK;
    case PH_OPTION_INT:
        *(int *)field = (int)number;
        return PH_OK;
    case PH_OPTION_BYTES:
        *(int64_t *)field = (int64_t)number;
        return PH_OK;
    case PH_OPTION_REAL:
        *(double *)field = number;
        return PH_OK;
    default:
        real_text(number, text);
        return fail_range(option, text, err);
    }
}

static ph_status set_bool(bool *field, const ph_option *option, const char *value, ph_error *err)
{
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i]) == 0) {
            *field = i % 2 == 1;
            return PH_OK;
        }
    return fail_range(option, value, err);
}

static ph_status set_seed(uint64_t *field, const ph_option *option, const char *value, ph_error *err)
{
    uint64_t number = 0;
    const char *digit = value;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        const uint64_t unit = (uint64_t)(*digit - '0');
        if (number > (UINT64_MAX - unit) / 10)
            return fail_range(option, value, err);
        number = 10 * number + unit;
    }
    if (*digit || digit == value)
        return fail_range(option, value, err);
    *field = number;
    return PH_OK;
}

/* "123", "500M": K, M, G and T multiply by powers of 1024. */
static ph_status set_bytes(int64_t *field, const ph_option *option, const char *value, ph_error *err)
{
    static const char units[] = "KMGT";
    char digits[REAL_TEXT];
    size_t length = strlen(value);
    const char *unit = length ? strchr(units, value[length - 1]) : NULL;
    const int shift = unit ? 10 * ((int)(unit - units) + 1) : 0;
    length -= unit != NULL;
    if (length >= sizeof digits)
        return fail_range(option, value, err);
    memcpy(digits, value, length);
    digits[length] = '\0';
    const int64_t limit = (int64_t)option->max >> shift;
    int64_t number;
    if (!ph_parse_int(digits, 0, limit, &number))
        return fail_range(option, value, err);
    *field = number << shift;
    return PH_OK;
}

static ph_status set_size(int *field, const ph_option *option, const char *value, ph_error *err)
{
    if (strcmp(value, "auto") == 0) {
        field[0] = field[1] = 0;
        return PH_OK;
    }
    char first[REAL_TEXT];
    const size_t length = strcspn(value, "x");
    if (length >= sizeof first)
        return fail_range(option, value, err);
    memcpy(first, value, length);
    first[length] = '\0';
    const char *second = value[length] ? value + length + 1 : first;
    const int64_t low = (int64_t)option->min, high = (int64_t)option->max;
    int64_t width, height;
    if (!ph_parse_int(first, low, high, &width) || !ph_parse_int(second, low, high, &height))
        return fail_range(option, value, err);
    field[0] = (int)width;
    field[1] = (int)height;
    return PH_OK;
}

/* Whether `value` is one of "a|b|c:N", N standing for digits. */
static bool is_choice(const char *choices, const char *value)
{
    for (const char *choice = choices;;) {
        const size_t length = strcspn(choice, "|");
        const bool numbered = length > 2 && memcmp(choice + length - 2, ":N", 2) == 0;
        const char *number = value + length - 1;
        if (!numbered && strlen(value) == length && memcmp(choice, value, length) == 0)
            return true;
        if (numbered && strncmp(choice, value, length - 1) == 0 && *number &&
            strspn(number, "0123456789") == strlen(number))
            return true;
        if (!choice[length])
            return false;
        choice += length + 1;
    }
}

static ph_status check_text(const ph_option *option, const char *value, ph_error *err)
{
    if (strlen(value) >= option->size || (option->kind == PH_OPTION_CHOICE && !is_choice(option->choices, value)))
        return fail_range(option, value, err);
    return PH_OK;
}

ph_status ph_option_set_text(void *fields, const ph_option *option, const char *value, ph_error *err)
{
    PH_TRY(check_text(option, value, err));
    char *field = field_of(fields, option);
    memset(field, 0, option->size);
    snprintf(field, option->size, "%s", value);
    return PH_OK;
}

static ph_status set_parsed(void *fields, const ph_option *option, const char *value, ph_error *err)
{
    double real;
    int64_t whole;
    if (option->kind == PH_OPTION_INT) {
        if (!ph_parse_int(value, (int64_t)option->min, (int64_t)option->max, &whole))
            return fail_range(option, value, err);
        return ph_option_set_number(fields, option, (double)whole, err);
    }
    if (!ph_parse_real(value, option->min, option->max, &real))
        return fail_range(option, value, err);
    return ph_option_set_number(fields, option, real, err);
}

ph_status ph_option_set(const ph_option_list *list, void *fields, const char *name, const char *value, ph_error *err)
{
    const ph_option *option = ph_option_find(list, name);
    if (!option)
        return fail_unknown(list, name, err);
    void *field = field_of(fields, option);
    switch (option->kind) {
    case PH_OPTION_BOOL:
        return set_bool(field, option, value, err);
    case PH_OPTION_INT:
    case PH_OPTION_REAL:
        return set_parsed(fields, option, value, err);
    case PH_OPTION_SEED:
        return set_seed(field, option, value, err);
    case PH_OPTION_BYTES:
        return set_bytes(field, option, value, err);
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        return ph_option_set_text(fields, option, value, err);
    case PH_OPTION_SIZE:
        return set_size(field, option, value, err);
    }
    return PH_MISUSE;
}

void ph_option_set_initial(void *fields, const ph_option *option)
{
    switch (option->kind) {
    case PH_OPTION_BOOL:
    case PH_OPTION_INT:
    case PH_OPTION_BYTES:
    case PH_OPTION_REAL:
        ph_option_set_number(fields, option, option->initial, NULL);
        break;
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        ph_option_set_text(fields, option, option->text, NULL);
        break;
    case PH_OPTION_SEED:
    case PH_OPTION_SIZE:
        memset(field_of(fields, option), 0, option->size);
        break;
    }
}

/* ---- Checking --------------------------------------------------------------------------------------------------- */

static ph_status check_field(const void *fields, const ph_option *option, ph_error *err)
{
    const void *field = field_in(fields, option);
    switch (option->kind) {
    case PH_OPTION_INT:
        return check_number(option, *(const int *)field, err);
    case PH_OPTION_REAL:
        return check_number(option, *(const double *)field, err);
    case PH_OPTION_BYTES:
        if (*(const int64_t *)field < 0)
            return fail_range(option, "a negative number", err);
        return PH_OK;
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        if (!memchr(field, '\0', option->size))
            return fail_range(option, "unterminated text", err);
        return check_text(option, field, err);
    case PH_OPTION_BOOL:
    case PH_OPTION_SEED:
    case PH_OPTION_SIZE:
        return PH_OK;
    }
    return PH_MISUSE;
}

ph_status ph_option_check(const ph_option_list *list, const void *fields, ph_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        PH_TRY(check_field(fields, &list->rows[i], err));
    return PH_OK;
}

/* ---- Telling ---------------------------------------------------------------------------------------------------- */

ph_status ph_option_get_text(const ph_option_list *list, const void *fields, const char *name, char *buffer,
                             size_t size, ph_error *err)
{
    const ph_option *option = ph_option_find(list, name);
    if (!option)
        return fail_unknown(list, name, err);
    const void *field = field_in(fields, option);
    const int *pair = field;
    char real[REAL_TEXT];
    int length = -1;
    switch (option->kind) {
    case PH_OPTION_BOOL:
        length = snprintf(buffer, size, "%s", *(const bool *)field ? "yes" : "no");
        break;
    case PH_OPTION_INT:
        length = snprintf(buffer, size, "%d", *(const int *)field);
        break;
    case PH_OPTION_SEED:
        length = snprintf(buffer, size, "%" PRIu64, *(const uint64_t *)field);
        break;
    case PH_OPTION_BYTES:
        length = snprintf(buffer, size, "%" PRId64, *(const int64_t *)field);
        break;
    case PH_OPTION_REAL:
        real_text(*(const double *)field, real);
        length = snprintf(buffer, size, "%s", real);
        break;
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        length = snprintf(buffer, size, "%.*s", (int)option->size, (const char *)field);
        break;
    case PH_OPTION_SIZE:
        length =
            pair[0] || pair[1] ? snprintf(buffer, size, "%dx%d", pair[0], pair[1]) : snprintf(buffer, size, "auto");
        break;
    }
    if (length < 0 || (size_t)length >= size)
        return ph_fail(err, PH_MISUSE, "the value of option '%s' needs more than %zu bytes", option->name, size);
    return PH_OK;
}

ph_status ph_option_describe(const ph_option_list *list, int index, const void *defaults, ph_option_info *info,
                             ph_error *err)
{
    if (index < 0 || (size_t)index >= list->count)
        return ph_fail(err, PH_MISUSE, "there are %zu options, no number %d", list->count, index);
    const ph_option *option = &list->rows[index];
    *info = (ph_option_info){.name = option->name,
                             .group = option->group,
                             .help = option->help,
                             .value = option->value,
                             .kind = option->kind,
                             .min = option->min,
                             .max = option->max,
                             .choices = option->choices};
    return ph_option_get_text(list, defaults, option->name, info->initial, sizeof info->initial, err);
}
