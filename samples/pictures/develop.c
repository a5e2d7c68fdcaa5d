/* From light to bytes: what a lens and a sensor do. */
#include "stage.h"

/* Running mean of 2 radius + 1 values `stride` floats apart; the ends are repeated. */
static void mean_line(const float *in, float *out, int n, size_t stride, int radius)
{
    const float scale = 1 / (float)(2 * radius + 1);
    float sum = 0;
    for (int i = -radius; i <= radius; i++)
        sum += in[(size_t)(i < 0 ? 0 : i >= n ? n - 1 : i) * stride];
    for (int i = 0; i < n; i++) {
        out[(size_t)i * stride] = sum * scale;
        const int next = i + radius + 1, last = i - radius;
        sum += in[(size_t)(next >= n ? n - 1 : next) * stride] - in[(size_t)(last < 0 ? 0 : last) * stride];
    }
}

/* Box mean over a map of `channels`, through a scratch map of the same size. */
static void mean_map(float *map, float *scratch, int width, int height, int channels, int radius)
{
    const size_t step = (size_t)channels, line = (size_t)width * step;
    for (int c = 0; c < channels; c++) {
        for (int y = 0; y < height; y++)
            mean_line(map + (size_t)y * line + c, scratch + (size_t)y * line + c, width, step, radius);
        for (int x = 0; x < width; x++)
            mean_line(scratch + (size_t)x * step + c, map + (size_t)x * step + c, height, line, radius);
    }
}

void ph_blur(ph_stage *s, float radius)
{
    /* Two boxes of radius r have the variance of a disc of about 1.6 r. */
    const int r = (int)(radius * ph_unit(s) * 0.6F + 0.5F);
    for (int pass = 0; pass < 2 && r > 0; pass++)
        mean_map(s->rgb, s->albedo, s->width, s->height, 3, r);
}

void ph_shade(ph_stage *s, float dark, float radius)
{
    const int r = (int)(radius * ph_unit(s) * 0.6F + 0.5F);
    const size_t pixels = (size_t)s->width * (size_t)s->height;
    for (int pass = 0; pass < 2 && r > 0; pass++)
        mean_map(s->shadow, s->distance, s->width, s->height, 1, r);
    for (size_t i = 0; i < pixels; i++) {
        /* What the sun leaves out the sky still lights, bluish. */
        const float k = dark * s->shadow[i];
        s->rgb[3 * i] *= 1 - k;
        s->rgb[3 * i + 1] *= 1 - 0.96F * k;
        s->rgb[3 * i + 2] *= 1 - 0.9F * k;
        s->shadow[i] = 0;
    }
}

/* A slight blur with the kernel (k, 1 - 2k, k) in both directions. */
static void soften(ph_stage *s, float k)
{
    const size_t line = 3 * (size_t)s->width;
    for (int y = 0; y < s->height; y++) {
        const float *in = s->rgb + (size_t)y * line;
        float *out = s->albedo + (size_t)y * line;
        for (size_t i = 0; i < line; i++)
            out[i] = (1 - 2 * k) * in[i] + k * (in[i < 3 ? i : i - 3] + in[i + 3 < line ? i + 3 : i]);
    }
    for (int y = 0; y < s->height; y++) {
        const float *in = s->albedo + (size_t)y * line, *up = y > 0 ? in - line : in;
        const float *down = y + 1 < s->height ? in + line : in;
        float *out = s->rgb + (size_t)y * line;
        for (size_t i = 0; i < line; i++)
            out[i] = (1 - 2 * k) * in[i] + k * (up[i] + down[i]);
    }
}

/* Linear light to sRGB through square roots, which are exact everywhere; error < 0.003. A soft shoulder above 0.7 keeps
 * highlights from tearing. */
static void encode_row(float *values, int n)
{
#pragma omp simd
    for (int i = 0; i < n; i++) {
        const float x = ph_max(values[i], 0), high = 1 - 0.3F / (1 + (ph_max(x, 0.7F) - 0.7F) / 0.3F);
        const float a = sqrtf(x > 0.7F ? high : x), b = sqrtf(a), c = sqrtf(b);
        values[i] = ph_clamp(0.585122381F * a + 0.783140355F * b - 0.368262736F * c, 0, 1);
    }
}

