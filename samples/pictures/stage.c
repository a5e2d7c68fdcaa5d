#include "stage.h"

#include <stdlib.h>
#include <string.h>

int ph_stage_open(ph_stage *s, int width, int height)
{
    const size_t pixels = (size_t)width * (size_t)height;
    const size_t floats = pixels * 9 + (size_t)width * 3; /* rgb, albedo: 3 each; distance, relief, shadow; rows */
    *s = (ph_stage){.width = width, .height = height};
    s->rgb = malloc(floats * sizeof *s->rgb + 3 * pixels);
    if (!s->rgb)
        return 1;
    s->albedo = s->rgb + 3 * pixels;
    s->distance = s->albedo + 3 * pixels;
    s->relief = s->distance + pixels;
    s->shadow = s->relief + pixels;
    s->rows = s->shadow + pixels;
    s->object = (uint8_t *)(s->rows + (size_t)width * 3);
    s->part = s->object + pixels;
    s->matter = s->part + pixels;
    return 0;
}

void ph_stage_close(ph_stage *s)
{
    free(s->rgb);
    s->rgb = NULL;
}

void ph_stage_begin(ph_stage *s, uint64_t seed)
{
    const size_t pixels = (size_t)s->width * (size_t)s->height;
    const float unit = ph_unit(s);
    memset(s->rgb, 0, 3 * pixels * sizeof *s->rgb);
    memset(s->shadow, 0, pixels * sizeof *s->shadow);
    memset(s->object, 0, 3 * pixels);
    s->random = seed;
    s->thing = s->scene = 0;
    s->casting = false;
    s->frame = (ph_frame){{unit, 0, 0.5F * (float)s->width, 0, unit, 0.5F * (float)s->height, 0, 0, 1}};
    s->plane = s->frame;
    const float ambient = ph_between(s, 0.3F, 0.55F), warm = ph_between(s, -0.03F, 0.08F);
    s->sun = (ph_rgb){(1 - ambient) * (1 + warm), 1 - ambient, (1 - ambient) * (1 - warm)};
    s->sky = (ph_rgb){ambient * (1 - warm), ambient, ambient * (1 + warm)};
    const float x = ph_between(s, -0.7F, 0.7F), y = ph_between(s, -0.8F, -0.4F), z = ph_between(s, 0.6F, 0.9F);
    const float length = sqrtf(x * x + y * y + z * z);
    s->light[0] = x / length;
    s->light[1] = y / length;
    s->light[2] = z / length;
    s->grade = 0.2F;
}

float ph_unit(const ph_stage *s)
{
    return 0.5F * (float)(s->width < s->height ? s->width : s->height);
}

float ph_half_width(const ph_stage *s)
{
    return s->width > s->height ? (float)s->width / (float)s->height : 1;
}

float ph_half_height(const ph_stage *s)
{
    return s->height > s->width ? (float)s->height / (float)s->width : 1;
}

uint32_t ph_next(ph_stage *s)
{
    uint64_t z = s->random += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

float ph_between(ph_stage *s, float low, float high)
{
    return low + (high - low) * ((float)(ph_next(s) >> 8) * (1.0F / 16777216));
}

bool ph_chance(ph_stage *s, float probability)
{
    return ph_between(s, 0, 1) < probability;
}

int ph_pick(ph_stage *s, int count)
{
    return (int)((uint64_t)ph_next(s) * (uint64_t)count >> 32);
}

ph_point ph_somewhere(ph_stage *s, float left, float right, float top, float bottom)
{
    const float x = ph_between(s, left, right), y = ph_between(s, top, bottom);
    return (ph_point){x, y};
}

/* frame = frame * a */
static void compose(ph_frame *f, const float a[9])
{
    ph_frame product;
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 3; column++) {
            const float *m = f->m + 3 * row;
            product.m[3 * row + column] = m[0] * a[column] + m[1] * a[3 + column] + m[2] * a[6 + column];
        }
    *f = product;
}

void ph_shift(ph_stage *s, float x, float y)
{
    compose(&s->frame, (const float[9]){1, 0, x, 0, 1, y, 0, 0, 1});
}

void ph_turn(ph_stage *s, float turns)
{
    const float c = ph_cos(turns), n = ph_sin(turns);
    compose(&s->frame, (const float[9]){c, -n, 0, n, c, 0, 0, 0, 1});
}

void ph_zoom(ph_stage *s, float x, float y)
{
    compose(&s->frame, (const float[9]){x, 0, 0, 0, y, 0, 0, 0, 1});
}

void ph_slant(ph_stage *s, float x_per_y, float y_per_x)
{
    compose(&s->frame, (const float[9]){1, x_per_y, 0, y_per_x, 1, 0, 0, 0, 1});
}

void ph_tilt(ph_stage *s, float x, float y)
{
    compose(&s->frame, (const float[9]){1, 0, 0, 0, 1, 0, x, y, 1});
}

void ph_nudge(ph_stage *s, float x, float y)
{
    float *m = s->frame.m;
    for (int column = 0; column < 3; column++) {
        m[column] += ph_unit(s) * x * m[6 + column];
        m[3 + column] += ph_unit(s) * y * m[6 + column];
    }
}

/* A point (X, Z) of the ground at depth Z is seen at x = X / Z, y = horizon + 1 / Z. */
void ph_ground(ph_stage *s, float horizon)
{
    s->plane = s->frame;
    compose(&s->plane, (const float[9]){1, 0, 0, 0, horizon, 1, 0, 1, 0});
}

ph_point ph_to_pixel(const ph_frame *f, float x, float y)
{
    const float *m = f->m, w = m[6] * x + m[7] * y + m[8];
    return (ph_point){(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w};
}

ph_frame ph_inverse(const ph_frame *f)
{
    const float *m = f->m;
    ph_frame i = {{m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
                   m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
                   m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]}};
    const float determinant = m[0] * i.m[0] + m[1] * i.m[3] + m[2] * i.m[6];
    for (int k = 0; k < 9; k++)
        i.m[k] /= determinant;
    return i;
}
