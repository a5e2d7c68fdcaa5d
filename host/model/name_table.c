#include "host/model/name_table.h"

#include "host/base/alloc.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a, 64 bit, with its high half folded in because the table's mask keeps low bits only. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

/* The slot of `name`, or the free slot where it belongs. The table always has free slots. */
static size_t slot_of(const ph_name_slot *slots, size_t capacity, const char *name)
{
    size_t at = (size_t)hash_of(name) & (capacity - 1);
    while (slots[at].name && strcmp(slots[at].name, name) != 0)
        at = (at + 1) & (capacity - 1);
    return at;
}

int ph_name_table_find(const ph_name_table *table, const char *name)
{
    if (!table->capacity)
        return -1;
    const ph_name_slot *slot = &table->slots[slot_of(table->slots, table->capacity, name)];
    return slot->name ? slot->index : -1;
}

static int grow(ph_name_table *table)
{
    const size_t capacity = table->capacity ? 2 * table->capacity : 64;
    ph_name_slot *slots = ph_alloc(capacity, sizeof *slots);
    if (!slots)
        return -1;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].name)
            slots[slot_of(slots, capacity, table->slots[i].name)] = table->slots[i];
    ph_free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 0;
}

int ph_name_table_add(ph_name_table *table, const char *name, int index)
{
    if (2 * table->count >= table->capacity && grow(table) != 0)
        return -1;
    table->slots[slot_of(table->slots, table->capacity, name)] = (ph_name_slot){name, index};
    table->count++;
    return 0;
}

void ph_name_table_free(ph_name_table *table)
{
    ph_free(table->slots);
    *table = (ph_name_table){0};
}
