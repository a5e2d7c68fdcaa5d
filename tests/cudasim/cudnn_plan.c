/* From the descriptors of a finished plan to what it computes. */
#include "cudnn.h"

#include <stdlib.h>
#include <string.h>

static sim_type type_of(cudnnDataType_t type)
{
    switch ((int)type) {
    case CUDNN_DATA_FLOAT:
        return SIM_FLOAT;
    case CUDNN_DATA_HALF:
        return SIM_HALF;
    case CUDNN_DATA_BFLOAT16:
        return SIM_BFLOAT;
    default:
        sim_die("cuDNN: tensors of data type %d are not simulated", (int)type);
    }
}

/* The same descriptor, or another of the same unique id, is the same tensor. */
static int add_tensor(sim_plan *plan, const sim_descriptor *d)
{
    sim_tensor t = {.uid = *(const int64_t *)sim_attribute_value(d, CUDNN_ATTR_TENSOR_UNIQUE_ID, 1)};
    for (int i = 0; i < plan->tensor_count; i++)
        if (plan->tensors[i].uid == t.uid)
            return i;
    t.type = type_of(*(const cudnnDataType_t *)sim_attribute_value(d, CUDNN_ATTR_TENSOR_DATA_TYPE, 1));
    if (sim_attribute_count(d, CUDNN_ATTR_TENSOR_DIMENSIONS) != 4)
        sim_die("cuDNN: only tensors of four dimensions are simulated");
    memcpy(t.dim, sim_attribute_value(d, CUDNN_ATTR_TENSOR_DIMENSIONS, 4), sizeof t.dim);
    memcpy(t.stride, sim_attribute_value(d, CUDNN_ATTR_TENSOR_STRIDES, 4), sizeof t.stride);
    t.alignment = *(const int64_t *)sim_attribute_value(d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, 1);
    if (sim_attribute_count(d, CUDNN_ATTR_TENSOR_IS_VIRTUAL))
        t.is_virtual = *(const bool *)sim_attribute_value(d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, 1);
    if (plan->tensor_count == SIM_TENSORS)
        sim_die("cuDNN: an operation graph of more than %d tensors", SIM_TENSORS);
    plan->tensors[plan->tensor_count] = t;
    return plan->tensor_count++;
}

static int tensor(sim_plan *plan, const sim_descriptor *operation, cudnnBackendAttributeName_t name)
{
    return sim_attribute_count(operation, name) ? add_tensor(plan, sim_attribute_link(operation, name)) : -1;
}

static float number(const sim_descriptor *d, cudnnBackendAttributeName_t name)
{
    return *(const float *)sim_attribute_value(d, name, 1);
}

static void read_window(sim_operation *op, const sim_descriptor *convolution)
{
    const cudnnConvolutionMode_t mode =
        *(const cudnnConvolutionMode_t *)sim_attribute_value(convolution, CUDNN_ATTR_CONVOLUTION_CONV_MODE, 1);
    const cudnnDataType_t sums =
        *(const cudnnDataType_t *)sim_attribute_value(convolution, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, 1);
    if (mode != CUDNN_CROSS_CORRELATION || sums != CUDNN_DATA_FLOAT)
        sim_die("cuDNN: only cross-correlations with sums in float are simulated");
    memcpy(op->pad, sim_attribute_value(convolution, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 2), sizeof op->pad);
    memcpy(op->stride, sim_attribute_value(convolution, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 2), sizeof op->stride);
    memcpy(op->dilation, sim_attribute_value(convolution, CUDNN_ATTR_CONVOLUTION_DILATIONS, 2), sizeof op->dilation);
}

