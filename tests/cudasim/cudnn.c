#include "cudnn.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A description by hand: name, compute capability, multiprocessors, shared memory, blocks and threads of each, cache.
 * cuDNN chooses by it as by the card itself. */
#define CARD(name, version, sms, shared, reserved, blocks, threads, cache)                                             \
    "{\"deviceName\":\"" name "\",\"cudaDeviceId\":0,\"deviceVer\":" version ",\"driverVer\":13000,"                   \
    "\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,"                 \
    "\"multiProcessorCount\":" sms ",\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,"                               \
    "\"maxSharedMemoryPerBlockOptin\":" shared ",\"reservedSharedMemoryPerBlock\":" reserved                           \
    ",\"maxRegistersPerSM\":65536,\"maxCtasPerSM\":" blocks                                                            \
    ",\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":" threads                                                        \
    ",\"pciDeviceId\":0,\"isTccDriver\":0,\"supportCoopLaunch\":1,\"totalGlobalMem\":16000000000,"                     \
    "\"smClockRateKHz\":1500000,\"memClockRateKHz\":3000000,\"l2CacheSize\":" cache "}"

static const char *description(void)
{
    switch (sim.compute) {
    case 75:
        return CARD("Tesla T4", "750", "40", "65536", "0", "16", "1024", "4194304");
    case 80:
        return CARD("NVIDIA A100", "800", "108", "166912", "1024", "32", "2048", "41943040");
    case 90:
        return CARD("NVIDIA H200", "900", "132", "232448", "1024", "32", "2048", "62914560");
    case 120:
        return CARD("NVIDIA GeForce RTX 5090", "1200", "170", "101376", "1024", "24", "1536", "100663296");
    default:
        sim_die("setting compute=%d: known are 75, 80, 90 and 120", sim.compute);
    }
}

/* ---- the real library ---------------------------------------------------------------------------------------------
 */

static void find(void *library, const char *name, void *function, size_t size)
{
    void *symbol = dlsym(library, name);
    if (!symbol)
        sim_die("%s is not in libcudnn_graph: %s", name, dlerror());
    memcpy(function, &symbol, size); /* ISO C has no cast for this */
}

static sim_cudnn_library library;

/* What the library keeps for itself is not the program's leak. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static cudnnStatus_t overlook(bool begin, cudnnStatus_t status)
{
    void (*const call)(void) = begin ? __lsan_disable : __lsan_enable;
    if (call)
        call();
    return status;
}

static cudnnStatus_t real_create(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *descriptor)
{
    overlook(true, CUDNN_STATUS_SUCCESS);
    return overlook(false, library.create(type, descriptor));
}

static cudnnStatus_t real_finalize(cudnnBackendDescriptor_t descriptor)
{
    overlook(true, CUDNN_STATUS_SUCCESS);
    return overlook(false, library.finalize(descriptor));
}

static cudnnStatus_t real_set(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                              cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
    overlook(true, CUDNN_STATUS_SUCCESS);
    return overlook(false, library.set(descriptor, name, type, count, value));
}

static cudnnStatus_t real_get(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                              cudnnBackendAttributeType_t type, int64_t wanted, int64_t *count, void *value)
{
    overlook(true, CUDNN_STATUS_SUCCESS);
    return overlook(false, library.get(descriptor, name, type, wanted, count, value));
}

static void load(void)
{
    overlook(true, CUDNN_STATUS_SUCCESS);
    void *handle = dlopen(SIM_CUDNN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        sim_die("%s", dlerror());
    find(handle, "cudnnGetVersion", &library.version, sizeof library.version);
    find(handle, "cudnnGetErrorString", &library.error_string, sizeof library.error_string);
    find(handle, "cudnnGetLastErrorString", &library.last_error, sizeof library.last_error);
    find(handle, "cudnnBackendCreateDescriptor", &library.create, sizeof library.create);
    find(handle, "cudnnBackendDestroyDescriptor", &library.destroy, sizeof library.destroy);
    find(handle, "cudnnBackendFinalize", &library.finalize, sizeof library.finalize);
    find(handle, "cudnnBackendSetAttribute", &library.set, sizeof library.set);
    find(handle, "cudnnBackendGetAttribute", &library.get, sizeof library.get);
    overlook(false, CUDNN_STATUS_SUCCESS);
}

const sim_cudnn_library *sim_cudnn(void)
{
    static sim_cudnn_library real;
    if (!library.get) {
        load();
        real = (sim_cudnn_library){library.version, library.error_string, library.last_error, real_create,
                                   library.destroy, real_finalize,        real_set,           real_get};
    }
    return &real;
}

size_t cudnnGetVersion(void)
{
    return sim_cudnn()->version();
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
    return sim_cudnn()->error_string(status);
}

void cudnnGetLastErrorString(char *message, size_t size)
{
    sim_cudnn()->last_error(message, size);
}

/* ---- handles ------------------------------------------------------------------------------------------------------
 */

