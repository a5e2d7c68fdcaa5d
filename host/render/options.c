#include "host/render/options.h"

#include "host/base/status.h"
#include "host/base/text.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REAL_TEXT = 32, FAR_AWAY = 4 };

static void *field_of(ph_render_options *options, const ph_option *option)
{
    return (char *)options + option->offset;
}

static const void *field_in(const ph_render_options *options, const ph_option *option)
{
    return (const char *)options + option->offset;
}

/* ---- Finding ---------------------------------------------------------------------------------------------------- */

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
            return false;
    return *a == *b;
}

const ph_option *ph_option_find(const char *name)
{
    for (size_t i = 0; i < ph_option_table_count; i++)
        if (same_name(ph_option_table[i].name, name))
            return &ph_option_table[i];
    return NULL;
}

static ph_status fail_unknown(const char *name, ph_error *err)
{
    const ph_option *nearest = NULL;
    size_t best = FAR_AWAY;
    for (size_t i = 0; i < ph_option_table_count; i++) {
        const size_t distance = ph_edit_distance(ph_option_table[i].name, name, FAR_AWAY);
        if (distance < best) {
            best = distance;
            nearest = &ph_option_table[i];
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

ph_status ph_option_set_number(ph_render_options *options, const ph_option *option, double number, ph_error *err)
{
    char text[REAL_TEXT] = "";
    const bool whole = option->kind == PH_OPTION_INT || option->kind == PH_OPTION_BYTES;
    if (!(number >= option->min && number <= option->max) || (whole && floor(number) < number)) {
        real_text(number, text);
        return fail_range(option, text, err);
    }
    void *field = field_of(options, option);
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

static ph_status set_text(char *field, const ph_option *option, const char *value, ph_error *err)
{
    const size_t length = strlen(value);
    if (length >= option->size || (option->kind == PH_OPTION_CHOICE && !is_choice(option->choices, value)))
        return fail_range(option, value, err);
    memset(field, 0, option->size);
    snprintf(field, option->size, "%s", value);
    return PH_OK;
}

static ph_status set_parsed(ph_render_options *options, const ph_option *option, const char *value, ph_error *err)
{
    double real;
    int64_t whole;
    if (option->kind == PH_OPTION_INT) {
        if (!ph_parse_int(value, (int64_t)option->min, (int64_t)option->max, &whole))
            return fail_range(option, value, err);
        return ph_option_set_number(options, option, (double)whole, err);
    }
    if (!ph_parse_real(value, option->min, option->max, &real))
        return fail_range(option, value, err);
    return ph_option_set_number(options, option, real, err);
}

ph_status ph_render_options_set(ph_render_options *options, const char *name, const char *value, ph_error *err)
{
    const ph_option *option = ph_option_find(name);
    if (!option)
        return fail_unknown(name, err);
    if (strcmp(option->name, "preset") == 0)
        return ph_render_options_preset(options, value, err);
    void *field = field_of(options, option);
    switch (option->kind) {
    case PH_OPTION_BOOL:
        return set_bool(field, option, value, err);
    case PH_OPTION_INT:
    case PH_OPTION_REAL:
        return set_parsed(options, option, value, err);
    case PH_OPTION_SEED:
        return set_seed(field, option, value, err);
    case PH_OPTION_BYTES:
        return set_bytes(field, option, value, err);
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        return set_text(field, option, value, err);
    case PH_OPTION_SIZE:
        return set_size(field, option, value, err);
    }
    return PH_MISUSE;
}

/* ---- Defaults and presets --------------------------------------------------------------------------------------- */

static void set_initial(ph_render_options *options, const ph_option *option)
{
    switch (option->kind) {
    case PH_OPTION_BOOL:
    case PH_OPTION_INT:
    case PH_OPTION_BYTES:
    case PH_OPTION_REAL:
        ph_option_set_number(options, option, option->initial, NULL);
        break;
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        set_text(field_of(options, option), option, option->text, NULL);
        break;
    case PH_OPTION_SEED:
    case PH_OPTION_SIZE:
        memset(field_of(options, option), 0, option->size);
        break;
    }
}

void ph_render_options_init(ph_render_options *options)
{
    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < ph_option_table_count; i++)
        set_initial(options, &ph_option_table[i]);
}

ph_status ph_render_options_preset(ph_render_options *options, const char *preset, ph_error *err)
{
    const ph_option *name = ph_option_find("preset");
    ph_render_options fresh = *options;
    for (size_t i = 0; i < ph_option_table_count; i++)
        if (strcmp(ph_option_table[i].group, PH_GROUP_OPTIMIZER) == 0)
            set_initial(&fresh, &ph_option_table[i]);
    PH_TRY(set_text(field_of(&fresh, name), name, preset, err));
    for (size_t i = 0; i < ph_preset_table_count; i++) {
        const ph_preset_change *change = &ph_preset_table[i];
        if (strcmp(change->preset, preset) != 0)
            continue;
        const ph_option *option = ph_option_find(change->name);
        PH_TRY(change->text ? set_text(field_of(&fresh, option), option, change->text, err)
                            : ph_option_set_number(&fresh, option, change->number, err));
    }
    *options = fresh;
    return PH_OK;
}

/* ---- Checking --------------------------------------------------------------------------------------------------- */

static ph_status check_field(const ph_render_options *options, const ph_option *option, ph_error *err)
{
    ph_render_options scratch;
    const void *field = field_in(options, option);
    switch (option->kind) {
    case PH_OPTION_INT:
        return ph_option_set_number(&scratch, option, *(const int *)field, err);
    case PH_OPTION_REAL:
        return ph_option_set_number(&scratch, option, *(const double *)field, err);
    case PH_OPTION_BYTES:
        if (*(const int64_t *)field < 0)
            return fail_range(option, "a negative number", err);
        return PH_OK;
    case PH_OPTION_CHOICE:
    case PH_OPTION_TEXT:
        if (!memchr(field, '\0', option->size))
            return fail_range(option, "unterminated text", err);
        return set_text(field_of(&scratch, option), option, field, err);
    case PH_OPTION_BOOL:
    case PH_OPTION_SEED:
    case PH_OPTION_SIZE:
        return PH_OK;
    }
    return PH_MISUSE;
}

ph_status ph_render_options_check(const ph_render_options *options, ph_error *err)
{
    for (size_t i = 0; i < ph_option_table_count; i++)
        PH_TRY(check_field(options, &ph_option_table[i], err));
    if (options->scale_min > options->scale_max)
        return ph_fail(err, PH_MISUSE, "option 'scale-min' is %g, above 'scale-max', %g", options->scale_min,
                       options->scale_max);
    if ((options->open_from > 0) != (options->open_to > 0))
        return ph_fail(err, PH_MISUSE,
                       "options 'open-from' and 'open-to' must both be 0 or both be above 0, not %g, %g",
                       options->open_from, options->open_to);
    return PH_OK;
}

/* ---- Telling ---------------------------------------------------------------------------------------------------- */

ph_status ph_render_options_get_text(const ph_render_options *options, const char *name, char *buffer, size_t size,
                                     ph_error *err)
{
    const ph_option *option = ph_option_find(name);
    if (!option)
        return fail_unknown(name, err);
    const void *field = field_in(options, option);
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

int ph_render_option_count(void)
{
    return (int)ph_option_table_count;
}

ph_status ph_render_option_get(int index, ph_option_info *info, ph_error *err)
{
    if (index < 0 || (size_t)index >= ph_option_table_count)
        return ph_fail(err, PH_MISUSE, "there are %zu options, no number %d", ph_option_table_count, index);
    const ph_option *option = &ph_option_table[index];
    *info = (ph_option_info){.name = option->name,
                             .group = option->group,
                             .help = option->help,
                             .value = option->value,
                             .kind = option->kind,
                             .min = option->min,
                             .max = option->max,
                             .choices = option->choices};
    ph_render_options defaults;
    ph_render_options_init(&defaults);
    return ph_render_options_get_text(&defaults, option->name, info->initial, sizeof info->initial, err);
}

bool ph_options_fourier(const ph_render_options *options)
{
    return strcmp(options->param, "fourier") == 0;
}

bool ph_options_mix(const ph_render_options *options, int64_t channels)
{
    return channels == 3 && strcmp(options->colour, "decorrelated") == 0;
}
