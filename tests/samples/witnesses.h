/* The sample classifiers as witnesses: what does a network call a picture? */
#ifndef TESTS_SAMPLES_WITNESSES_H
#define TESTS_SAMPLES_WITNESSES_H

#include "phosphene.h"

#define SAMPLE_NETWORK(name) "samples/networks/" name ".onnx"

typedef struct witness {
    ph_model *model;
    ph_classifier *classifier;
} witness;

/* Loads samples/networks/NAME.onnx on the CPU; a failure fails the test. Free with witness_free. */
witness witness_load(const char *path);
void witness_free(witness *w);
/* The class that the network gives to the picture [side, side, 3]. scratch_make() must have been called. */
int64_t witness_says(const witness *w, const uint8_t *rgb, int side);

#endif
