#include "host/objective/scan.h"

#include "host/base/status.h"
#include "host/base/text.h"

#include <string.h>

enum { NUMBER_MAX = 48 }; /* longer than any number that means something in 64 bits */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

ph_piece ph_scan_rest(const ph_scan *scan)
{
    return (ph_piece){scan->text + scan->at, scan->length - scan->at};
}

char ph_scan_peek(const ph_scan *scan)
{
    return scan->text[scan->at];
}

void ph_scan_blanks(ph_scan *scan)
{
    while (is_blank(ph_scan_peek(scan)))
        scan->at++;
}

bool ph_scan_skip(ph_scan *scan, const char *word)
{
    const size_t length = strlen(word);
    if (strncmp(scan->text + scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

bool ph_scan_ended(const ph_scan *scan)
{
    const char c = ph_scan_peek(scan);
    return !c || is_blank(c) || c == '+' || c == '-';
}

bool ph_scan_count(ph_scan *scan, int64_t max, int64_t *value)
{
    char copy[NUMBER_MAX];
    size_t length = 0;
    while (is_digit(scan->text[scan->at + length]))
        length++;
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, scan->text + scan->at, length);
    copy[length] = '\0';
    if (!ph_parse_int(copy, 0, max, value))
        return false;
    scan->at += length;
    return true;
}

ph_status ph_scan_weight(ph_scan *scan, double *value, ph_error *err)
{
    char copy[NUMBER_MAX];
    ph_scan ahead = *scan;
    const ph_piece number = {ahead.text + ahead.at, strspn(ahead.text + ahead.at, "0123456789.eE+-")};
    ahead.at += number.length;
    ph_scan_blanks(&ahead);
    if (number.length == 0 || !ph_scan_skip(&ahead, "*"))
        return PH_OK;
    const size_t length = number.length < sizeof copy ? number.length : 0;
    memcpy(copy, number.chars, length);
    copy[length] = '\0';
    if (!ph_parse_real(copy, -1e30, 1e30, value))
        return ph_fail(err, PH_MISUSE, "target: '%.*s' is not a number from -1e30 to 1e30", PH_SHOW(number));
    *scan = ahead;
    ph_scan_blanks(scan);
    return PH_OK;
}

ph_status ph_scan_quoted(ph_scan *scan, ph_piece *piece, bool *quoted, ph_error *err)
{
    const char quote = ph_scan_peek(scan);
    *quoted = quote == '"' || quote == '\'';
    if (!*quoted)
        return PH_OK;
    const char *start = scan->text + scan->at + 1, *end = strchr(start, quote);
    if (!end)
        return ph_fail(err, PH_MISUSE, "target: no closing %c after %.*s", quote, PH_SHOW(ph_scan_rest(scan)));
    *piece = (ph_piece){start, (size_t)(end - start)};
    scan->at = (size_t)(end - scan->text) + 1;
    return PH_OK;
}
