#include "kernels/cuda/convolution.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/graph_description.h"

#include <stdio.h>
#include <string.h>

enum { MOST_CONFIGS = 128, MOST_NOTES = 16 };

struct ph_conv {
    ph_device *device;
    ph_description description;
    cudnnBackendDescriptor_t plan;
    int64_t workspace;
    ph_conv_task task;
    char engine[256];
};

/* ---- Which engines pass ------------------------------------------------------------------------------------------ */

static bool numerical_note_passes(cudnnBackendNumericalNote_t note, ph_precision precision)
{
    switch (note) {
    case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
    case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
    case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
        return false;
    case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
    case CUDNN_NUMERICAL_NOTE_FFT:
    case CUDNN_NUMERICAL_NOTE_WINOGRAD:
    case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4:
    case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6:
    case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
        return precision != PH_PRECISION_FP32;
    default:
        return true;
    }
}

/* `quick`: tensor cores are asked for, since a precision below strict fp32 is chosen for their sake. */
static bool notes_pass(cudnnBackendDescriptor_t engine, ph_precision precision, bool quick)
{
    bool tensor_core = precision == PH_PRECISION_FP32;
    cudnnBackendNumericalNote_t numerical[MOST_NOTES];
    cudnnBackendBehaviorNote_t behaviour[MOST_NOTES];
    int64_t count = 0;
    if (cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, MOST_NOTES,
                                 &count, numerical) != CUDNN_STATUS_SUCCESS)
        return false;
    for (int64_t i = 0; i < count && i < MOST_NOTES; i++) {
        if (!numerical_note_passes(numerical[i], precision))
            return false;
        tensor_core = tensor_core || numerical[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    }
    if (quick && !tensor_core)
        return false;
    count = 0;
    if (cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE, MOST_NOTES, &count,
                                 behaviour) != CUDNN_STATUS_SUCCESS)
        return false;
    /* The latter as is_left_to_cublas has it. */
    for (int64_t i = 0; i < count && i < MOST_NOTES; i++)
        if (behaviour[i] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION ||
            behaviour[i] == CUDNN_BEHAVIOR_NOTE_CUBLASLT_DEPENDENCY)
            return false;
    return true;
}

/* Sums split over blocks depend on how many blocks there are, so on the number of pictures. On sm_90 the knob WORKSPACE
 * at 0 lets an engine do so for the last tiles, parts of which it keeps in workspace for some numbers of pictures. */
static bool knob_passes(ph_conv_knob k)
{
    switch ((int)k.type) {
    case CUDNN_KNOB_TYPE_WORKSPACE:
        return k.value == 1;
    case CUDNN_KNOB_TYPE_SPLIT_K:
    case CUDNN_KNOB_TYPE_SPLIT_K_BUF:
    case CUDNN_KNOB_TYPE_SPLIT_K_SLC:
    case CUDNN_KNOB_TYPE_STREAM_K:
        return k.value == 1 || k.value == 0;
    default:
        return true;
    }
}

/* Engines that hand the product to cuBLASLt have this knob alone; it chooses its kernel anew for every number of
 * pictures. (cuDNN 9.19 gives engines 39 and 63 no note of that. On an H200 they vary in tf32.) */
static bool is_left_to_cublas(const ph_conv_choice *choice)
{
    return choice->knob_count == 1 && choice->knobs[0].type == CUDNN_KNOB_TYPE_WORKSPACE;
}

/* Reads the knobs of a configuration; false when one does not pass or they cannot be read. */
static bool read_knobs(cudnnBackendDescriptor_t config, ph_conv_choice *choice)
{
    cudnnBackendDescriptor_t knobs[PH_CONV_KNOBS] = {NULL};
    int64_t count = 0;
    int made = 0;
    bool good = true;
    while (good && made < PH_CONV_KNOBS)
        good =
            cudnnBackendCreateDescriptor(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, &knobs[made]) == CUDNN_STATUS_SUCCESS &&
            ++made;
    good = good &&
           cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                    PH_CONV_KNOBS, &count, knobs) == CUDNN_STATUS_SUCCESS &&
           count <= PH_CONV_KNOBS;
    choice->knob_count = good ? (int)count : 0;
    for (int i = 0; good && i < choice->knob_count; i++) {
        ph_conv_knob *k = &choice->knobs[i];
        int64_t got = 0;
        good = cudnnBackendGetAttribute(knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &got,
                                        &k->type) == CUDNN_STATUS_SUCCESS &&
               cudnnBackendGetAttribute(knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, &got,
                                        &k->value) == CUDNN_STATUS_SUCCESS &&
               knob_passes(*k);
    }
    while (made > 0)
        (void)cudnnBackendDestroyDescriptor(knobs[--made]);
    return good && !is_left_to_cublas(choice);
}

