#include "host/image/spectrum_scale.h"

#include <math.h>

int64_t ph_spectrum_bins(int width, int height)
{
    return (int64_t)height * (width / 2 + 1);
}

static double frequency_at(int width, int height, int x, int y)
{
    const double fx = (double)x / width, fy = (double)(2 * y <= height ? y : height - y) / height;
    return sqrt(fx * fx + fy * fy);
}

void ph_spectrum_frequencies(int width, int height, float *frequency)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x <= width / 2; x++)
            *frequency++ = (float)frequency_at(width, height, x, y);
}

void ph_spectrum_scale(int width, int height, double decay, float *scale)
{
    const double least = 1.0 / (width > height ? width : height);
    const double factor = 1 / (4 * sqrt((double)width * height));
    for (int y = 0; y < height; y++)
        for (int x = 0; x <= width / 2; x++)
            *scale++ = (float)(pow(fmax(frequency_at(width, height, x, y), least), -decay) * factor);
}
