/* What one authority (the flags, the model's metadata, the sidecar) says about preprocessing. */
#ifndef PH_MODEL_PREPROCESS_SPEC_H
#define PH_MODEL_PREPROCESS_SPEC_H

#include "host/model/label_list.h"
#include "host/model/preprocess.h"

typedef struct ph_numbers {
    int count; /* 0 = nothing said */
    double values[PH_MAX_CHANNELS];
} ph_numbers;

typedef enum ph_spec_field {
    PH_SPEC_PREPROCESS,
    PH_SPEC_MEAN,
    PH_SPEC_STD,
    PH_SPEC_RANGE,
    PH_SPEC_CHANNELS,
    PH_SPEC_LABELS,
    PH_SPEC_COUNT
} ph_spec_field;

typedef struct ph_preprocess_spec {
    const char *source;            /* as in ph_preprocess */
    ph_status blame;               /* of what is wrong in it */
    char prefix[320];              /* of the fields' names in messages: "--", "the model's metadata phosphene." … */
    char preset[16], channels[16]; /* "" = nothing said */
    ph_numbers mean, std, range;
    ph_label_list labels;
} ph_preprocess_spec;

/* "preprocess", "mean", "std", "range", "channels", "labels" */
const char *ph_spec_name(ph_spec_field field);
/* Takes one field's text, as the command line has it; LABELS is not for this. */
ph_status ph_spec_set(ph_preprocess_spec *spec, ph_spec_field field, const char *text, ph_error *err);
/* Fails for a field: "PREFIXmean PROBLEM". */
ph_status ph_spec_fail(const ph_preprocess_spec *spec, ph_spec_field field, const char *problem, ph_error *err);

/* Reads the sidecar of a model, if there is one (sidecar.c). */
ph_status ph_spec_read_sidecar(ph_preprocess_spec *spec, const char *model_path, ph_error *err);

#endif
