/* Why a picture gets no gradient. */
#ifndef PH_RENDER_BLOCKING_H
#define PH_RENDER_BLOCKING_H

#include "host/engine/backend.h"
#include "host/render/model.h"

/* Name of the layer that blocks the way back from `value`, judged on a mid-grey picture at `input` size: of the ReLUs
 * before it, the first of the unbroken row that ends at `value` and whose outputs are zero everywhere (those after it
 * are zero because it is). "" if there is none. Belongs to the graph. */
const char *ph_blocking_layer(const ph_model *model, ph_device *device, const ph_shape *input, bool channels_last,
                              int value);

#endif
