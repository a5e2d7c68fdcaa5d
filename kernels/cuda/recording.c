#include "kernels/cuda/recording.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/device.h"

struct ph_recording {
    ph_device *device;
    cudaGraphExec_t graph;
};

ph_status ph_cuda_record_begin(ph_device *device, ph_error *err)
{
    return ph_cuda_check(device, cudaStreamBeginCapture(device->stream, cudaStreamCaptureModeThreadLocal),
                         "recording a step", err);
}

/* A call on a stream other than ours succeeds while recording and is simply missing from the graph: an empty one tells
 * the worst of that. */
static ph_status check_graph(ph_device *device, cudaGraph_t graph, ph_error *err)
{
    size_t nodes = 0;
    PH_TRY(ph_cuda_check(device, cudaGraphGetNodes(graph, NULL, &nodes), "recording a step", err));
    return nodes ? PH_OK : ph_fail(err, PH_BACKEND, "cuda: recording a step: nothing was recorded; please report it");
}

ph_status ph_cuda_record_end(ph_device *device, ph_recording **out, ph_error *err)
{
    cudaGraph_t graph = NULL;
    ph_status status = ph_cuda_check(device, cudaStreamEndCapture(device->stream, &graph), "recording a step", err);
    if (!out || status != PH_OK) {
        if (graph)
            (void)cudaGraphDestroy(graph);
        return out ? status : PH_OK;
    }
    *out = NULL;
    ph_recording *recording = ph_alloc(1, sizeof *recording);
    if (recording) {
        recording->device = device;
        status = check_graph(device, graph, err);
        if (status == PH_OK)
            status = ph_cuda_check(device, cudaGraphInstantiate(&recording->graph, graph, 0), "recording a step", err);
    } else {
        status = ph_fail_memory(err, sizeof *recording, "a recorded step");
    }
    (void)cudaGraphDestroy(graph);
    if (status == PH_OK)
        *out = recording;
    else
        ph_free(recording);
    return status;
}

ph_status ph_cuda_replay(ph_recording *recording, ph_error *err)
{
    ph_device *device = recording->device;
    cudaEvent_t *end = &device->queued[device->replays++ % PH_CUDA_QUEUED];
    PH_TRY(ph_cuda_check(device, cudaEventSynchronize(*end), "computing a step", err));
    PH_TRY(ph_cuda_check(device, cudaGraphLaunch(recording->graph, device->stream), "starting a step", err));
    return ph_cuda_check(device, cudaEventRecord(*end, device->stream), "starting a step", err);
}

void ph_cuda_recording_free(ph_recording *recording)
{
    if (!recording)
        return;
    if (!recording->device->dead) {
        (void)cudaStreamSynchronize(recording->device->stream);
        (void)cudaGraphExecDestroy(recording->graph);
    }
    ph_free(recording);
}
