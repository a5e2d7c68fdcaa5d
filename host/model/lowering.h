/* The state of one lowering and what the operators' rules share. Private to lower*.c and constant*.c.
 *
 * A rule is called for one node whose inputs are all known. It decides the output's shape and either computes the
 * value (constants) or appends operators to the net. Every number in a node is hostile until checked. */
#ifndef PH_MODEL_LOWERING_H
#define PH_MODEL_LOWERING_H

#include "host/base/status.h"
#include "host/model/graph.h"
#include "host/model/lower.h"
#include "host/model/shape_rules.h"

/* What is known of a graph value. */
typedef struct ph_known {
    ph_shape shape;        /* rank -1: nothing */
    const ph_array *array; /* the value of a constant, else NULL */
    int tensor;            /* of the net; -1: none, or a constant that no operator has read yet */
    const char *name;
} ph_known;

typedef struct ph_lowering {
    const ph_graph *graph;
    ph_net *net;
    ph_known *known;     /* of each graph value */
    const ph_node *node; /* in work */
    bool dry;            /* shapes only: weights are not computed */
    bool size_matters;   /* the failure is one that another picture size may not have */
    int64_t fold_budget; /* elements that constant folding may still produce */
    ph_error *err;
} ph_lowering;

typedef ph_status (*ph_rule_fn)(ph_lowering *l);

typedef struct ph_rule {
    const char *op;
    ph_rule_fn lower;
    bool folds; /* works on constants alone, too */
} ph_rule;

/* NULL: the operator is not supported. */
const ph_rule *ph_rule_find(const ph_node *node);

/* ---- The whole (lower.c) ----------------------------------------------------------------------------------------- */

/* Raw lowering of what `options` wants. dry: for shapes. *size_matters as above when it fails. *fold_budget is the
 * number of elements that folding may produce, and what is left of it afterwards. */
ph_status ph_lower_once(const ph_graph *graph, const ph_lower_options *options, bool dry, int64_t *fold_budget,
                        ph_net **out, bool *size_matters, ph_error *err);

/* The error for a picture size that does not fit (lower_size.c): looks for one that does. `failure` is what
 * ph_lower_once said. Returns PH_MISUSE when another size works, else the failure as it is. */
ph_status ph_lower_size_advice(const ph_graph *graph, const ph_lower_options *options, const ph_error *failure,
                               ph_error *err);

/* ---- Errors: "layer 'NAME' (Op) TEXT" (lowering.c) --------------------------------------------------------------- */

ph_status ph_lowering_fail(ph_lowering *l, ph_status status, const char *format, ...) PH_PRINTF(3, 4);
/* PH_FORMAT for shapes that contradict each other: another picture size may fit. */
ph_status ph_lowering_misfit(ph_lowering *l, const char *format, ...) PH_PRINTF(2, 3);
/* "operator Op (node 'NAME') is not supported" */
ph_status ph_lowering_unsupported(ph_lowering *l);
ph_status ph_lowering_memory(ph_lowering *l);
/* The node's name, or its first output's. */
const char *ph_lowering_name(const ph_lowering *l);

/* ---- Reading the node (lowering.c) ------------------------------------------------------------------------------- */

bool ph_has_input(const ph_lowering *l, int k);
/* The k-th input, which must be there. */
ph_status ph_input(ph_lowering *l, int k, ph_known *known);
/* The same as a tensor of the net; constants become constant tensors. */
ph_status ph_input_tensor(ph_lowering *l, int k, int *tensor);
/* The same as a constant; NULL when left out. PH_UNSUPPORTED when it is computed from the picture. */
ph_status ph_input_constant(ph_lowering *l, int k, const ph_array **array);
/* The same as constant floats, copied when the file has integers. */
ph_status ph_input_floats(ph_lowering *l, int k, const float **values, ph_shape *shape);
/* One float from input k or, when that is left out, from the attribute (NULL: none), else the fallback. */
ph_status ph_input_scalar(ph_lowering *l, int k, const char *attribute, float fallback, float *value);

