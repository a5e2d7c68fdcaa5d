/* The order of the nodes. */
#ifndef PH_MODEL_TOPOLOGY_H
#define PH_MODEL_TOPOLOGY_H

#include "host/model/graph.h"

/* Sorts the nodes so that each stands behind those that it reads from, and renumbers the producers. A file that is in
 * order already stays as it is. PH_FORMAT: the nodes go round in a circle; PH_NO_MEMORY. */
ph_status ph_graph_sort(ph_graph *graph, const char *name, ph_error *err);

#endif