static bool config_passes(cudnnBackendDescriptor_t config, ph_precision precision, bool quick, ph_conv_choice *choice)
{
    cudnnBackendDescriptor_t engine = NULL;
    if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) != CUDNN_STATUS_SUCCESS)
        return false;
    int64_t count = 0;
    const bool good = cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                               &count, &engine) == CUDNN_STATUS_SUCCESS &&
                      cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &count,
                                               &choice->engine) == CUDNN_STATUS_SUCCESS &&
                      notes_pass(engine, precision, quick) && read_knobs(config, choice);
    (void)cudnnBackendDestroyDescriptor(engine);
    return good;
}

/* ---- From a choice to a plan ------------------------------------------------------------------------------------- */

static int64_t workspace_cap(const ph_conv_shape *s, ph_cuda_type type, int64_t pictures)
{
    const int64_t values =
        pictures * (s->channels * s->height * s->width + s->out_channels * s->out_height * s->out_width);
    return (INT64_C(64) << 20) + 2 * values * (int64_t)ph_cuda_type_size(type);
}

static cudnnBackendDescriptor_t engine_config(ph_conv *conv, cudnnBackendDescriptor_t graph,
                                              const ph_conv_choice *choice)
{
    ph_description *d = &conv->description;
    cudnnBackendDescriptor_t engine = ph_describe(d, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    ph_describe_link(d, engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph);
    ph_describe_set(d, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &choice->engine);
    ph_describe_link(d, engine, CUDNN_ATTR_ENGINE_DEVICEPROP, conv->device->properties);
    ph_describe_end(d, engine);
    cudnnBackendDescriptor_t config = ph_describe(d, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    ph_describe_link(d, config, CUDNN_ATTR_ENGINECFG_ENGINE, engine);
    ph_description knobs = {.count = 0};
    cudnnBackendDescriptor_t list[PH_CONV_KNOBS];
    for (int i = 0; i < choice->knob_count; i++) {
        if (knobs.count == PH_CUDNN_DESCRIPTORS)
            d->status = CUDNN_STATUS_NOT_SUPPORTED;
        list[i] = ph_describe(&knobs, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
        ph_describe_set(&knobs, list[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1,
                        &choice->knobs[i].type);
        ph_describe_set(&knobs, list[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1,
                        &choice->knobs[i].value);
        ph_describe_end(&knobs, list[i]);
    }
    if (d->status == CUDNN_STATUS_SUCCESS)
        d->status = knobs.status;
    if (choice->knob_count)
        ph_describe_set(d, config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR, choice->knob_count,
                        list);
    ph_describe_end(d, config);
    ph_description_free(&knobs);
    return config;
}

static void write_engine(ph_conv *conv, const ph_conv_choice *choice)
{
    size_t used = (size_t)snprintf(conv->engine, sizeof conv->engine, "%lld:", (long long)choice->engine);
    for (int i = 0; i < choice->knob_count && used < sizeof conv->engine; i++)
        used += (size_t)snprintf(conv->engine + used, sizeof conv->engine - used, "%s%d=%lld", i ? "," : "",
                                 (int)choice->knobs[i].type, (long long)choice->knobs[i].value);
}

/* Builds the plan; false when this engine cannot do it or takes too much workspace. */
static bool build(ph_conv *conv, const ph_conv_choice *choice, int64_t pictures)
{
    ph_device *device = conv->device;
    ph_description *d = &conv->description;
    cudnnBackendDescriptor_t graph = ph_describe_convolution(d, &choice->shape, device->type, pictures);
    cudnnBackendDescriptor_t config = engine_config(conv, graph, choice);
    conv->plan = ph_describe(d, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    ph_describe_link(d, conv->plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
    if (device->cudnn)
        ph_describe_set(d, conv->plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &device->cudnn);
    else
        ph_describe_link(d, conv->plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, device->properties);
    ph_describe_end(d, conv->plan);
    int64_t count = 0;
    if (d->status == CUDNN_STATUS_SUCCESS)
        d->status = cudnnBackendGetAttribute(conv->plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                             &count, &conv->workspace);
    write_engine(conv, choice);
    return d->status == CUDNN_STATUS_SUCCESS &&
           conv->workspace <= workspace_cap(&choice->shape, device->type, pictures);
}

/* ---- Choosing ---------------------------------------------------------------------------------------------------- */

/* True when the choice can be built at the canonical number of pictures. */
static bool works(ph_device *device, const ph_conv_choice *choice)
{
    ph_conv conv = {.device = device};
    const bool good = build(&conv, choice, ph_conv_canonical(&choice->shape));
    ph_description_free(&conv.description);
    return good;
}

int64_t ph_conv_canonical(const ph_conv_shape *s)
{
    const int64_t in = s->channels * s->height * s->width, out = s->out_channels * s->out_height * s->out_width;
    int64_t pictures = 128;
    while (pictures > 1 && pictures * (in > out ? in : out) > INT32_MAX)
        pictures /= 2;
    return pictures;
}

/* cuDNN's suggestions of one mode, best first: those that pass and work, at most `most`; returns how many. Engine 0,
 * which does everything slowly, is taken only when speed does not matter any more. */
static int collect(ph_device *device, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode, bool quick,
                   const ph_conv_shape *shape, ph_conv_choice *choices, int most)
{
    ph_description d = {.count = 0};
    cudnnBackendDescriptor_t heuristics = ph_describe(&d, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    ph_describe_link(&d, heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    ph_describe_set(&d, heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    ph_describe_link(&d, heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, device->properties);
    ph_describe_end(&d, heuristics);
    cudnnBackendDescriptor_t configs[MOST_CONFIGS] = {NULL};
    int64_t made = 0, count = 0;
    while (d.status == CUDNN_STATUS_SUCCESS && made < MOST_CONFIGS) {
        d.status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &configs[made]);
        made += d.status == CUDNN_STATUS_SUCCESS;
    }
    if (d.status == CUDNN_STATUS_SUCCESS)
        d.status = cudnnBackendGetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                            MOST_CONFIGS, &count, configs);
    int found = 0;
    for (int64_t i = 0; d.status == CUDNN_STATUS_SUCCESS && found < most && i < count && i < made; i++) {
        choices[found].shape = *shape;
        found += config_passes(configs[i], device->precision, quick, &choices[found]) &&
                 (!quick || choices[found].engine != 0) && works(device, &choices[found]);
    }
    while (made > 0)
        (void)cudnnBackendDestroyDescriptor(configs[--made]);
    ph_description_free(&d);
    return found;
}

int ph_conv_candidates(ph_device *device, const ph_conv_shape *shape, int64_t pictures, ph_conv_choice *choices,
                       int most)
{
    static const cudnnBackendHeurMode_t modes[] = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
    ph_description d = {.count = 0};
    cudnnBackendDescriptor_t graph = ph_describe_convolution(&d, shape, device->type, pictures);
    int found = 0;
    for (int attempt = 0; graph && !found && attempt < 4; attempt++)
        found = collect(device, graph, modes[attempt % 2], attempt < 2, shape, choices, most);
    ph_description_free(&d);
    return found;
}

static bool same_shape(const ph_conv_shape *a, const ph_conv_shape *b)
{
    bool same = a->task == b->task && a->channels == b->channels && a->out_channels == b->out_channels &&
                a->groups == b->groups && a->height == b->height && a->width == b->width &&
                a->out_height == b->out_height && a->out_width == b->out_width;
    for (int i = 0; i < 2; i++)
        same = same && a->kernel[i] == b->kernel[i] && a->stride[i] == b->stride[i] &&
               a->dilation[i] == b->dilation[i] && a->pad_begin[i] == b->pad_begin[i] && a->pad_end[i] == b->pad_end[i];
    return same;
}

static const ph_conv_choice *known_choice(const ph_device *device, const ph_conv_shape *shape)
{
    for (size_t i = 0; i < device->choice_count; i++)
        if (same_shape(&device->choices[i].shape, shape))
            return &device->choices[i];
    return NULL;
}

/* A residual is added by the engine that the convolution has without it, or not at all. */
static bool choose(ph_device *device, const ph_conv_shape *shape, ph_conv_choice *choice)
{
    ph_conv_shape plain = *shape;
    if (ph_conv_is_residual(shape->task))
        plain.task = ph_conv_has_relu(shape->task) ? PH_CONV_FORWARD_RELU : PH_CONV_FORWARD;
    const ph_conv_choice *known = known_choice(device, &plain);
    if (known)
        *choice = *known;
    else if (!ph_conv_candidates(device, &plain, ph_conv_canonical(&plain), choice, 1))
        return false;
    choice->shape = *shape;
    return plain.task == shape->task || works(device, choice);
}

/* The choice for a shape, made when it is first asked for. NULL: *status says why. */
static const ph_conv_choice *find_choice(ph_device *device, const ph_conv_shape *shape, ph_status *status,
                                         ph_error *err)
{
    const ph_conv_choice *known = known_choice(device, shape);
    if (known)
        return known;
    void *choices = device->choices;
    if (ph_grow(&choices, device->choice_count, &device->choice_capacity, sizeof *device->choices)) {
        *status = ph_fail_memory(err, sizeof *device->choices, "the engine of a convolution");
        return NULL;
    }
    device->choices = choices;
    ph_conv_choice *choice = &device->choices[device->choice_count];
    memset(choice, 0, sizeof *choice);
    if (!choose(device, shape, choice)) {
        *status = ph_fail(err, PH_UNSUPPORTED,
                          "cuDNN has no deterministic engine for a convolution of %lldx%lldx%lld by %lldx%lld",
                          (long long)shape->channels, (long long)shape->height, (long long)shape->width,
                          (long long)shape->kernel[0], (long long)shape->kernel[1]);
        return NULL;
    }
    device->choice_count++;
    return choice;
}

void ph_cuda_choices_free(ph_device *device)
{
    ph_free(device->choices);
    device->choices = NULL;
    device->choice_count = device->choice_capacity = 0;
}

/* ---- The convolution --------------------------------------------------------------------------------------------- */

ph_status ph_conv_build(ph_device *device, const ph_conv_choice *choice, int64_t pictures, ph_conv **out, ph_error *err)
{
    *out = NULL;
    ph_conv *conv = ph_alloc(1, sizeof *conv);
    if (!conv)
        return ph_fail_memory(err, sizeof *conv, "a convolution");
    conv->device = device;
    conv->task = choice->shape.task;
    if (build(conv, choice, pictures)) {
        *out = conv;
        return PH_OK;
    }
    const cudnnStatus_t why = conv->description.status;
    const int64_t workspace = conv->workspace;
    ph_conv_free(conv);
    if (why != CUDNN_STATUS_SUCCESS)
        return ph_cudnn_check(device, why, "planning a convolution", err);
    return ph_fail(err, PH_NO_MEMORY,
                   "cuda: a convolution of %lld pictures wants %lld MiB of workspace: use a smaller batch",
                   (long long)pictures, (long long)(workspace >> 20));
}

ph_status ph_conv_new(ph_device *device, const ph_conv_shape *shape, int64_t pictures, ph_conv **out, ph_error *err)
{
    *out = NULL;
    ph_status status = PH_OK;
    const ph_conv_choice *choice = find_choice(device, shape, &status, err);
    return choice ? ph_conv_build(device, choice, pictures, out, err) : status;
}

ph_status ph_conv_find(ph_device *device, const ph_conv_shape *shape, ph_error *err)
{
    ph_status status = PH_OK;
    (void)find_choice(device, shape, &status, err);
    return status;
}

void ph_conv_free(ph_conv *conv)
{
    if (!conv)
        return;
    ph_description_free(&conv->description);
    ph_free(conv);
}

int64_t ph_conv_workspace(const ph_conv *conv)
{
    return conv->workspace;
}

const char *ph_conv_engine(const ph_conv *conv)
{
    return conv->engine;
}

ph_status ph_conv_run(const ph_conv *conv, void *x, void *w, void *bias, void *z, void *y, void *workspace,
                      ph_error *err)
{
    ph_device *device = conv->device;
    const int64_t uids[5] = {PH_UID_X, PH_UID_W, PH_UID_Y, PH_UID_BIAS, PH_UID_Z};
    void *pointers[5] = {x, w, y, bias, z};
    const int64_t count = ph_conv_is_residual(conv->task) ? 5 : ph_conv_is_forward(conv->task) ? 4 : 3;
    ph_description d = {.count = 0};
    cudnnBackendDescriptor_t pack = ph_describe(&d, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    ph_describe_set(&d, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, uids);
    ph_describe_set(&d, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointers);
    ph_describe_set(&d, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    ph_describe_end(&d, pack);
    if (d.status == CUDNN_STATUS_SUCCESS)
        d.status = cudnnBackendExecute(device->cudnn, conv->plan, pack);
    const cudnnStatus_t status = d.status;
    ph_description_free(&d);
    return ph_cudnn_check(device, status, "a convolution", err);
}