enum { PH_MAX_INTS = 2 * PH_MAX_RANK };
typedef struct ph_ints {
    int64_t v[PH_MAX_INTS];
    int count;
    bool present;
} ph_ints;
/* Integers from input k (-1: none) or, when that is left out, from the attribute. */
ph_status ph_input_ints(ph_lowering *l, int k, const char *attribute, ph_ints *ints);
/* Exactly `count` integers in [min, max] from the attribute; all `fallback` when it is absent. */
ph_status ph_attribute_ints(ph_lowering *l, const char *name, int64_t *values, int count, int64_t fallback, int64_t min,
                            int64_t max);
/* The attribute as an axis of `rank` dimensions. */
ph_status ph_attribute_axis(ph_lowering *l, const char *name, int64_t fallback, int rank, int *axis);
/* Marks the listed axes; none listed: all of them, or none, by `otherwise`. Twice the same is an error. */
ph_status ph_mark_axes(ph_lowering *l, const ph_ints *axes, int rank, bool otherwise, bool marked[PH_MAX_RANK]);
/* A string attribute; the fallback when absent. */
const char *ph_attribute_text(const ph_lowering *l, const char *name, const char *fallback);

/* ---- Writing the net (lower_emit.c) ------------------------------------------------------------------------------ */

/* Appends an operator and the tensor it writes. op->name, in, in_count and out are filled here. */
ph_status ph_emit(ph_lowering *l, ph_op op, const int *in, int in_count, const ph_shape *shape, int *out);
ph_status ph_emit_one(ph_lowering *l, const ph_op *op, int in, int *out); /* same shape as `in` */
/* No-ops give `in` itself. */
ph_status ph_emit_reshape(ph_lowering *l, int in, const ph_shape *shape, int *out);
ph_status ph_emit_transpose(ph_lowering *l, int in, const int *perm, int *out);
ph_status ph_emit_act(ph_lowering *l, int in, ph_act_kind kind, float a, float b, int *out);
/* `scale` and `shift` have one entry per channel and live as long as the net. */
ph_status ph_emit_affine(ph_lowering *l, int in, const float *scale, const float *shift, int *out);
/* The same with one scale and shift for all channels; also for rank below 2. */
ph_status ph_emit_scaled(ph_lowering *l, int in, float scale, float shift, int *out);
ph_status ph_emit_binary(ph_lowering *l, ph_binary_kind kind, int a, int b, int *out);
ph_status ph_constant_tensor(ph_lowering *l, const float *values, const ph_shape *shape, int *out);
/* Floats that live as long as the net; NULL with the error set when out of memory. */
float *ph_lowering_floats(ph_lowering *l, int64_t count);
/* ranks 3 and 4 as [N, C, H, W] (H = 1 for rank 3); others are refused. */
ph_status ph_emit_as_picture(ph_lowering *l, int in, int *out);
/* Back to rank 3 when `rank` is 3. */
ph_status ph_emit_as_rank(ph_lowering *l, int in, int rank, int *out);

const ph_shape *ph_tensor_shape(const ph_lowering *l, int tensor);

/* ---- Results (lowering.c) ---------------------------------------------------------------------------------------- */

/* Output k of the node is this tensor or constant. */
void ph_give_tensor(ph_lowering *l, int k, int tensor);
void ph_give_array(ph_lowering *l, int k, const ph_array *array);
void ph_give(ph_lowering *l, int k, const ph_known *known);

/* ---- Moving values: computed for constants, an operator otherwise (lower_move.c) --------------------------------- */

ph_status ph_move_reshape(ph_lowering *l, const ph_known *in, const ph_shape *shape, ph_known *out);
ph_status ph_move_transpose(ph_lowering *l, const ph_known *in, const int *perm, ph_known *out);
ph_status ph_move_slice(ph_lowering *l, const ph_known *in, const ph_slice_params *slice, const ph_shape *shape,
                        ph_known *out);

/* ---- The rules (one file per theme; the table is in lower_rules.c) ----------------------------------------------- */

