/* Recorded steps: CUDA graphs. Entries of ph_backend. */
#ifndef PH_CUDA_RECORDING_H
#define PH_CUDA_RECORDING_H

#include "host/engine/backend.h"

ph_status ph_cuda_record_begin(ph_device *device, ph_error *err);
ph_status ph_cuda_record_end(ph_device *device, ph_recording **out, ph_error *err);
ph_status ph_cuda_replay(ph_recording *recording, ph_error *err);
void ph_cuda_recording_free(ph_recording *recording);

#endif