/* The basic colour terms (Berlin and Kay 1969) as regions of hue, chroma and brightness of the encoded colour. */
static uint8_t name_colour(float r, float g, float b)
{
    const float high = ph_max(r, ph_max(g, b)), low = ph_min(r, ph_min(g, b)), chroma = high - low;
    if (high < 0.16F || (high < 0.24F && chroma < 0.08F))
        return PH_BLACK;
    if (chroma < 0.09F || chroma < 0.16F * high)
        return high > 0.8F && low > 0.7F ? PH_WHITE : PH_GREY;
    float hue = high == r ? (g - b) / chroma : high == g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
    hue = hue < 0 ? hue + 6 : hue; /* 0 red, 1 yellow, 2 green, 3 cyan, 4 blue, 5 magenta */
    const float saturation = chroma / high;
    if (hue < 0.3F || hue > 5.55F)
        return high > 0.7F && saturation < 0.55F ? PH_PINK : high < 0.4F || saturation < 0.45F ? PH_BROWN : PH_RED;
    if (hue < 0.72F)
        return high < 0.68F || (saturation < 0.5F && high < 0.85F) ? PH_BROWN : PH_ORANGE;
    if (hue < 1.15F)
        return high > 0.55F ? PH_YELLOW : hue < 0.9F ? PH_BROWN : PH_GREEN;
    if (hue < 3)
        return PH_GREEN;
    if (hue < 4.25F)
        return PH_BLUE;
    return hue < 4.95F || high < 0.55F ? PH_PURPLE : PH_PINK;
}

/* About normal: the sum of four bytes, mean 0, deviation 1. */
static float noise_of(uint32_t h)
{
    const uint32_t sum = (h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24);
    return ((float)sum - 510) * (1.0F / 147.8F);
}

static uint8_t to_byte(float x)
{
    return (uint8_t)(ph_clamp(x, 0, 1) * 255 + 0.5F);
}

/* What the lens and the sensor make of a row: darker corners, uneven light, exposure and white balance; in place. */
static void expose_row(const ph_stage *s, int y, const float gain[3], float edge, uint32_t seed)
{
    const float unit = 1 / ph_unit(s), py = ((float)y + 0.5F - 0.5F * (float)s->height) * unit;
    float *row = s->rgb + 3 * (size_t)y * (size_t)s->width;
    for (int x = 0; x < s->width; x++) {
        const float px = ((float)x + 0.5F - 0.5F * (float)s->width) * unit;
        const float light = (1 - edge * ph_min(px * px + py * py, 4)) * (1 + s->grade * ph_noise(px + 3, py, seed + 1));
        for (int c = 0; c < 3; c++)
            row[3 * x + c] *= light * gain[c];
    }
    encode_row(row, 3 * s->width);
}

static void noise_row(const ph_stage *s, int y, float noise, uint32_t seed, uint8_t *rgb)
{
    const float *in = s->rgb + 3 * (size_t)y * (size_t)s->width;
    for (int x = 0; x < s->width; x++, in += 3, rgb += 3) {
        const uint32_t h = ph_hash(x, y, seed), h2 = h * 0x9E3779B1U ^ h >> 13;
        const float grey = noise * noise_of(h), tint = 0.5F * noise * noise_of(h2);
        rgb[0] = to_byte(in[0] + grey + tint);
        rgb[1] = to_byte(in[1] + grey - 0.5F * tint);
        rgb[2] = to_byte(in[2] + grey - tint);
    }
}

void ph_develop(ph_stage *s, uint8_t *rgb, uint8_t *colours)
{
    const float exposure = ph_between(s, 0.85F, 1.25F), warm = ph_between(s, -0.07F, 0.07F);
    const float gain[3] = {exposure * (1 + warm), exposure, exposure * (1 - warm)};
    const float edge = ph_between(s, 0, 0.16F), noise = ph_between(s, 0.003F, 0.018F), soft = ph_between(s, 0, 0.16F);
    const uint32_t seed = ph_next(s);
    soften(s, soft);
    const size_t width = (size_t)s->width;
    for (int y = 0; y < s->height; y++) {
        expose_row(s, y, gain, edge, seed);
        const float *row = s->rgb + 3 * width * (size_t)y;
        for (size_t x = 0; colours && x < width; x++)
            colours[width * (size_t)y + x] = name_colour(row[3 * x], row[3 * x + 1], row[3 * x + 2]);
        noise_row(s, y, noise, seed, rgb + 3 * width * (size_t)y);
    }
}