struct cudnnContext {
    cudaStream_t stream;
};

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
    const int code = sim_call("cudnnCreate", CUDNN_STATUS_INTERNAL_ERROR);
    if (code || !sim_usable())
        return code ? (cudnnStatus_t)code : CUDNN_STATUS_NOT_INITIALIZED;
    sim_not_recording("cudnnCreate");
    *handle = sim_new(sizeof **handle);
    sim_born(*handle, "cuDNN handle", free);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
    const int code = sim_call("cudnnDestroy", CUDNN_STATUS_INTERNAL_ERROR);
    sim_not_recording("cudnnDestroy");
    sim_dies(handle, "cuDNN handle", "cudnnDestroy");
    free(handle);
    return (cudnnStatus_t)code;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
    const int code = sim_call("cudnnSetStream", CUDNN_STATUS_INTERNAL_ERROR);
    sim_alive(handle, "cuDNN handle", "cudnnSetStream");
    sim_alive(stream, "stream", "cudnnSetStream");
    if (!code)
        handle->stream = stream;
    return (cudnnStatus_t)code;
}

/* ---- descriptors --------------------------------------------------------------------------------------------------
 */

static const uint64_t ALIVE = 0x63756473696d3161, DEAD = 0x63756473696d3164;

struct sim_attribute {
    cudnnBackendAttributeName_t name;
    cudnnBackendAttributeType_t type;
    int64_t count;
    void *value;
    sim_attribute *next;
};

static size_t element_size(cudnnBackendAttributeType_t type)
{
    switch (type) {
    case CUDNN_TYPE_BOOLEAN:
    case CUDNN_TYPE_CHAR:
        return 1;
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_DOUBLE:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR:
        return 8;
    default:
        return 4;
    }
}

static sim_descriptor *alive(cudnnBackendDescriptor_t descriptor, const char *function)
{
    sim_descriptor *d = descriptor;
    if (!d || d->magic != ALIVE)
        sim_die("%s: %p is no descriptor, or one that was destroyed", function, (void *)d);
    return d;
}

static void release(sim_descriptor *d)
{
    if (--d->owners)
        return;
    for (sim_attribute *a = d->attributes, *next; a; a = next) {
        next = a->next;
        if (a->type == CUDNN_TYPE_BACKEND_DESCRIPTOR)
            for (int64_t i = 0; i < a->count; i++)
                release(((sim_descriptor **)a->value)[i]);
        free(a->value);
        free(a);
    }
    if (d->source)
        release(d->source);
    sim_plan_drop(d->plan);
    free(d);
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *descriptor)
{
    const int code = sim_call("cudnnBackendCreateDescriptor", CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED);
    if (code)
        return (cudnnStatus_t)code;
    cudnnBackendDescriptor_t real = NULL;
    const cudnnStatus_t status = sim_cudnn()->create(type, &real);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    sim_descriptor *d = sim_new(sizeof *d);
    d->magic = ALIVE;
    d->type = type;
    d->real = real;
    d->owners = 1;
    sim.counts.live++;
    *descriptor = d;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
{
    const int code = sim_call("cudnnBackendDestroyDescriptor", CUDNN_STATUS_INTERNAL_ERROR);
    sim_descriptor *d = alive(descriptor, "cudnnBackendDestroyDescriptor");
    const cudnnStatus_t status = sim_cudnn()->destroy(d->real);
    d->magic = DEAD;
    sim.counts.live--;
    release(d);
    return code ? (cudnnStatus_t)code : status;
}

static void remember(sim_descriptor *d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                     int64_t count, const void *value)
{
    sim_attribute *a = sim_new(sizeof *a);
    *a = (sim_attribute){name, type, count, sim_new((size_t)count * element_size(type)), d->attributes};
    memcpy(a->value, value, (size_t)count * element_size(type));
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR)
        for (int64_t i = 0; i < count; i++)
            ((sim_descriptor *const *)value)[i]->owners++;
    d->attributes = a;
}

