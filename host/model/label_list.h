/* Names of classes. */
#ifndef PH_MODEL_LABEL_LIST_H
#define PH_MODEL_LABEL_LIST_H

#include "phosphene.h"

typedef struct ph_label_list {
    char **items; /* owned; "" = no name */
    size_t count, capacity;
} ph_label_list;

/* Appends a label: control characters become spaces, the end is trimmed, a leading WordNet number ("n01440764 tench")
 * goes. `name` (of the file) is used in messages. PH_FORMAT: too many; PH_NO_MEMORY. */
ph_status ph_label_list_add(ph_label_list *labels, const char *line, size_t length, const char *name, ph_error *err);
/* One label per line; CRLF is fine, a byte order mark and empty lines at the end are dropped. On failure *labels is
 * partly filled. PH_FORMAT: not a text. */
ph_status ph_label_list_parse(ph_label_list *labels, const char *text, size_t size, const char *name, ph_error *err);
/* The same from a file. PH_IO. */
ph_status ph_label_list_read(ph_label_list *labels, const char *path, ph_error *err);
void ph_label_list_free(ph_label_list *labels);

#endif
