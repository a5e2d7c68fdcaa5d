/* The plan of a network on the CPU: which values exist in which layout, which kernels make them, where they stand.
 *
 * A value is a net tensor in one layout. Nodes are the net's operators plus conversions between layouts and deliveries
 * of wanted tensors. plan.c builds the list, flow.c decides what needs gradients and what backward reads, memory.c
 * gives everything its place; run.c executes. */
#ifndef PH_CPU_PLAN_H
#define PH_CPU_PLAN_H

#include "host/engine/backend.h"
#include "host/engine/layout.h"
#include "kernels/cpu/edge.h"

typedef struct ph_cpu_value {
    int tensor;
    ph_layout layout;
    int64_t n, c, area; /* ph_layout_extent */
    int64_t count;      /* n c area */
    const float *constant;
    int readers;   /* nodes */
    bool computed; /* depends on the picture */
    bool gradient; /* on a path from the picture to a wanted tensor, in an engine with gradients */
    bool keep;     /* backward reads it */

    int root, gradient_root; /* whose memory it uses: itself, or the value that it is another view of */
    int64_t offset;          /* of a root: floats from the start of the picture's kept part or of the passing part */
    int64_t gradient_offset; /* of a gradient root: floats from the start of the passing part */
} ph_cpu_value;

typedef struct ph_cpu_node ph_cpu_node;
typedef struct ph_cpu_plan ph_cpu_plan;
typedef struct ph_cpu_call ph_cpu_call;

/* How a kind of node is done. `plan` chooses (state, bytes), `make` creates what takes memory; both may be NULL. */
typedef struct ph_cpu_kernel {
    ph_status (*plan)(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err);
    ph_status (*make)(const ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err);
    ph_status (*forward)(const ph_cpu_call *call, ph_error *err);
    ph_status (*backward)(const ph_cpu_call *call, ph_error *err); /* writes or adds to each input's gradient */
    void (*free)(void *state);
} ph_cpu_kernel;

struct ph_cpu_node {
    const ph_cpu_kernel *kernel;
    const ph_op *op; /* NULL for conversions and deliveries */
    int op_index;    /* whose time it counts to, -1 for none */
    int *in, in_count, out;
    bool *add;     /* per input: 1 add to the gradient, 0 write it */
    bool backward; /* the output has a gradient and so has some input */
    int delivery;  /* index of the wanted tensor, -1 for none */

    void *state;           /* the kernel's */
    int64_t kept_bytes;    /* per picture, from forward to backward: call->kept */
    int64_t scratch_bytes; /* per lane, within a call: call->scratch */
    int64_t weight_bytes;  /* once; allocated by `make` */
    int64_t packing_bytes; /* within `make` */
    int64_t kept_offset;   /* bytes */
};

struct ph_cpu_plan {
    const ph_net *net;
    ph_edge *edge;
    int batch, threads;
    int lanes; /* threads that work on pictures of their own; 1: all threads share each picture */
    int wave;  /* pictures that a lane takes through the network together */
    bool gradient;
    ph_cpu_value *values;
    size_t value_count, value_capacity;
    ph_cpu_node *nodes;
    size_t node_count, node_capacity;
    int *plain, *last; /* per net tensor: its value in that layout, -1 for none */

    int64_t kept_bytes;    /* per picture */
    int64_t passing_bytes; /* per picture of a wave */
    int64_t scratch_bytes; /* per lane */
    int64_t bytes;         /* all that an engine takes */
};

/* Everything about the engine but its memory. PH_UNSUPPORTED, PH_NO_MEMORY, PH_BACKEND. `edge` must outlive it. */
ph_status ph_cpu_plan_new(ph_edge *edge, const ph_net *net, int batch, bool gradient, int threads, ph_cpu_plan **out,
                          ph_error *err);
void ph_cpu_plan_free(ph_cpu_plan *plan);

/* One execution of a node for one picture. */
struct ph_cpu_call {
    const ph_cpu_plan *plan;
    const ph_cpu_node *node;
    ph_relu_mode mode;
    int lane;
    float *kept_values;              /* of this picture */
    float *passing;                  /* of this place in a wave */
    void *kept, *scratch;            /* of this node */
    float *input, *gradient;         /* the engine's plain buffers of this picture: input and its gradient */
    float *output, *output_gradient; /* of a delivery */
};

const ph_cpu_value *ph_cpu_in(const ph_cpu_call *call, int input);
const ph_cpu_value *ph_cpu_out(const ph_cpu_call *call);
const float *ph_cpu_read(const ph_cpu_call *call, const ph_cpu_value *value);
float *ph_cpu_write(const ph_cpu_call *call, const ph_cpu_value *value); /* of a computed value */
/* NULL when the value has no gradient. */
float *ph_cpu_gradient(const ph_cpu_call *call, const ph_cpu_value *value);

/* Dimensions in the order in which a value stands in memory; axis_at[i] = which axis of the tensor stands i-th. */
int ph_cpu_memory_order(const ph_cpu_plan *plan, const ph_cpu_value *value, int64_t dim[PH_MAX_RANK],
                        int axis_at[PH_MAX_RANK]);
/* The value as [outer, length, inner] around one axis of the tensor. */
typedef struct ph_cpu_axis {
    int64_t outer, length, inner;
} ph_cpu_axis;
ph_cpu_axis ph_cpu_around(const ph_cpu_plan *plan, const ph_cpu_value *value, int axis);
/* Distance in memory between neighbours along each axis of the tensor. */
void ph_cpu_strides(const ph_cpu_plan *plan, const ph_cpu_value *value, int64_t stride[PH_MAX_RANK]);

/* "node 'NAME' (Op)" for messages. */
enum { PH_CPU_NODE_TEXT = 200 };
const char *ph_cpu_node_text(const ph_cpu_node *node, char text[PH_CPU_NODE_TEXT]);

/* True when the gradient of input k of a BINARY is the output's, element for element: ADD without broadcasting. */
bool ph_cpu_is_sum(const ph_cpu_plan *plan, const ph_cpu_node *node, int k);

/* Steps of planning (flow.c, memory.c). */
ph_status ph_cpu_plan_flow(ph_cpu_plan *plan, ph_error *err);
ph_status ph_cpu_plan_memory(ph_cpu_plan *plan, ph_error *err);

extern const ph_cpu_kernel ph_cpu_conv, ph_cpu_deconv;                 /* conv.c */
extern const ph_cpu_kernel ph_cpu_dense, ph_cpu_matmul;                /* dense.c, matmul.c */
extern const ph_cpu_kernel ph_cpu_pool;                                /* pool.c */
extern const ph_cpu_kernel ph_cpu_lrn, ph_cpu_affine;                  /* lrn.c, affine.c */
extern const ph_cpu_kernel ph_cpu_act, ph_cpu_softmax;                 /* act.c, softmax.c */
extern const ph_cpu_kernel ph_cpu_binary;                              /* binary.c */
extern const ph_cpu_kernel ph_cpu_concat, ph_cpu_reshape;              /* concat.c, reshape.c */
extern const ph_cpu_kernel ph_cpu_transpose, ph_cpu_pad, ph_cpu_slice; /* gather.c */
extern const ph_cpu_kernel ph_cpu_convert, ph_cpu_delivery;            /* convert.c */

#endif
