#include "host/render/model.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/layers.h"
#include "host/model/lower.h"

void ph_model_free(ph_model **model)
{
    if (!model || !*model)
        return;
    ph_graph_free(&(*model)->graph);
    ph_preprocess_free(&(*model)->preprocess);
    ph_free((*model)->layers);
    ph_free(*model);
    *model = NULL;
}

ph_status ph_model_load(const char *path, const ph_model_options *options, ph_model **out, ph_error *err)
{
    if (!path || !out)
        return ph_fail(err, PH_MISUSE, "ph_model_load needs a path and a place for the model");
    *out = NULL;
    ph_status status = PH_OK;
    ph_model *model = ph_alloc(1, sizeof *model);
    if (!model)
        return ph_fail_memory(err, sizeof *model, "the model");
    PH_TRY_GOTO(status, fail, ph_graph_read(path, &model->graph, err));
    PH_TRY_GOTO(status, fail, ph_graph_picture_input(model->graph, &model->picture, err));
    ph_shape input;
    bool channels_last = false;
    PH_TRY_GOTO(status, fail, ph_picture_shape(model->graph, 0, 0, &input, &channels_last, err));
    model->input_rank = input.rank;
    const int64_t channels = input.rank == 4 ? input.dim[channels_last ? 3 : 1] : 1;
    if (channels < 1 || channels > PH_MAX_CHANNELS) {
        status = ph_fail(err, PH_UNSUPPORTED, "the model's input has %lld channels; 1 to %d are possible",
                         (long long)channels, PH_MAX_CHANNELS);
        goto fail;
    }
    model->channels = (int)channels;
    PH_TRY_GOTO(status, fail,
                ph_preprocess_load(model->graph, path, options, model->channels, &model->preprocess, err));
    *out = model;
    return PH_OK;
fail:
    ph_model_free(&model);
    return status;
}

const char *ph_model_sha256(const ph_model *model)
{
    return model->graph->sha256;
}

const char *ph_model_preprocess_text(const ph_model *model)
{
    return model->preprocess->text;
}

bool ph_model_preprocess_assumed(const ph_model *model)
{
    return model->preprocess->assumed;
}

const char *ph_model_label(const ph_model *model, int64_t class_index)
{
    const ph_preprocess *preprocess = model->preprocess;
    if (class_index < 0 || (uint64_t)class_index >= preprocess->label_count)
        return NULL;
    return preprocess->labels[class_index];
}

ph_status ph_model_need_picture(const ph_model *model, ph_error *err)
{
    if (model->input_rank == 4)
        return PH_OK;
    return ph_fail(err, PH_UNSUPPORTED,
                   "the network's input '%.120s' is not a picture: it has %d dimensions, [N, C, H, W] is needed",
                   model->graph->values[model->picture].name, model->input_rank);
}

ph_status ph_model_shapes(const ph_model *model, int width, int height, ph_shape *input, bool *channels_last,
                          ph_shape **shapes, ph_error *err)
{
    *shapes = NULL;
    PH_TRY(ph_picture_shape(model->graph, width, height, input, channels_last, err));
    const size_t count = (size_t)model->graph->value_count;
    ph_shape *all = ph_alloc(count, sizeof *all);
    if (!all)
        return ph_fail_memory(err, count * sizeof *all, "the shapes of the layers");
    const ph_status status = ph_infer_shapes(model->graph, input, all, NULL, NULL, err);
    if (status != PH_OK) {
        ph_free(all);
        return status;
    }
    *shapes = all;
    return PH_OK;
}

static void fill_layer(const ph_graph *graph, int index, const ph_shape *shapes, const double *macs,
                       const bool *supported, ph_layer_info *layer)
{
    const ph_node *node = &graph->nodes[index];
    const int value = node->output_count > 0 ? node->outputs[0] : -1;
    layer->output = value >= 0 ? graph->values[value].name : "";
    layer->name = node->name[0] ? node->name : layer->output;
    layer->op = node->op;
    layer->macs = macs[index];
    layer->supported = supported[index];
    layer->rank = value >= 0 ? shapes[value].rank : -1;
    for (int d = 0; d < layer->rank; d++)
        layer->shape[d] = shapes[value].dim[d];
}

ph_status ph_model_layers(ph_model *model, int width, int height, const ph_layer_info **layers, size_t *count,
                          int64_t *input_shape, ph_error *err)
{
    const ph_graph *graph = model->graph;
    const size_t nodes = (size_t)graph->node_count, values = (size_t)graph->value_count;
    ph_status status = PH_OK;
    ph_layer_info *list = ph_alloc(nodes, sizeof *list);
    int *order = ph_alloc(nodes, sizeof *order);
    ph_shape *shapes = ph_alloc(values, sizeof *shapes);
    double *macs = ph_alloc(nodes, sizeof *macs);
    bool *supported = ph_alloc(nodes, sizeof *supported);
    if (!list || !order || !shapes || !macs || !supported) {
        status = ph_fail_memory(err, nodes * sizeof *list, "the list of layers");
        goto done;
    }
    ph_shape input;
    bool channels_last;
    PH_TRY_GOTO(status, done, ph_picture_shape(graph, width, height, &input, &channels_last, err));
    PH_TRY_GOTO(status, done, ph_infer_shapes(graph, &input, shapes, macs, supported, err));
    const int found = ph_layer_list(graph, order);
    for (int i = 0; i < found; i++)
        fill_layer(graph, order[i], shapes, macs, supported, &list[i]);
    if (input_shape)
        for (int d = 0; d < 4; d++)
            input_shape[d] = d < input.rank ? input.dim[d] : 1;
    ph_free(model->layers);
    model->layers = list;
    list = NULL;
    *layers = model->layers;
    *count = (size_t)found;
done:
    ph_free(list);
    ph_free(order);
    ph_free(shapes);
    ph_free(macs);
    ph_free(supported);
    return status;
}