static void read_pointwise(sim_plan *plan, sim_operation *op, const sim_descriptor *d)
{
    const sim_descriptor *how = sim_attribute_link(d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
    const cudnnPointwiseMode_t mode =
        *(const cudnnPointwiseMode_t *)sim_attribute_value(how, CUDNN_ATTR_POINTWISE_MODE, 1);
    const cudnnDataType_t precision =
        *(const cudnnDataType_t *)sim_attribute_value(how, CUDNN_ATTR_POINTWISE_MATH_PREC, 1);
    if (mode != CUDNN_POINTWISE_ADD && mode != CUDNN_POINTWISE_RELU_FWD)
        sim_die("cuDNN: pointwise mode %d is not simulated", (int)mode);
    if (precision != CUDNN_DATA_FLOAT || sim_attribute_count(d, CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1) ||
        sim_attribute_count(d, CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2))
        sim_die("cuDNN: only pointwise operations in float and without factors are simulated");
    op->kind = mode == CUDNN_POINTWISE_ADD ? SIM_ADD : SIM_RELU;
    op->x = tensor(plan, d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC);
    op->b = tensor(plan, d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
    op->y = tensor(plan, d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC);
}

static void read_operation(sim_plan *plan, sim_operation *op, const sim_descriptor *d)
{
    switch ((int)d->type) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
        op->kind = SIM_FORWARD;
        op->x = tensor(plan, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X);
        op->b = tensor(plan, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W);
        op->y = tensor(plan, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y);
        op->alpha = number(d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA);
        op->beta = number(d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA);
        read_window(op, sim_attribute_link(d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC));
        return;
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
        op->kind = SIM_BACKWARD;
        op->x = tensor(plan, d, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX);
        op->b = tensor(plan, d, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W);
        op->y = tensor(plan, d, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY);
        op->alpha = number(d, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA);
        op->beta = number(d, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA);
        read_window(op, sim_attribute_link(d, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC));
        return;
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
        read_pointwise(plan, op, d);
        return;
    default:
        sim_die("cuDNN: operations of type %d are not simulated", (int)d->type);
    }
}

/* The operation graph stands behind the heuristics that a configuration came from, or behind its engine. */
static const sim_descriptor *graph_of(const sim_descriptor *config)
{
    while (config) {
        if (config->type == CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
            return sim_attribute_link(config, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
        if (sim_attribute_count(config, CUDNN_ATTR_ENGINE_OPERATION_GRAPH))
            return sim_attribute_link(config, CUDNN_ATTR_ENGINE_OPERATION_GRAPH);
        config = config->source ? config->source : sim_attribute_link(config, CUDNN_ATTR_ENGINECFG_ENGINE);
    }
    sim_die("cuDNN: no operation graph behind an engine");
}

/* Every result but the last stays in the engine, in float; what comes from memory has one type. */
static void check_types(const sim_plan *plan)
{
    const sim_type type = plan->tensors[plan->operations[0].x].type;
    for (int t = 0; t < plan->tensor_count; t++)
        if (plan->tensors[t].type != (plan->tensors[t].is_virtual ? SIM_FLOAT : type))
            sim_die("cuDNN: tensor %lld is of another type than the rest", (long long)plan->tensors[t].uid);
    for (int o = 0; o < plan->operation_count; o++) {
        const sim_operation *op = &plan->operations[o];
        const sim_tensor *result = &plan->tensors[op->kind == SIM_BACKWARD ? op->x : op->y];
        if (result->is_virtual == (o == plan->operation_count - 1))
            sim_die("cuDNN: only the last of several results stands in memory");
    }
}

/* What the engine says of itself. */
static void read_notes(sim_plan *plan, cudnnBackendDescriptor_t config)
{
    const sim_cudnn_library *real = sim_cudnn();
    cudnnBackendDescriptor_t engine = NULL;
    cudnnBackendNumericalNote_t numerical[16];
    cudnnBackendBehaviorNote_t behaviour[16];
    int64_t count = 0;
    if (real->create(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) != CUDNN_STATUS_SUCCESS ||
        real->get(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &engine) !=
            CUDNN_STATUS_SUCCESS ||
        real->get(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, 16, &count, numerical) !=
            CUDNN_STATUS_SUCCESS)
        sim_die("cuDNN: the engine of a plan cannot be asked for its notes");
    for (int64_t i = 0; i < count; i++) {
        if (numerical[i] == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)
            plan->forbidden = "gives other bits each time";
        if (numerical[i] == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION)
            plan->forbidden = "adds up in half precision";
        if (numerical[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)
            plan->forbidden = "rounds its inputs to half precision";
        if (numerical[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE)
            plan->tf32 = true;
    }
    if (real->get(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE, 16, &count, behaviour) !=
        CUDNN_STATUS_SUCCESS)
        count = 0;
    for (int64_t i = 0; i < count; i++)
        if (behaviour[i] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION)
            plan->forbidden = "is compiled at run time";
    real->destroy(engine);
}

/* Sums that are split over blocks depend on how many blocks there are, so on the neighbours in the batch. */
static void read_knobs(sim_plan *plan, cudnnBackendDescriptor_t config)
{
    enum { MOST = 64 };
    const sim_cudnn_library *real = sim_cudnn();
    cudnnBackendDescriptor_t knobs[MOST];
    int64_t count = 0, got = 0, made = 0;
    while (made < MOST && real->create(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, &knobs[made]) == CUDNN_STATUS_SUCCESS)
        made++;
    if (real->get(config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR, made, &count, knobs) !=
        CUDNN_STATUS_SUCCESS)
        count = 0;
    for (int64_t i = 0; i < count && i < made; i++) {
        cudnnBackendKnobType_t type;
        int64_t value = 0;
        if (real->get(knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &got, &type) ||
            real->get(knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, &got, &value))
            sim_die("cuDNN: a plan does not tell its knobs");
        if ((type == CUDNN_KNOB_TYPE_SPLIT_K_BUF || type == CUDNN_KNOB_TYPE_SPLIT_K_SLC ||
             type == CUDNN_KNOB_TYPE_STREAM_K) &&
            value != 0 && value != 1)
            plan->forbidden = "splits its sums over blocks";
    }
    while (made > 0)
        real->destroy(knobs[--made]);
}

sim_plan *sim_plan_new(const sim_descriptor *d)
{
    sim_plan *plan = sim_new(sizeof *plan);
    plan->owners = 1;
    const sim_descriptor *config = sim_attribute_link(d, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
    const sim_descriptor *graph = graph_of(config);
    const int64_t count = sim_attribute_count(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS);
    sim_descriptor *const *operations = sim_attribute_value(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, 1);
    if (count > SIM_OPERATIONS)
        sim_die("cuDNN: an operation graph of more than %d operations", SIM_OPERATIONS);
    for (int64_t i = 0; i < count; i++)
        read_operation(plan, &plan->operations[plan->operation_count++], operations[i]);
    check_types(plan);
    int64_t got = 0;
    if (sim_cudnn()->get(d->real, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &got,
                         &plan->workspace) != CUDNN_STATUS_SUCCESS)
        sim_die("cuDNN: a plan does not tell its workspace");
    read_notes(plan, config->real);
    read_knobs(plan, config->real);
    return plan;
}

void sim_plan_drop(sim_plan *plan)
{
    if (!plan || --plan->owners)
        return;
    sim_forget(plan);
    free(plan);
}
