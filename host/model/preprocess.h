/* How pixels become network input, and what the classes are called. */
#ifndef PH_MODEL_PREPROCESS_H
#define PH_MODEL_PREPROCESS_H

#include "host/model/graph.h"

enum { PH_MAX_CHANNELS = 64 };

/* Network input channel k = (lo + (hi - lo) p[order[k]] - mean[k]) / std[k], p the picture in [0, 1]. */
typedef struct ph_preprocess {
    int channels; /* of the network's input */
    float lo, hi;
    float mean[PH_MAX_CHANNELS], std[PH_MAX_CHANNELS]; /* in network channel order */
    int order[PH_MAX_CHANNELS];                        /* 2 1 0 for BGR networks */
    char **labels;                                     /* owned; NULL = none */
    size_t label_count;
    char source[32]; /* "flags", "model metadata", "sidecar", "default" */
    char text[160];  /* one line for people and provenance */
    bool assumed;    /* nothing said: torchvision was taken */
} ph_preprocess;

/* Presets (lo hi | mean | std | order):
 *   torchvision 0 1 | .485 .456 .406 | .229 .224 .225 | rgb     lucid 0 255 | 117 | 1 | rgb
 *   caffe 0 255 | 104 117 123 | 1 | bgr      unit 0 1 | 0 | 1 | rgb     tf -1 1 | 0 | 1 | rgb     raw 0 255 | 0 | 1 |
 * rgb For one channel a three-entry mean or std collapses to its average. Order of authority, field by field: flags,
 * the file's metadata_props ("phosphene.preprocess", "phosphene.mean", "phosphene.std", "phosphene.range",
 * "phosphene.channels", "phosphene.labels": newline-separated), the sidecar MODEL.phosphene.json (the same keys without
 * prefix; labels a list or a file name beside it; MODEL with or without its ".onnx"), the default. A preset sets all
 * fields at its authority. Where the network has neither one nor three channels, three entries collapse as well.
 * PH_MISUSE names a wrong flag; PH_FORMAT a wrong sidecar or wrong metadata; PH_IO, PH_NO_MEMORY. flags, model_path:
 * may be NULL. PH_UNSUPPORTED: channels is not in 1 … PH_MAX_CHANNELS. */
ph_status ph_preprocess_load(const ph_graph *graph, const char *model_path, const ph_model_options *flags, int channels,
                             ph_preprocess **out, ph_error *err);
void ph_preprocess_free(ph_preprocess **preprocess);

#endif
