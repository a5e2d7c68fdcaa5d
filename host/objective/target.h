/* Target expressions: text -> terms -> units of one network.
 *
 *   TARGET := TERM (('+'|'-') TERM)*          TERM := [NUMBER '*'] UNIT
 *   UNIT   := LAYER | LAYER ':' CHANNEL | LAYER ':' CHANNEL '@' Y ',' X | LAYER ':' CHANNEL '@'      (centre)
 *           | LAYER ':rand(' SEED ')' | LAYER ':dir(' FILE ')'     (both may be followed by '@…')
 *           | 'class:' INDEX_OR_LABEL | 'prob:' INDEX_OR_LABEL
 *
 * ONNX names contain / . - : and + : the longest prefix that names a layer wins, "quotes" or 'quotes' force. 'class:'
 * and 'prob:' come before layers of such a name. A label is a whole one, else a synonym in one, else a part of exactly
 * one; without quotes the longest text that is a label wins, and a longer label wins over an index ("3-toed sloth").
 * The first term may have a sign, too. */
#ifndef PH_OBJECTIVE_TARGET_H
#define PH_OBJECTIVE_TARGET_H

#include "host/model/graph.h"
#include "host/model/preprocess.h"

typedef enum ph_unit_kind { PH_UNIT_LAYER, PH_UNIT_CHANNEL, PH_UNIT_DIRECTION } ph_unit_kind;

/* One term, resolved on a graph. */
typedef struct ph_term {
    double weight; /* sign of '-' and of a negative job included */
    ph_unit_kind kind;
    int value;       /* graph value it reads */
    int64_t channel; /* CHANNEL */
    int layer;       /* value and channel before ph_target_cut: what the unit is called */
    int64_t layer_channel;
    bool everywhere; /* mean over positions; false: at y, x */
    bool centre;     /* y, x = size/2 of the map, known when the size is */
    int64_t y, x;
    float *direction; /* DIRECTION: one entry per channel of `value`; owned */
    int64_t direction_length;
} ph_term;

typedef struct ph_target {
    char *text; /* as asked for; owned */
    bool negative;
    ph_term *terms;
    int term_count;
} ph_target;

/* Parses and resolves. shapes: ph_infer_shapes at the picture's size (channel counts, map sizes). A descending unit
 * (weight < 0; a channel or a direction, not a whole layer) of a post-ReLU tensor moves to its pre-activation; `notice`
 * (size bytes) then says so, else "". Random directions are unit vectors of normal draws (Philox, seeded by SEED);
 * directions from files are .npy (float32 or float64, C order, one dimension) or text (numbers separated by blanks,
 * commas or newlines), used as they are. PH_MISUSE with a caret-free message that quotes the offending piece; PH_IO /
 * PH_FORMAT for direction files. */
ph_status ph_target_parse(const ph_graph *graph, const ph_shape *shapes, const ph_preprocess *preprocess,
                          const char *text, bool negative, ph_target **out, char *notice, size_t notice_size,
                          ph_error *err);
void ph_target_free(ph_target **target);

/* Lets channels of a Concat be read from the branch that holds them, so that the other branches need not run. The same
 * objective and gradient, bit for bit: what the others would add is zeros. */
void ph_target_cut(const ph_graph *graph, const ph_shape *shapes, ph_target *target);

#endif
