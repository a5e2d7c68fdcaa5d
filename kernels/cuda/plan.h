/* The plan of a network on the GPU: which values exist in which layout, which kernels make them, where they stand. All
 * pictures of the batch go through each node together.
 *
 * A value is a net tensor in one layout, in the device's value type. Nodes are the net's operators plus conversions
 * between layouts and deliveries of wanted tensors. plan.c builds the list, residual.c lets convolutions do the sums
 * behind them, flow.c decides what needs gradients and what backward reads, memory.c gives everything its place,
 * engine.c runs it. */
#ifndef PH_CUDA_PLAN_H
#define PH_CUDA_PLAN_H

#include "host/engine/arena.h"
#include "host/engine/layout.h"
#include "kernels/cuda/block.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/launch.h"

typedef struct ph_cuda_value {
    int tensor;
    ph_layout layout;
    int64_t n, c, area;      /* ph_layout_extent */
    int64_t count;           /* n c area */
    int64_t pitch;           /* LAST: channels padded to a multiple of 8; PLAIN: equal to step */
    int64_t step;            /* values from one picture to the next, a multiple of 8; 0 for a constant */
    const float *constant;   /* host values of a constant tensor, NULL for computed ones */
    int readers;             /* nodes */
    bool computed;           /* depends on the picture */
    bool gradient;           /* on a path from the picture to a wanted tensor, in an engine with gradients */
    bool keep;               /* backward reads it */
    bool written;            /* while planning: some node writes the gradient already */
    int root, gradient_root; /* whose memory it uses: itself, or the value that it is another view of */

    /* Whoever writes the gradient has passed it through the producer's ReLU already: a CONCAT does that for inputs that
     * it alone reads, all in one launch. */
    bool rectified;
    /* The same in the normal mode only: an LRN sees the ReLU's output anyway, and behind a maximum there is less of it.
     */
    bool rectified_normally;
    bool blocked; /* the picture in blocks, as plan->stem has it: c, area and pitch are those of the blocks */

    void *data, *slope; /* on the device; slope: the gradient, NULL if there is none */
} ph_cuda_value;

typedef struct ph_cuda_node ph_cuda_node;
typedef struct ph_cuda_plan ph_cuda_plan;

/* How a kind of node is done. `plan` chooses and sizes, before any memory of the device is taken: it may set the byte
 * counts of the node and `state`; `make` uploads what the node keeps (weights, tables). Both may be NULL. forward and
 * backward queue work on plan->device->stream and are what a recorded step consists of. */
typedef struct ph_cuda_kernel {
    ph_status (*plan)(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err);
    ph_status (*make)(const ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err);
    ph_status (*forward)(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err);
    /* writes or adds to (node->add[k]) the gradient of each input that has one */
    ph_status (*backward)(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err);
    void (*free)(void *state); /* host memory of the state; device memory is the plan's */
} ph_cuda_kernel;

struct ph_cuda_node {
    const ph_cuda_kernel *kernel;
    const ph_op *op; /* NULL for conversions and deliveries */
    int op_index;    /* whose time it counts to, -1 for none */
    int *in, in_count, out;
    bool *add;     /* per input: 1 add to the gradient, 0 write it */
    bool backward; /* the output has a gradient and so has some input */
    bool relu;     /* of a convolution: negative values become 0 */
    int delivery;  /* index of the wanted tensor, -1 for none */

    void *state;             /* the kernel's, host memory, freed by `free` */
    int64_t weight_bytes;    /* constant for the engine's life: node->weights, filled by `make` */
    int64_t kept_bytes;      /* whole batch, from forward to backward: node->kept */
    int64_t scratch_bytes;   /* whole batch, within one call: plan->scratch */
    int64_t workspace_bytes; /* of a library call: plan->workspace */
    void *weights, *kept;    /* within one call: plan->scratch, plan->workspace */
};

struct ph_cuda_plan {
    const ph_net *net;
    ph_device *device;
    int batch;
    bool gradient;
    ph_cuda_type type;
    ph_cuda_block stem; /* side 0: the picture is read as it is */
    ph_cuda_value *values;
    size_t value_count, value_capacity;
    ph_cuda_node *nodes;
    size_t node_count, node_capacity;
    int *plain, *last;                   /* per net tensor: its value in that layout, -1 for none */
    float *input, *input_gradient;       /* plain float of the interface, on the device */
    float **outputs, **output_gradients; /* per wanted tensor, likewise */
    float gradient_scale;                /* all gradients inside are this power of two larger */
    int *dead;                           /* [PH_CUDA_PARTS, batch]: scratch of redirected rectifiers */

    ph_interval *life; /* when values, gradients and what nodes keep are in use, and where they stand */
    int64_t arena_bytes, scratch_bytes, workspace_bytes;
    int64_t bytes;             /* all that an engine takes on the device: one block */
    void *memory;              /* NULL until the engine is made */
    void *scratch, *workspace; /* of whichever node runs */
};

/* Everything about the engine but its memory. PH_UNSUPPORTED, PH_NO_MEMORY, PH_BACKEND. The device must outlive it. */
ph_status ph_cuda_plan_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_cuda_plan **out,
                           ph_error *err);
void ph_cuda_plan_free(ph_cuda_plan *plan); /* device memory too; NULL is fine */
/* Takes the memory and fills it: weights, tables, constants. */
ph_status ph_cuda_plan_make(ph_cuda_plan *plan, ph_error *err);

