/* Hash table from names to indices, for graphs with many thousand values. */
#ifndef PH_MODEL_NAME_TABLE_H
#define PH_MODEL_NAME_TABLE_H

#include <stddef.h>

typedef struct ph_name_slot {
    const char *name; /* borrowed; NULL = free */
    int index;
} ph_name_slot;

typedef struct ph_name_table {
    ph_name_slot *slots;
    size_t capacity, count;
} ph_name_table; /* zero = empty */

/* The index given with `name`, or -1. */
int ph_name_table_find(const ph_name_table *table, const char *name);
/* `name` must be new and outlive the table. Returns 0, or -1 when out of memory (table unchanged). */
int ph_name_table_add(ph_name_table *table, const char *name, int index);
void ph_name_table_free(ph_name_table *table);

#endif