/* Descriptors are handed on as the real ones; a handle becomes a description of the card, so does its number. */
static cudnnStatus_t set_real(const sim_descriptor *d, cudnnBackendAttributeName_t name,
                              cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
    const sim_cudnn_library *real = sim_cudnn();
    if (name == CUDNN_ATTR_DEVICEPROP_DEVICE_ID)
        return real->set(d->real, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                         (int64_t)strlen(description()), description());
    if (type == CUDNN_TYPE_HANDLE) {
        sim_alive(*(cudnnHandle_t const *)value, "cuDNN handle", "cudnnBackendSetAttribute");
        cudnnBackendDescriptor_t card = NULL;
        cudnnStatus_t status = real->create(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &card);
        if (status == CUDNN_STATUS_SUCCESS)
            status = real->set(card, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                               (int64_t)strlen(description()), description());
        if (status == CUDNN_STATUS_SUCCESS)
            status = real->finalize(card);
        if (status == CUDNN_STATUS_SUCCESS)
            status = real->set(d->real, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &card);
        if (card)
            real->destroy(card);
        return status;
    }
    if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR)
        return real->set(d->real, name, type, count, value);
    cudnnBackendDescriptor_t reals[128];
    if (count > 128)
        sim_die("cudnnBackendSetAttribute: %lld descriptors at once", (long long)count);
    for (int64_t i = 0; i < count; i++) {
        const sim_descriptor *child = alive(((cudnnBackendDescriptor_t const *)value)[i], "cudnnBackendSetAttribute");
        if (!child->finalized)
            sim_die("cudnnBackendSetAttribute: attribute %d refers to a descriptor (type %d) that is not finalized",
                    (int)name, (int)child->type);
        reals[i] = child->real;
    }
    return real->set(d->real, name, type, count, reals);
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
    const int code = sim_call("cudnnBackendSetAttribute", CUDNN_STATUS_INTERNAL_ERROR);
    if (code)
        return (cudnnStatus_t)code;
    sim_descriptor *d = alive(descriptor, "cudnnBackendSetAttribute");
    if (d->finalized)
        sim_die("cudnnBackendSetAttribute: attribute %d of a descriptor (type %d) that is finalized", (int)name,
                (int)d->type);
    if (!value || count < 1)
        sim_die("cudnnBackendSetAttribute: attribute %d without a value", (int)name);
    const cudnnStatus_t status = set_real(d, name, type, count, value);
    if (status == CUDNN_STATUS_SUCCESS)
        remember(d, name, type, count, value);
    return status;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t wanted, int64_t *count, void *value)
{
    const int code = sim_call("cudnnBackendGetAttribute", CUDNN_STATUS_INTERNAL_ERROR);
    if (code)
        return (cudnnStatus_t)code;
    sim_descriptor *d = alive(descriptor, "cudnnBackendGetAttribute");
    if (!d->finalized)
        sim_die("cudnnBackendGetAttribute: attribute %d of a descriptor (type %d) that is not finalized", (int)name,
                (int)d->type);
    if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR || !value)
        return sim_cudnn()->get(d->real, name, type, wanted, count, value);
    cudnnBackendDescriptor_t *children = value;
    cudnnBackendDescriptor_t reals[256];
    if (wanted > 256)
        sim_die("cudnnBackendGetAttribute: %lld descriptors at once", (long long)wanted);
    for (int64_t i = 0; i < wanted; i++)
        reals[i] = alive(children[i], "cudnnBackendGetAttribute")->real;
    const cudnnStatus_t status = sim_cudnn()->get(d->real, name, type, wanted, count, reals);
    for (int64_t i = 0; status == CUDNN_STATUS_SUCCESS && i < *count && i < wanted; i++) {
        sim_descriptor *child = children[i];
        child->finalized = true;
        if (child->source)
            release(child->source);
        child->source = d;
        d->owners++;
    }
    return status;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
{
    const int code = sim_call("cudnnBackendFinalize", CUDNN_STATUS_NOT_SUPPORTED);
    if (code)
        return (cudnnStatus_t)code;
    sim_descriptor *d = alive(descriptor, "cudnnBackendFinalize");
    if (d->finalized)
        sim_die("cudnnBackendFinalize: a descriptor (type %d) is finalized twice", (int)d->type);
    if (d->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR)
        sim_not_recording("cudnnBackendFinalize of a plan");
    const cudnnStatus_t status = sim_cudnn()->finalize(d->real);
    d->finalized = status == CUDNN_STATUS_SUCCESS;
    if (d->finalized && d->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR)
        d->plan = sim_plan_new(d);
    return status;
}

static const sim_attribute *attribute(const sim_descriptor *d, cudnnBackendAttributeName_t name)
{
    for (const sim_attribute *a = d->attributes; a; a = a->next)
        if (a->name == name)
            return a;
    return NULL;
}

int64_t sim_attribute_count(const sim_descriptor *d, cudnnBackendAttributeName_t name)
{
    const sim_attribute *a = attribute(d, name);
    return a ? a->count : 0;
}

