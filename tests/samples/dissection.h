/* Network dissection (Bau, Zhou, Khosla, Oliva, Torralba: "Network Dissection: Quantifying Interpretability of Deep
 * Visual Representations", CVPR 2017) in its plainest form: which label does a channel see? */
#ifndef TESTS_SAMPLES_DISSECTION_H
#define TESTS_SAMPLES_DISSECTION_H

#include <stdint.h>

/* The paper's numbers: a channel is on where its map is in its top 0.5 %, and is named from an IoU of 0.04 on. */
#define DISSECTION_TOP 0.005
#define DISSECTION_NAMED 0.04

typedef struct dissected {
    int label;  /* with the highest IoU; of equals the lowest number; 0: the channel is never on */
    double iou; /* intersection of all places where it is on with all that bear the label, over their union */
} dissected;

/* maps: [pictures, channels, map_side, map_side]; labels: [pictures, kinds, side, side], each pixel a number below 256,
 * 0: none; no number belongs to two kinds. Fills out [channels]. */
void dissect(const float *maps, int channels, int map_side, const uint8_t *labels, int kinds, int side, int pictures,
             dissected *out);

/* The map of a channel of a picture; its highest value, of `places`. */
const float *dissection_map(const float *maps, int channels, int places, int picture, int channel);
float dissection_highest(const float *map, int places);

#endif
