/* Lowering: graph + input size + wanted tensors -> net, the list that backends execute.
 *
 * Only ancestors of the wanted tensors are kept. Everything that depends on shapes and constants alone is computed
 * (Shape, Gather, Concat, Slice, Cast, ConstantOfShape, Range, arithmetic …). Then the net is simplified without
 * changing any wanted tensor: Dropout, Identity and Reshapes to the same shape drop out, constants and BatchNorms fold
 * into convolutions (in double), Transpose pairs of NHWC exports cancel, a ReLU that is the only reader of a
 * convolution fuses with it unless the convolution's own output is wanted. */
#ifndef PH_MODEL_LOWER_H
#define PH_MODEL_LOWER_H

#include "host/engine/net.h"
#include "host/model/graph.h"

typedef struct ph_lower_options {
    ph_shape input;    /* concrete shape of the picture input, N = 1 (rank as the model declares) */
    const int *wanted; /* graph values */
    int wanted_count;
    bool simplify;      /* false: one op per node as far as possible (for tests of the simplifications) */
    bool channels_last; /* `input` is [1, H, W, C]: the net's own input tensor becomes [1, C, H, W] and a Transpose to
                           [1, H, W, C] is put in front (which cancels with the one such exports begin with) */
    /* Values for other graph inputs (conformance tests, second inputs): */
    const int *fixed;              /* graph values … */
    const ph_array *const *arrays; /* … and what they are; borrowed */
    int fixed_count;
} ph_lower_options;

/* The weights of the net point into the graph, which must outlive it. Errors: PH_UNSUPPORTED names operator and node;
 * PH_MISUSE when the size does not fit the network ("layer X needs … : give --size 224", or the smallest size that
 * works); PH_FORMAT when nodes contradict each other; PH_NO_MEMORY. */
ph_status ph_lower(const ph_graph *graph, const ph_lower_options *options, ph_net **out, ph_error *err);

/* As far as it goes: shapes of every value at an input shape, for `info`. shapes: value_count entries, rank -1 where
 * unknown. macs, supported: node_count entries each, or NULL. Never fails for an unsupported node.
 */
ph_status ph_infer_shapes(const ph_graph *graph, const ph_shape *input, ph_shape *shapes, double *macs, bool *supported,
                          ph_error *err);

/* The input shape for a picture of width x height (0: the model's declared size, else 224), N = 1, with the model's
 * layout: *channels_last is set when the declared input is [N, H, W, C]. A declared size is only the default: another
 * may be asked for, and whether the wanted part of the network runs at it is found out by ph_lower. PH_MISUSE for a
 * size below 1 or a model whose input is no picture (rank other than 4). */
ph_status ph_picture_shape(const ph_graph *graph, int width, int height, ph_shape *shape, bool *channels_last,
                           ph_error *err);

#endif
