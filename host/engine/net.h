/* ph_net: what the backends execute. A straight list of operators with concrete shapes, made by host/model/lower.h from
 * the ONNX graph for one input size and one set of wanted tensors.
 *
 * The network is a function of ONE picture. All shapes are those of a batch of one; a backend that runs a batch of B
 * pictures maps every operator over them (B x the elements, pictures outermost). No operator mixes pictures.
 *
 * One convention, whatever ONNX, oneDNN or cuDNN call it (each backend translates at its edge):
 *   - dilation 1 = none; padding explicit and separate for begin (top, left) and end (bottom, right), resolved from
 *     auto_pad; row-major [N, C, H, W]; convolution is cross-correlation.
 *   - pooling: output sizes are in the output tensor's shape (ceil_mode is already decided). Average divides by the
 * part of the window inside the padded image (include_pad) or inside the image (otherwise); what hangs over the
 * declared end padding never counts. Max ignores padding; of equal values the first in row-major order wins; a NaN
 * wins.
 *   - LRN: y = x / (bias + alpha/size * sum x^2)^beta over channels c-(size-1)/2 … c+size/2 (integer divisions).
 */
#ifndef PH_ENGINE_NET_H
#define PH_ENGINE_NET_H

#include "phosphene.h"

enum { PH_MAX_RANK = 8 };

typedef struct ph_shape {
    int rank;
    int64_t dim[PH_MAX_RANK];
} ph_shape;

int64_t ph_shape_count(const ph_shape *shape); /* product; 1 for rank 0 */
bool ph_shape_equal(const ph_shape *a, const ph_shape *b);
/* "1x64x56x56" into a caller's buffer; returns it. */
enum { PH_SHAPE_TEXT = 176 };
char *ph_shape_text(const ph_shape *shape, char text[PH_SHAPE_TEXT]);

/* name as messages print it */
#define PH_OP_LIST(X)                                                                                                  \
    X(CONV, "Conv")                                                                                                    \
    X(DECONV, "ConvTranspose")                                                                                         \
    X(DENSE, "Gemm")                                                                                                   \
    X(MATMUL, "MatMul")                                                                                                \
    X(POOL, "Pool")                                                                                                    \
    X(LRN, "LRN")                                                                                                      \
    X(AFFINE, "Affine")                                                                                                \
    X(ACT, "Activation")                                                                                               \
    X(BINARY, "Binary")                                                                                                \
    X(CONCAT, "Concat")                                                                                                \
    X(RESHAPE, "Reshape")                                                                                              \
    X(TRANSPOSE, "Transpose")                                                                                          \
    X(PAD, "Pad")                                                                                                      \
    X(SLICE, "Slice")                                                                                                  \
    X(SOFTMAX, "Softmax")

typedef enum ph_op_kind {
#define PH_OP_ENUM(name, text) PH_OP_##name,
    PH_OP_LIST(PH_OP_ENUM)
#undef PH_OP_ENUM
        PH_OP_COUNT
} ph_op_kind;

const char *ph_op_name(ph_op_kind kind);

/* Activations y = f(x) with parameters a, b. The derivative at a kink is that of the left side (0 for RELU at 0). */
typedef enum ph_act_kind {
    PH_ACT_RELU,       /* max(x, 0) */
    PH_ACT_LEAKY_RELU, /* x < 0 ? a x : x */
    PH_ACT_PRELU,      /* x < 0 ? slope[c] x : x; `slope` has C entries (axis 1) */
    PH_ACT_CLIP,       /* min(max(x, a), b); a or b may be infinite */
    PH_ACT_ELU,        /* x < 0 ? a (e^x - 1) : x */
    PH_ACT_SIGMOID,    /* 1 / (1 + e^-x) */
    PH_ACT_TANH,
    PH_ACT_HARD_SIGMOID, /* min(max(a x + b, 0), 1) */
    PH_ACT_HARD_SWISH,   /* x min(max(x/6 + 1/2, 0), 1) */
    PH_ACT_COUNT
} ph_act_kind;

typedef enum ph_binary_kind { PH_BINARY_ADD, PH_BINARY_SUB, PH_BINARY_MUL, PH_BINARY_DIV } ph_binary_kind;
typedef enum ph_pad_mode { PH_PAD_CONSTANT, PH_PAD_REFLECT, PH_PAD_EDGE } ph_pad_mode;

/* in: [N, C, H, W] -> out: [N, K, Ho, Wo]. CONV weight [K, C/groups, R, S]; DECONV weight [C, K/groups, R, S] and
 * out = (in-1)*stride - pads + dilation*(R-1) + 1 + output_padding, which the out shape already holds. */
typedef struct ph_conv_params {
    const float *weight;
    const float *bias; /* K entries or NULL */
    int64_t out_channels, groups;
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
    bool relu; /* CONV: y = max(conv, 0), fused by ph_net_simplify */
} ph_conv_params;