#define PH_RULE_LIST(X)                                                                                                \
    X(conv, "Conv", false)                                                                                             \
    X(conv_transpose, "ConvTranspose", false)                                                                          \
    X(max_pool, "MaxPool", false)                                                                                      \
    X(average_pool, "AveragePool", false)                                                                              \
    X(global_average_pool, "GlobalAveragePool", false)                                                                 \
    X(global_max_pool, "GlobalMaxPool", false)                                                                         \
    X(reduce_mean, "ReduceMean", false)                                                                                \
    X(reduce_max, "ReduceMax", false)                                                                                  \
    X(gemm, "Gemm", false)                                                                                             \
    X(matmul, "MatMul", false)                                                                                         \
    X(batch_norm, "BatchNormalization", false)                                                                         \
    X(lrn, "LRN", false)                                                                                               \
    X(softmax, "Softmax", false)                                                                                       \
    X(relu, "Relu", true)                                                                                              \
    X(leaky_relu, "LeakyRelu", false)                                                                                  \
    X(prelu, "PRelu", false)                                                                                           \
    X(clip, "Clip", true)                                                                                              \
    X(elu, "Elu", false)                                                                                               \
    X(sigmoid, "Sigmoid", true)                                                                                        \
    X(tanh, "Tanh", true)                                                                                              \
    X(hard_sigmoid, "HardSigmoid", false)                                                                              \
    X(hard_swish, "HardSwish", false)                                                                                  \
    X(arithmetic, "Add", true)                                                                                         \
    X(arithmetic, "Sub", true)                                                                                         \
    X(arithmetic, "Mul", true)                                                                                         \
    X(arithmetic, "Div", true)                                                                                         \
    X(sum, "Sum", true)                                                                                                \
    X(extremum, "Min", true)                                                                                           \
    X(extremum, "Max", true)                                                                                           \
    X(neg, "Neg", true)                                                                                                \
    X(unary, "Abs", true)                                                                                              \
    X(unary, "Ceil", true)                                                                                             \
    X(unary, "Exp", true)                                                                                              \
    X(unary, "Floor", true)                                                                                            \
    X(unary, "Not", true)                                                                                              \
    X(unary, "Reciprocal", true)                                                                                       \
    X(unary, "Sqrt", true)                                                                                             \
    X(compare, "Equal", true)                                                                                          \
    X(compare, "Greater", true)                                                                                        \
    X(compare, "Less", true)                                                                                           \
    X(compare, "GreaterOrEqual", true)                                                                                 \
    X(compare, "LessOrEqual", true)                                                                                    \
    X(where, "Where", true)                                                                                            \
    X(cast, "Cast", true)                                                                                              \
    X(constant, "Constant", true)                                                                                      \
    X(constant_of_shape, "ConstantOfShape", true)                                                                      \
    X(range, "Range", true)                                                                                            \
    X(shape, "Shape", true)                                                                                            \
    X(size, "Size", true)                                                                                              \
    X(reduce_prod, "ReduceProd", true)                                                                                 \
    X(identity, "Identity", true)                                                                                      \
    X(dropout, "Dropout", true)                                                                                        \
    X(reshape, "Reshape", true)                                                                                        \
    X(flatten, "Flatten", true)                                                                                        \
    X(squeeze, "Squeeze", true)                                                                                        \
    X(unsqueeze, "Unsqueeze", true)                                                                                    \
    X(transpose, "Transpose", true)                                                                                    \
    X(expand, "Expand", true)                                                                                          \
    X(slice, "Slice", true)                                                                                            \
    X(gather, "Gather", true)                                                                                          \
    X(split, "Split", true)                                                                                            \
    X(concat, "Concat", true)                                                                                          \
    X(pad, "Pad", false)                                                                                               \
    X(space_to_depth, "SpaceToDepth", true)                                                                            \
    X(depth_to_space, "DepthToSpace", true)

#define PH_RULE_PROTOTYPE(name, op, folds) ph_status ph_rule_##name(ph_lowering *l);
PH_RULE_LIST(PH_RULE_PROTOTYPE)
#undef PH_RULE_PROTOTYPE

#endif
