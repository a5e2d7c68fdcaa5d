/* Streams as queues, events as marks in them, recordings as lists of work. Work runs when the host waits. */
#include "sim.h"

#include <stdlib.h>

typedef struct work_list {
    sim_work **items;
    size_t count, capacity;
} work_list;

struct CUstream_st {
    work_list queue;
    bool recording;
    work_list record;
    struct CUstream_st *next;
};

struct CUevent_st {
    bool pending; /* recorded and not reached yet */
};

/* A recording, and what can be launched of it. */
struct CUgraph_st {
    work_list works;
};

struct CUgraphExec_st {
    work_list works;
};

static struct CUstream_st *streams;
static const void **ran; /* twins that have run */
static size_t ran_count, ran_capacity;

/* ---- lists of work ------------------------------------------------------------------------------------------------
 */

static void push(work_list *list, sim_work *work)
{
    list->items = sim_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = work;
    work->owners++;
}

static void drop(sim_work *work)
{
    if (--work->owners)
        return;
    if (work->free)
        work->free(work->state);
    free(work);
}

static void clear(work_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        drop(list->items[i]);
    free(list->items);
    *list = (work_list){0};
}

static void run_queue(struct CUstream_st *stream)
{
    if (!stream->queue.count)
        return;
    work_list list = stream->queue;
    stream->queue = (work_list){0};
    sim_memory_open();
    for (size_t i = 0; i < list.count && !sim.sticky; i++)
        list.items[i]->run(list.items[i]->state);
    sim_memory_close();
    clear(&list);
}

void sim_drain(void)
{
    for (struct CUstream_st *s = streams; s; s = s->next)
        run_queue(s);
}

static bool has_run(const void *twin)
{
    for (size_t i = 0; i < ran_count; i++)
        if (ran[i] == twin)
            return true;
    return false;
}

static void note_ran(const void *twin)
{
    if (!twin || has_run(twin))
        return;
    ran = sim_grow(ran, ran_count, &ran_capacity, sizeof *ran);
    ran[ran_count++] = twin;
}

void sim_forget(const void *twin)
{
    for (size_t i = 0; i < ran_count; i++)
        if (ran[i] == twin)
            ran[i--] = ran[--ran_count];
}

static struct CUstream_st *recorder(void)
{
    for (struct CUstream_st *s = streams; s; s = s->next)
        if (s->recording)
            return s;
    return NULL;
}

bool sim_recording(cudaStream_t stream)
{
    return stream && stream->recording;
}

void sim_not_recording(const char *function)
{
    if (recorder())
        sim_die("%s: forbidden while a stream is being recorded", function);
}

void sim_submit(cudaStream_t stream, const char *name, void (*run)(void *), void (*release)(void *), void *state,
                const void *twin)
{
    if (!stream)
        sim_die("%s: queued in the legacy default stream, which neither waits for our streams nor can be recorded",
                name);
    sim_alive(stream, "stream", name);
    sim_work *work = sim_new(sizeof *work);
    *work = (sim_work){name, run, release, state, 0};
    if (stream->recording) {
        if (twin && !has_run(twin))
            sim_die("%s: recorded before it has run once outside of a recording (its code is loaded at first use)",
                    name);
        push(&stream->record, work);
        return;
    }
    if (recorder())
        sim_die("%s: queued in one stream while another is being recorded: it would not be in the recording", name);
    note_ran(twin);
    push(&stream->queue, work);
    if (sim.blocking)
        run_queue(stream);
}

/* ---- streams ------------------------------------------------------------------------------------------------------
 */

static void discard_stream(void *object)
{
    cudaStream_t stream = object;
    clear(&stream->queue);
    clear(&stream->record);
    struct CUstream_st **at = &streams;
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    free(stream);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags)
{
    const cudaError_t code = sim_enter("cudaStreamCreateWithFlags", cudaErrorUnknown);
    if (code)
        return code;
    sim_not_recording("cudaStreamCreateWithFlags");
    if (flags != cudaStreamNonBlocking)
        sim_die("cudaStreamCreateWithFlags: a blocking stream waits for the legacy default stream");
    *stream = sim_new(sizeof **stream);
    sim_born(*stream, "stream", discard_stream);
    (*stream)->next = streams;
    streams = *stream;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    const cudaError_t code = sim_enter("cudaStreamDestroy", cudaErrorUnknown);
    sim_dies(stream, "stream", "cudaStreamDestroy");
    if (stream->recording)
        sim_die("cudaStreamDestroy: the stream is being recorded");
    run_queue(stream);
    discard_stream(stream);
    return code;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    const cudaError_t code = sim_enter("cudaStreamSynchronize", cudaErrorLaunchFailure);
    if (code)
        return code;
    sim_not_recording("cudaStreamSynchronize");
    if (!stream)
        return cudaSuccess;
    sim_alive(stream, "stream", "cudaStreamSynchronize");
    run_queue(stream);
    return cudaSuccess;
}