/* Conveniences of the nodes. */
static inline const ph_cuda_value *ph_cuda_in(const ph_cuda_plan *plan, const ph_cuda_node *node, int k)
{
    return &plan->values[node->in[k]];
}
static inline const ph_cuda_value *ph_cuda_out(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    return &plan->values[node->out];
}
/* The whole batch as rows. For a constant (step 0): one picture's rows. */
ph_cuda_rows ph_cuda_rows_of(const ph_cuda_plan *plan, const ph_cuda_value *value);
/* Of one shape and in memory alike, picture for picture: a constant and a computed value never are. */
bool ph_cuda_alike(const ph_cuda_plan *plan, const ph_cuda_value *a, const ph_cuda_value *b);
/* Dimensions in the order in which a picture of the value stands in memory, and which axis of the tensor stands i-th.
 * The innermost of a LAST value is c, `pitch` apart from the next. Returns the rank. */
int ph_cuda_memory_order(const ph_cuda_plan *plan, const ph_cuda_value *value, int64_t dim[PH_MAX_RANK],
                         int axis_at[PH_MAX_RANK]);
/* Distance in memory between neighbours along each axis of the tensor, within a picture. */
void ph_cuda_strides(const ph_cuda_plan *plan, const ph_cuda_value *value, int64_t stride[PH_MAX_RANK]);

/* "node 'NAME' (Op)" for messages. */
enum { PH_CUDA_NODE_TEXT = 200 };
const char *ph_cuda_node_text(const ph_cuda_node *node, char text[PH_CUDA_NODE_TEXT]);
/* ph_cuda_check and ph_cublas_check with that text. */
ph_status ph_cuda_node_check(const ph_cuda_plan *plan, const ph_cuda_node *node, cudaError_t code, ph_error *err);
ph_status ph_cublas_node_check(const ph_cuda_plan *plan, const ph_cuda_node *node, cublasStatus_t code, ph_error *err);

/* The value type and the arithmetic of products as cuBLAS names them: sums in float, factors rounded for tensor cores
 * with tf32 only. */
static inline cudaDataType_t ph_cublas_type(ph_cuda_type type)
{
    return type == PH_CUDA_FLOAT ? CUDA_R_32F : type == PH_CUDA_HALF ? CUDA_R_16F : CUDA_R_16BF;
}
static inline cublasComputeType_t ph_cublas_compute(const ph_device *device)
{
    return device->precision == PH_PRECISION_TF32   ? CUBLAS_COMPUTE_32F_FAST_TF32
           : device->precision == PH_PRECISION_FP32 ? CUBLAS_COMPUTE_32F_PEDANTIC
                                                    : CUBLAS_COMPUTE_32F;
}

/* Copies to the device while the engine is made ready (waits). */
ph_status ph_cuda_upload(const ph_cuda_plan *plan, void *to, const void *from, size_t bytes, ph_error *err);
/* `count` floats to the device's value type, in host memory: to has count x ph_cuda_type_size bytes. */
void ph_cuda_encode(ph_cuda_type type, const float *from, void *to, int64_t count);

/* The gradient of `out` through y = min(max(x, 0), upper) to `to`, which may be that gradient itself. x as for
 * ph_cuda_relu_backward. */
ph_status ph_cuda_rectify(const ph_cuda_plan *plan, const ph_cuda_node *node, const ph_cuda_value *out, float upper,
                          const void *x, void *to, bool add, ph_relu_mode mode, ph_error *err);

/* Whether the convolution can add a value of its output's shape, its second input then, before its bias and its ReLU:
 * cuDNN has engines for it, for the sum and for the way back. */
ph_status ph_cuda_conv_adds(const ph_cuda_plan *plan, const ph_cuda_node *node, bool relu, bool *adds, ph_error *err);

/* A CONCAT of computed channels, channels last, that is done in one launch each way (join.h). */
bool ph_cuda_is_join(const ph_cuda_plan *plan, const ph_cuda_node *node);

/* How the picture is read in blocks by the first convolution; side 0 when that is none for it (stem.c). Along an axis:
 * by how much its windows begin inside their first block, and how many blocks a window reaches over. */
ph_cuda_block ph_cuda_stem_block(const ph_net *net);
int64_t ph_cuda_stem_shift(const ph_cuda_block *block, const ph_conv_params *p, int axis);
int64_t ph_cuda_stem_kernel(const ph_cuda_block *block, const ph_conv_params *p, int axis);

/* Steps of planning (flow.c, residual.c, memory.c). */
ph_status ph_cuda_plan_flow(ph_cuda_plan *plan, ph_error *err);
bool ph_cuda_is_relu(const ph_cuda_node *node); /* as an operator of its own */
ph_status ph_cuda_plan_residuals(ph_cuda_plan *plan, ph_error *err);
ph_status ph_cuda_plan_memory(ph_cuda_plan *plan, ph_error *err);

extern const ph_cuda_kernel ph_cuda_node_conv, ph_cuda_node_deconv;    /* node_conv.c */
extern const ph_cuda_kernel ph_cuda_node_dense, ph_cuda_node_matmul;   /* node_dense.c, node_matmul.c */
extern const ph_cuda_kernel ph_cuda_node_pool;                         /* node_pool.c */
extern const ph_cuda_kernel ph_cuda_node_lrn, ph_cuda_node_softmax;    /* node_norm.c */
extern const ph_cuda_kernel ph_cuda_node_act, ph_cuda_node_affine;     /* node_act.c */
extern const ph_cuda_kernel ph_cuda_node_binary;                       /* node_binary.c */
extern const ph_cuda_kernel ph_cuda_node_concat, ph_cuda_node_reshape; /* node_concat.c, node_convert.c */
extern const ph_cuda_kernel ph_cuda_node_transpose, ph_cuda_node_pad, ph_cuda_node_slice;    /* node_table.c */
extern const ph_cuda_kernel ph_cuda_node_convert, ph_cuda_node_input, ph_cuda_node_delivery; /* node_convert.c */

#endif
