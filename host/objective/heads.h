/* From resolved targets to the tables that the kernels of kernels/element/head.h read, for a batch of pictures.
 *
 *     size_t count;
 *     int *values;
 *     ph_heads_values(targets, pictures, &values, &count, &err);     which graph values the network must give out
 *     … ph_lower with wanted = values; net->outputs[i] then stands for values[i] …
 *     ph_heads_new(targets, pictures, values, shapes, count, &heads, &err);      shapes[i]: that of net->outputs[i]
 *     for each heads->head[i]: upload terms and vectors; buffers: sums [pictures, channels, 2] double,
 *         objective [pictures] float; per step head_channels, head_value (accumulate = i > 0), head_seed
 *     ph_heads_free(&heads);
 *
 * Plain host data: nothing here calls a backend. */
#ifndef PH_OBJECTIVE_HEADS_H
#define PH_OBJECTIVE_HEADS_H

#include "host/engine/net.h"
#include "host/objective/target.h"
#include "kernels/element/head.h"

/* What the pictures of a batch read from one output of the network. */
typedef struct ph_head {
    int64_t channels, positions; /* of the output, per picture */
    int term_count;              /* per picture: the most that any picture has on this output, at least 1 */
    ph_head_term *terms;         /* [pictures, term_count]; unused slots are PH_HEAD_NONE */
    float *vectors;              /* [vector_count, channels]; not NULL */
    int vector_count;            /* may be 0 */
} ph_head;

typedef struct ph_heads {
    int pictures;
    ph_head *head; /* one per output, in the order of `values` */
    size_t count;
} ph_heads;

/* The distinct graph values that the targets read, in the order of their first use: a new array (ph_free). */
ph_status ph_heads_values(const ph_target *const *targets, int pictures, int **values, size_t *count, ph_error *err);

/* targets[b] is that of picture b; they stay the caller's. shapes[i], of rank 2 to 4 with first dimension 1, is what
 * values[i] has at the network's input size; '@' becomes its centre here. PH_MISUSE: a channel or position outside of
 * the shape, a term whose value is not among `values`. PH_NO_MEMORY. */
ph_status ph_heads_new(const ph_target *const *targets, int pictures, const int *values, const ph_shape *shapes,
                       size_t count, ph_heads **out, ph_error *err);
void ph_heads_free(ph_heads **heads);

#endif
