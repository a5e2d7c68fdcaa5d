/* Labelled pictures as the sample networks see them, and what layers answer to them. */
#ifndef TESTS_SAMPLES_LABELLED_H
#define TESTS_SAMPLES_LABELLED_H

#include "samples/pictures/pictures.h"

enum { LABELLED_SIDE = 112, LABELLED_LAYERS = 2 };

typedef struct labelled {
    int pictures;
    uint8_t *labels;              /* [pictures, PH_PICTURES_KINDS, LABELLED_SIDE, LABELLED_SIDE] */
    float *maps[LABELLED_LAYERS]; /* [pictures, channels, side, side] */
    int channels[LABELLED_LAYERS], sides[LABELLED_LAYERS];
} labelled;

/* Draws the pictures of seeds first … first + pictures - 1 and shows them to the network; a failure fails the test. */
void labelled_make(labelled *made, const char *network, const char *const layers[LABELLED_LAYERS], uint64_t first,
                   int pictures);
void labelled_free(labelled *made);

#endif
