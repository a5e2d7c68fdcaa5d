/* What is dreamed of when nobody says. */
#ifndef PH_DREAM_TARGET_H
#define PH_DREAM_TARGET_H

#include "host/render/model.h"

/* The name of a layer in the middle of the network: of the layers whose map is about a sixteenth of the input (the
 * shapes' size), the middle one of those that join branches (Concat, Add), or of all if none does. On GoogLeNet that is
 * the layer of the original notebook, inception_4c/output. Belongs to the graph. PH_MISUSE: no layer has a map. */
ph_status ph_dream_default_target(const ph_model *model, const ph_shape *input, bool channels_last,
                                  const ph_shape *shapes, const char **name, ph_error *err);

#endif