const void *sim_attribute_value(const sim_descriptor *d, cudnnBackendAttributeName_t name, int64_t count)
{
    const sim_attribute *a = attribute(d, name);
    if (!a || a->count < count)
        sim_die("cuDNN: attribute %d of a descriptor of type %d has %lld of %lld values", (int)name, (int)d->type,
                a ? (long long)a->count : 0, (long long)count);
    return a->value;
}

sim_descriptor *sim_attribute_link(const sim_descriptor *d, cudnnBackendAttributeName_t name)
{
    return *(sim_descriptor *const *)sim_attribute_value(d, name, 1);
}

/* ---- execution ----------------------------------------------------------------------------------------------------
 */

typedef struct execution {
    sim_plan *plan;
    void *memory[SIM_TENSORS], *workspace;
} execution;

static void run(void *state)
{
    const execution *e = state;
    sim_plan_run(e->plan, e->memory, e->workspace);
    sim.counts.library++;
}

static void free_execution(void *state)
{
    sim_plan_drop(((execution *)state)->plan);
    free(state);
}

static void find_memory(execution *e, const sim_descriptor *pack)
{
    const int64_t count = sim_attribute_count(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
    const int64_t *uids = sim_attribute_value(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, 1);
    void *const *pointers = sim_attribute_value(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, count);
    if (sim_attribute_count(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS) != count)
        sim_die("cudnnBackendExecute: %lld tensors and another number of pointers", (long long)count);
    for (int t = 0; t < e->plan->tensor_count; t++) {
        const sim_tensor *tensor = &e->plan->tensors[t];
        if (tensor->is_virtual)
            continue;
        for (int64_t i = 0; i < count; i++)
            if (uids[i] == tensor->uid)
                e->memory[t] = pointers[i];
        if (!e->memory[t])
            sim_die("cudnnBackendExecute: no memory for tensor %lld", (long long)tensor->uid);
        if ((uintptr_t)e->memory[t] % (uintptr_t)tensor->alignment)
            sim_die("cudnnBackendExecute: tensor %lld at %p is not aligned to %lld bytes as described",
                    (long long)tensor->uid, e->memory[t], (long long)tensor->alignment);
        sim_memory_check(e->memory[t], sim_tensor_extent(tensor), false, "cudnnBackendExecute");
    }
}

static void check_apart(const char *a, size_t a_bytes, const char *b, size_t b_bytes, const char *what)
{
    if (a < b + b_bytes && b < a + a_bytes)
        sim_die("cudnnBackendExecute: %s overlap", what);
}

/* Neither the workspace nor a result may stand where something else does. */
static void check_overlaps(const execution *e)
{
    const sim_plan *plan = e->plan;
    for (int t = 0; t < plan->tensor_count; t++) {
        if (plan->tensors[t].is_virtual)
            continue;
        const size_t bytes = sim_tensor_extent(&plan->tensors[t]);
        if (plan->workspace)
            check_apart(e->workspace, (size_t)plan->workspace, e->memory[t], bytes, "the workspace and a tensor");
        for (int o = 0; o < plan->operation_count; o++) {
            const sim_operation *op = &plan->operations[o];
            const int result = op->kind == SIM_BACKWARD ? op->x : op->y;
            if (result != t && !plan->tensors[result].is_virtual)
                check_apart(e->memory[result], sim_tensor_extent(&plan->tensors[result]), e->memory[t], bytes,
                            "a result and another tensor");
        }
    }
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack)
{
    const int code = sim_call("cudnnBackendExecute", CUDNN_STATUS_EXECUTION_FAILED);
    if (code || !sim_usable())
        return code ? (cudnnStatus_t)code : CUDNN_STATUS_EXECUTION_FAILED;
    sim_alive(handle, "cuDNN handle", "cudnnBackendExecute");
    const sim_descriptor *p = alive(plan, "cudnnBackendExecute"), *v = alive(pack, "cudnnBackendExecute");
    if (!p->plan || v->type != CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR || !v->finalized)
        sim_die("cudnnBackendExecute: plan and variant pack must be finalized");
    if (p->plan->forbidden)
        sim_die("cudnnBackendExecute: the plan's engine %s", p->plan->forbidden);
    execution *e = sim_new(sizeof *e);
    e->plan = p->plan;
    e->plan->owners++;
    find_memory(e, v);
    if (p->plan->workspace) {
        e->workspace = *(void *const *)sim_attribute_value(v, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, 1);
        sim_memory_check(e->workspace, (size_t)p->plan->workspace, false, "cudnnBackendExecute: workspace");
    }
    check_overlaps(e);
    sim_submit(handle->stream, "cudnnBackendExecute", run, free_execution, e, p->plan);
    return CUDNN_STATUS_SUCCESS;
}
