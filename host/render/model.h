/* A loaded model: the graph, how pixels enter it, and what `info` last listed. */
#ifndef PH_RENDER_MODEL_H
#define PH_RENDER_MODEL_H

#include "host/model/graph.h"
#include "host/model/preprocess.h"

struct ph_model {
    ph_graph *graph;
    ph_preprocess *preprocess;
    int picture;    /* graph value of the picture input */
    int input_rank; /* of that input: 4, or it is no picture */
    int channels;   /* of that input */
    ph_layer_info *layers;
};

/* PH_UNSUPPORTED for a network whose input is something else. */
ph_status ph_model_need_picture(const ph_model *model, ph_error *err);

/* Shape of the picture input for width x height (0: the model's own size) and the shapes of all values at it. *shapes
 * is a new array of graph->value_count entries (ph_free). */
ph_status ph_model_shapes(const ph_model *model, int width, int height, ph_shape *input, bool *channels_last,
                          ph_shape **shapes, ph_error *err);

#endif
