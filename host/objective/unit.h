/* One UNIT of a target expression: text to a term on a graph. */
#ifndef PH_OBJECTIVE_UNIT_H
#define PH_OBJECTIVE_UNIT_H

#include "host/objective/scan.h"
#include "host/objective/target.h"

/* What names are looked up in. */
typedef struct ph_units {
    const ph_graph *graph;
    const ph_shape *shapes;
    const ph_preprocess *preprocess; /* may be NULL: no labels */
    size_t longest_name;             /* of the graph's nodes and values */
} ph_units;

void ph_units_init(ph_units *units, const ph_graph *graph, const ph_shape *shapes, const ph_preprocess *preprocess);

/* Reads the unit at the cursor into *term (all fields but weight); *movable: it may climb its pre-activation when it
 * descends (a channel or a direction, but no probability). On failure the term owns nothing. Errors as
 * ph_target_parse. */
ph_status ph_unit_parse(const ph_units *units, ph_scan *scan, ph_term *term, bool *movable, ph_error *err);

#endif
