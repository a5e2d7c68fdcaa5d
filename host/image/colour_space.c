#include "host/image/colour_space.h"

#include <math.h>

/* Lucid, optvis/param/color.py: color_correlation_svd_sqrt, the square root (by singular values) of the covariance of
 * the colours of ImageNet,
 *     0.26  0.09  0.02
 *     0.27  0.00 -0.05
 *     0.27 -0.09  0.03
 * divided by the largest norm of a column, sqrt(0.26^2 + 0.27^2 + 0.27^2) = 0.461952378. */
const float ph_colour_matrix[9] = {
    0.5628285774F, 0.1948252768F,  0.0432945060F,  /* R */
    0.5844758303F, 0.0F,           -0.1082362649F, /* G */
    0.5844758303F, -0.1948252768F, 0.0649417589F,  /* B */
};

/* Its inverse: 0.461952378 x adj(M) / det(M), det(M) = -0.0036. */
const float ph_colour_inverse[9] = {
    0.5774404731F, 0.5774404731F,  0.5774404731F,  /* brightness */
    2.7717142710F, -0.3079682523F, -2.3610899345F, /* red against blue */
    3.1181785549F, -6.1208690151F, 3.1181785549F,  /* magenta against green */
};

const float ph_luma[3] = {0.299F, 0.587F, 0.114F};

static double luminance(const float *picture, int channels, size_t pixels, size_t i)
{
    if (channels == 1)
        return (double)picture[i];
    if (channels == 2)
        return 0.5 * ((double)picture[i] + (double)picture[pixels + i]);
    return (double)ph_luma[0] * (double)picture[i] + (double)ph_luma[1] * (double)picture[pixels + i] +
           (double)ph_luma[2] * (double)picture[2 * pixels + i];
}

double ph_luminance_deviation(const float *picture, int channels, size_t pixels)
{
    double sum = 0, squares = 0;
    /* Moments about mid-grey: pictures lie around it, so that the difference below loses no digits. */
    for (size_t i = 0; i < pixels; i++) {
        const double d = luminance(picture, channels, pixels, i) - 0.5;
        sum += d;
        squares += d * d;
    }
    const double count = (double)pixels, variance = squares / count - sum / count * (sum / count);
    return variance < 0 ? 0 : sqrt(variance);
}
