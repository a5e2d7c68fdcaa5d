#include "host/model/label_list.h"

#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"

#include <ctype.h>
#include <string.h>

enum { LABELS_MAX = 1000000, FILE_LIMIT = 1 << 24, WORDNET_DIGITS = 8 };

/* Length of "n01440764 " at the start, or 0. */
static size_t wordnet_prefix(const char *line, size_t length)
{
    if (length < WORDNET_DIGITS + 3 || line[0] != 'n')
        return 0;
    for (int i = 1; i <= WORDNET_DIGITS; i++)
        if (line[i] < '0' || line[i] > '9')
            return 0;
    const char behind = line[WORDNET_DIGITS + 1];
    return behind == ' ' || behind == '\t' ? WORDNET_DIGITS + 2 : 0;
}

ph_status ph_label_list_add(ph_label_list *labels, const char *line, size_t length, const char *name, ph_error *err)
{
    if (labels->count == LABELS_MAX)
        return ph_fail(err, PH_FORMAT, "'%.300s' has more than %d labels", name, LABELS_MAX);
    while (length > 0 && (isspace((unsigned char)line[length - 1]) || iscntrl((unsigned char)line[length - 1])))
        length--;
    const size_t skip = wordnet_prefix(line, length);
    void *items = labels->items;
    char *copy = ph_strndup(line + skip, length - skip);
    if (!copy || ph_grow(&items, labels->count, &labels->capacity, sizeof *labels->items) != 0) {
        ph_free(copy);
        return ph_fail_memory(err, length, "a label");
    }
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    labels->items = items;
    labels->items[labels->count++] = copy;
    return PH_OK;
}

static size_t without_empty_end(const char *text, size_t size)
{
    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        size--;
    return size;
}

ph_status ph_label_list_parse(ph_label_list *labels, const char *text, size_t size, const char *name, ph_error *err)
{
    if (memchr(text, '\0', size))
        return ph_fail(err, PH_FORMAT, "'%.300s' is not a text with one label per line", name);
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    size = without_empty_end(text, size);
    const char *end = text + size;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        PH_TRY(ph_label_list_add(labels, text, (size_t)(stop - text), name, err));
        text = newline ? newline + 1 : end;
    }
    return PH_OK;
}

ph_status ph_label_list_read(ph_label_list *labels, const char *path, ph_error *err)
{
    void *bytes;
    size_t size;
    PH_TRY(ph_file_read(path, FILE_LIMIT, &bytes, &size, err));
    const ph_status status = ph_label_list_parse(labels, bytes, size, path, err);
    ph_free(bytes);
    return status;
}

void ph_label_list_free(ph_label_list *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        ph_free(labels->items[i]);
    ph_free(labels->items);
    *labels = (ph_label_list){0};
}
