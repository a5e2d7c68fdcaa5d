#include "host/objective/label.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"

#include <string.h>

enum { LISTED = 5, SUGGESTED = 3, LABEL_SHOWN = 40, WORDNET_LENGTH = 9 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

/* Behind "n02085620 ", if the label starts so. */
static const char *plain(const char *label)
{
    if (label[0] == 'n' && strspn(label + 1, "0123456789") == WORDNET_LENGTH - 1 && label[WORDNET_LENGTH] == ' ')
        return label + WORDNET_LENGTH + 1;
    return label;
}

static bool whole_matches(const char *label, ph_piece name)
{
    const char *bare = plain(label);
    return (strlen(label) == name.length && equal(label, name.chars, name.length)) ||
           (strlen(bare) == name.length && equal(bare, name.chars, name.length));
}

/* The next synonym at *rest, without the blanks around it; moves *rest behind it. */
static ph_piece next_synonym(const char **rest)
{
    const char *start = *rest + strspn(*rest, " ");
    const char *end = start + strcspn(start, ",");
    *rest = *end ? end + 1 : end;
    while (end > start && end[-1] == ' ')
        end--;
    return (ph_piece){start, (size_t)(end - start)};
}

static bool synonym_matches(const char *label, ph_piece name)
{
    for (const char *rest = plain(label); *rest;) {
        const ph_piece synonym = next_synonym(&rest);
        if (synonym.length == name.length && equal(synonym.chars, name.chars, name.length))
            return true;
    }
    return false;
}

static bool part_matches(const char *label, ph_piece name)
{
    const size_t length = strlen(label);
    for (size_t i = 0; i + name.length <= length; i++)
        if (equal(label + i, name.chars, name.length))
            return true;
    return false;
}

typedef bool matcher(const char *label, ph_piece name);

/* How many labels match; the first up to LISTED of them. */
static size_t matches(const ph_labels *labels, ph_piece name, matcher *match, size_t found[LISTED])
{
    size_t count = 0;
    for (size_t i = 0; i < labels->count; i++)
        if (match(labels->label[i], name)) {
            if (count < LISTED)
                found[count] = i;
            count++;
        }
    return count;
}

static size_t exact(const ph_labels *labels, ph_piece name, size_t found[LISTED])
{
    if (name.length == 0)
        return 0;
    const size_t count = matches(labels, name, whole_matches, found);
    return count ? count : matches(labels, name, synonym_matches, found);
}

size_t ph_label_exact(const ph_labels *labels, ph_piece name, size_t *index)
{
    size_t found[LISTED];
    const size_t count = exact(labels, name, found);
    if (count)
        *index = found[0];
    return count;
}

static ph_status ambiguous(const ph_labels *labels, ph_piece name, const size_t *found, size_t count, ph_error *err)
{
    ph_text list = {0};
    for (size_t i = 0; i < count && i < LISTED; i++)
        ph_text_append(&list, "%s%zu '%.*s'", i ? ", " : "", found[i], LABEL_SHOWN, labels->label[found[i]]);
    if (count > LISTED)
        ph_text_append(&list, " and %zu more", count - LISTED);
    ph_status status = PH_OK;
    if (list.failed)
        status = ph_fail_memory(err, list.length, "a list of labels");
    else
        status = ph_fail(err, PH_MISUSE, "target: %zu classes fit '%.*s': %s; give the index", count, PH_SHOW(name),
                         list.chars);
    ph_text_free(&list);
    return status;
}

/* Least distance of `name` (lower case, NUL-terminated) to a synonym. */
static size_t label_distance(const char *label, const char *name, size_t cap)
{
    size_t best = cap;
    for (const char *rest = plain(label); *rest;) {
        const ph_piece synonym = next_synonym(&rest);
        char copy[PH_PIECE_SHOWN + 1];
        if (synonym.length > PH_PIECE_SHOWN)
            continue;
        for (size_t i = 0; i < synonym.length; i++)
            copy[i] = lower(synonym.chars[i]);
        copy[synonym.length] = '\0';
        const size_t distance = ph_edit_distance(copy, name, cap);
        best = distance < best ? distance : best;
    }
    return best;
}

/* Inserts (index, distance) into the nearest so far, which are in rising order. */
static void insert_nearest(size_t nearest[SUGGESTED], size_t distance[SUGGESTED], size_t *count, size_t index, size_t d)
{
    size_t at = *count;
    while (at > 0 && distance[at - 1] > d)
        at--;
    if (at == SUGGESTED)
        return;
    *count += *count < SUGGESTED;
    for (size_t i = *count - 1; i > at; i--) {
        nearest[i] = nearest[i - 1];
        distance[i] = distance[i - 1];
    }
    nearest[at] = index;
    distance[at] = d;
}

static ph_status unknown(const ph_labels *labels, ph_piece name, ph_error *err)
{
    size_t nearest[SUGGESTED], distance[SUGGESTED], count = 0;
    char copy[PH_PIECE_SHOWN + 1];
    if (name.length <= PH_PIECE_SHOWN) {
        for (size_t i = 0; i < name.length; i++)
            copy[i] = lower(name.chars[i]);
        copy[name.length] = '\0';
        const size_t cap = name.length / 2 + 2;
        for (size_t i = 0; i < labels->count; i++) {
            const size_t d = label_distance(labels->label[i], copy, cap);
            if (d < cap)
                insert_nearest(nearest, distance, &count, i, d);
        }
    }
    ph_text list = {0};
    for (size_t i = 0; i < count; i++)
        ph_text_append(&list, "%s%zu '%.*s'", i ? ", " : "; near to it: ", nearest[i], LABEL_SHOWN,
                       labels->label[nearest[i]]);
    ph_status status = PH_OK;
    if (list.failed)
        status = ph_fail_memory(err, list.length, "a list of labels");
    else
        status = ph_fail(err, PH_MISUSE, "target: no class is called '%.*s'%s", PH_SHOW(name),
                         list.chars ? list.chars : "; give an index or a label of the network");
    ph_text_free(&list);
    return status;
}

ph_status ph_label_find(const ph_labels *labels, ph_piece name, size_t *index, ph_error *err)
{
    size_t found[LISTED];
    size_t count = exact(labels, name, found);
    if (count == 0 && name.length > 0)
        count = matches(labels, name, part_matches, found);
    if (count == 0)
        return unknown(labels, name, err);
    if (count > 1)
        return ambiguous(labels, name, found, count, err);
    *index = found[0];
    return PH_OK;
}