/* out[m, k] = sum_c in[m, c] weight[k, c] + bias[k]; `in` is seen as [rows, C] with C the last dimension. */
typedef struct ph_dense_params {
    const float *weight; /* [out_features, in_features] */
    const float *bias;   /* out_features entries or NULL */
    int64_t in_features, out_features;
} ph_dense_params;

typedef struct ph_pool_params {
    bool average;
    bool include_pad; /* average only */
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
} ph_pool_params;

typedef struct ph_lrn_params {
    int64_t size;
    float alpha, beta, bias;
} ph_lrn_params;

typedef struct ph_affine_params { /* y = x scale[c] + shift[c], c along axis 1; C entries each */
    const float *scale, *shift;
} ph_affine_params;

typedef struct ph_act_params {
    ph_act_kind kind;
    float a, b;
    const float *slope; /* PRELU */
} ph_act_params;

typedef struct ph_pad_params {
    ph_pad_mode mode;
    float value;
    int64_t begin[PH_MAX_RANK]; /* may be negative (crops) in CONSTANT mode; the end follows from the shapes */
} ph_pad_params;

typedef struct ph_slice_params { /* out[i] = in[start + i * step] per axis; step may be negative */
    int64_t start[PH_MAX_RANK], step[PH_MAX_RANK];
} ph_slice_params;

typedef struct ph_op {
    ph_op_kind kind;
    const char *name; /* the ONNX node's name (or its output's): for messages and timings */
    int *in;          /* indices of tensors */
    int in_count;     /* MATMUL and BINARY 2, CONCAT any, all others 1 */
    int out;
    union {
        ph_conv_params conv; /* CONV, DECONV */
        ph_dense_params dense;
        ph_pool_params pool;
        ph_lrn_params lrn;
        ph_affine_params affine;
        ph_act_params act;
        ph_binary_kind binary; /* NumPy broadcasting of the two inputs' shapes */
        int concat_axis;
        int perm[PH_MAX_RANK]; /* TRANSPOSE: out.dim[i] = in.dim[perm[i]] */
        ph_pad_params pad;
        ph_slice_params slice;
        int softmax_axis;
    } p;
} ph_op;

/* MATMUL: NumPy matmul of two activations of rank 2 or more, broadcasting leading dimensions. BINARY, MATMUL and CONCAT
 * may read constant tensors (never only constant ones); all other operators read computed ones. CONV, DECONV, POOL and
 * LRN have rank 4; AFFINE and PRELU rank 2 or more. */

typedef struct ph_tensor {
    ph_shape shape;        /* of one picture, batch dimension included (usually 1) */
    const char *name;      /* ONNX tensor name */
    const float *constant; /* values of a constant tensor, the same for all pictures; NULL for computed ones */
    int producer;          /* op index; -1 for the input and constants */
    bool wanted;           /* an output: its values are readable and a gradient can be fed in */
} ph_tensor;

typedef struct ph_net {
    ph_tensor *tensors;
    int tensor_count;
    ph_op *ops; /* in an order of execution */
    int op_count;
    int input;    /* tensor index of the picture */
    int *outputs; /* tensor indices of the wanted tensors, in the order asked for */
    int output_count;
    struct ph_net_memory *memory; /* owns everything above but the weights that belong to the graph */
} ph_net;

/* An empty net (input -1), or NULL when out of memory. */
ph_net *ph_net_new(void);
void ph_net_free(ph_net **net);

/* Memory that lives as long as the net: zeroed, aligned for floats; NULL when out of memory. */
void *ph_net_alloc(ph_net *net, size_t count, size_t size);

/* Append a copy and return its index, -1 when out of memory. add_op copies `in` and sets the producer of op->out. */
int ph_net_add_tensor(ph_net *net, const ph_tensor *tensor);
int ph_net_add_op(ph_net *net, const ph_op *op, const int *in, int in_count);

/* Multiply-adds of one operator, one picture, forward. */
double ph_op_macs(const ph_net *net, const ph_op *op);

/* Which computed tensors must still hold their values when the gradient comes back through `op` (constants always do):
 *   input   ACT LEAKY_RELU, PRELU, ELU, HARD_SIGMOID, HARD_SWISH; POOL max; LRN; BINARY MUL and MATMUL: where the other
 *           input is not constant; BINARY DIV: both unless the divisor is constant
 *   output  ACT RELU, CLIP, SIGMOID, TANH; CONV with relu; SOFTMAX
 * CONV without relu, DENSE, AFFINE, CONCAT …: neither. */
bool ph_op_keeps_input(const ph_net *net, const ph_op *op, int input);
bool ph_op_keeps_output(const ph_net *net, const ph_op *op);

#endif
