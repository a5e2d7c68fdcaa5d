/* The tables of all instruction-set variants that a build may contain; element_cpu.c chooses. Private to this room. */
#ifndef PH_ELEMENT_TABLES_H
#define PH_ELEMENT_TABLES_H

#include "kernels/element/element_cpu.h"

#define PH_TABLE_NAME(variant) ph_element_table_##variant
#define PH_TABLE(variant) PH_TABLE_NAME(variant)

/* The best variant of this machine: 0 base, 1 v3, 2 v4. */
int ph_element_cpu_level(void);

extern const ph_element_kernels ph_element_table_base;
extern const ph_element_kernels ph_element_table_v3;
extern const ph_element_kernels ph_element_table_v4;

#endif
