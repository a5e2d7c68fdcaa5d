/* Why a picture gets no gradient. */
#ifndef PH_RENDER_BLOCKING_H
#define PH_RENDER_BLOCKING_H

#include "host/engine/backend.h"
#include "host/render/model.h"

/* Name of the layer that blocks the way back from `value`: the last ReLU before it whose output is zero everywhere for a
 * mid-grey picture at `input` size. "" if none can be found. Belongs to the graph. */
const char *ph_blocking_layer(const ph_model *model, ph_device *device, const ph_shape *input, bool channels_last,
                              int value);

#endif
