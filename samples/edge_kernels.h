/* The weights of the sample network, drawn by hand.
 *
 * conv1  finds edges (Gabor functions: Daugman 1985) and patches of colour, as the first layer of every trained
 *        network does;
 * conv2  puts edges together: for each offset from the centre it asks for one direction of edge, whatever its phase,
 *        and inhibits the others; a ring wants the tangent everywhere, a star the radius, a spiral something between;
 * conv3  puts those shapes together: two eyes, a nose and a mouth are a face.
 */
#ifndef PH_SAMPLES_EDGE_KERNELS_H
#define PH_SAMPLES_EDGE_KERNELS_H

enum {
    PH_EDGE_SIDE1 = 11, /* conv1, one step = 2 pixels of the picture */
    PH_EDGE_SIDE2 = 7,  /* conv2, one step = 4 pixels */
    PH_EDGE_SIDE3 = 7,  /* conv3, one step = 8 pixels */
    PH_EDGE_ANGLES = 8,
    PH_EDGE_PHASES = 4,
    PH_EDGE_COLOURS = 6, /* red, green, blue, yellow, white, black */
    PH_EDGE_FEATURES1 = PH_EDGE_ANGLES * PH_EDGE_PHASES + PH_EDGE_COLOURS,
    PH_EDGE_FEATURES2 = 26,
    PH_EDGE_FEATURES3 = 12
};

/* Each [features, inputs, side, side], all written. */
void ph_edge_conv1(float *weights);
void ph_edge_conv2(float *weights);
void ph_edge_conv3(float *weights);
/* Of conv3 and the classes. */
const char *ph_edge_label(int index);

#endif
