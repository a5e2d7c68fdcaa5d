#include "host/cli/talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 2048, WORD_MAX = 40, FAR_AWAY = 4 };

char *ph_cli_clean(char *text)
{
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return text;
}

void ph_cli_say(const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "phosphene: %s\n", ph_cli_clean(line));
}

int ph_cli_misuse(const char *command, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    ph_cli_say("%s (try 'phosphene %s%s--help')", line, command ? command : "", command ? " " : "");
    return PH_EXIT_MISUSE;
}

int ph_cli_exit_status(ph_status status)
{
    switch (status) {
    case PH_OK:
        return PH_EXIT_DONE;
    case PH_MISUSE:
        return PH_EXIT_MISUSE;
    case PH_INTERRUPTED:
        return PH_EXIT_INTERRUPTED;
    default:
        return PH_EXIT_FAILED;
    }
}

int ph_cli_fail(const ph_error *err)
{
    ph_cli_say("%s", err->message);
    return ph_cli_exit_status(err->status);
}

/* Levenshtein's distance of short words, one row at a time. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    const size_t length = strlen(b);
    if (length > WORD_MAX)
        return FAR_AWAY;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            best = best < row[j] + 1 ? best : row[j] + 1;
            row[j + 1] = best < diagonal + 1 ? best : diagonal + 1;
        }
    }
    return row[length];
}

const char *ph_cli_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t best = FAR_AWAY;
    for (size_t i = 0; i < count; i++) {
        const size_t d = distance(word, names[i]);
        if (d < best && d < strlen(names[i])) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}