/* ---- events -------------------------------------------------------------------------------------------------------
 */

static void reach(void *state)
{
    ((cudaEvent_t)state)->pending = false;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
    const cudaError_t code = sim_enter("cudaEventCreateWithFlags", cudaErrorUnknown);
    (void)flags;
    if (code)
        return code;
    *event = sim_new(sizeof **event);
    sim_born(*event, "event", free);
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    const cudaError_t code = sim_enter("cudaEventDestroy", cudaErrorUnknown);
    sim_dies(event, "event", "cudaEventDestroy");
    if (event->pending)
        sim_drain();
    free(event);
    return code;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    const cudaError_t code = sim_enter("cudaEventRecord", cudaErrorUnknown);
    if (code)
        return code;
    sim_alive(event, "event", "cudaEventRecord");
    if (sim_recording(stream))
        sim_die("cudaEventRecord: an event inside a recording can never be waited for");
    event->pending = true;
    sim_submit(stream, "cudaEventRecord", reach, NULL, event, NULL);
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    const cudaError_t code = sim_enter("cudaEventSynchronize", cudaErrorLaunchFailure);
    if (code)
        return code;
    sim_not_recording("cudaEventSynchronize");
    sim_alive(event, "event", "cudaEventSynchronize");
    if (event->pending)
        sim_drain();
    return cudaSuccess;
}

/* ---- recordings ---------------------------------------------------------------------------------------------------
 */

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    const cudaError_t code = sim_enter("cudaStreamBeginCapture", cudaErrorUnknown);
    (void)mode;
    if (code)
        return code;
    if (!stream)
        sim_die("cudaStreamBeginCapture: the legacy default stream cannot be recorded");
    sim_alive(stream, "stream", "cudaStreamBeginCapture");
    sim_not_recording("cudaStreamBeginCapture");
    stream->recording = true;
    return cudaSuccess;
}

static void discard_graph(void *object)
{
    clear(&((cudaGraph_t)object)->works);
    free(object);
}

static void discard_exec(void *object)
{
    clear(&((cudaGraphExec_t)object)->works);
    free(object);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    const cudaError_t code = sim_enter("cudaStreamEndCapture", cudaErrorStreamCaptureInvalidated);
    sim_alive(stream, "stream", "cudaStreamEndCapture");
    if (!stream->recording)
        sim_die("cudaStreamEndCapture: the stream is not being recorded");
    stream->recording = false;
    *graph = NULL;
    if (code) {
        clear(&stream->record);
        return code;
    }
    *graph = sim_new(sizeof **graph);
    sim_born(*graph, "graph", discard_graph);
    (*graph)->works = stream->record;
    stream->record = (work_list){0};
    return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count)
{
    const cudaError_t code = sim_enter("cudaGraphGetNodes", cudaErrorUnknown);
    if (code)
        return code;
    sim_alive(graph, "graph", "cudaGraphGetNodes");
    if (nodes)
        sim_die("cudaGraphGetNodes: only the number of nodes is simulated");
    *count = graph->works.count;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
    const cudaError_t code = sim_enter("cudaGraphInstantiate", cudaErrorMemoryAllocation);
    (void)flags;
    if (code)
        return code;
    sim_alive(graph, "graph", "cudaGraphInstantiate");
    *exec = sim_new(sizeof **exec);
    sim_born(*exec, "executable graph", discard_exec);
    for (size_t i = 0; i < graph->works.count; i++)
        push(&(*exec)->works, graph->works.items[i]);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    const cudaError_t code = sim_enter("cudaGraphDestroy", cudaErrorUnknown);
    sim_dies(graph, "graph", "cudaGraphDestroy");
    discard_graph(graph);
    return code;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    const cudaError_t code = sim_enter("cudaGraphExecDestroy", cudaErrorUnknown);
    sim_dies(exec, "executable graph", "cudaGraphExecDestroy");
    discard_exec(exec);
    return code;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    const cudaError_t code = sim_enter("cudaGraphLaunch", cudaErrorLaunchFailure);
    if (code)
        return code;
    sim_alive(exec, "executable graph", "cudaGraphLaunch");
    sim_not_recording("cudaGraphLaunch");
    if (!stream)
        sim_die("cudaGraphLaunch: launched into the legacy default stream");
    sim_alive(stream, "stream", "cudaGraphLaunch");
    for (size_t i = 0; i < exec->works.count; i++)
        push(&stream->queue, exec->works.items[i]);
    sim.counts.graphs++;
    if (sim.blocking)
        run_queue(stream);
    return cudaSuccess;
}
