/* The stage that a picture is drawn on: light, labels, random numbers and the frame of reference. The picture's shorter
 * side runs from -1 to 1, the middle is (0, 0), y points down. Colours are linear light, 0 .. 1. */
#ifndef PH_PICTURES_STAGE_H
#define PH_PICTURES_STAGE_H

#include "labels.h"
#include "maths.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct ph_rgb {
    float r, g, b;
} ph_rgb;

typedef struct ph_point {
    float x, y;
} ph_point;

/* A projective map from local coordinates to pixels, row-major. */
typedef struct ph_frame {
    float m[9];
} ph_frame;

typedef struct ph_stage {
    int width, height;
    float *rgb;                      /* [height, width, 3] linear light */
    uint8_t *object, *part, *matter; /* [height, width] label numbers */
    float *distance, *relief;        /* [height, width] scratch of one shape, in pixels */
    float *albedo;                   /* [height, width, 3] scratch of one shape */
    float *shadow;                   /* [height, width] coverage while casting */
    float *rows;                     /* [3, width] scratch */
    ph_frame frame;                  /* of the shapes drawn next */
    ph_frame plane;                  /* of the ground: where textures with `on_plane` lie */
    uint64_t random;
    ph_rgb sun, sky; /* colour of the direct and of the scattered light; together about 1 on a surface that faces us */
    float light[3];  /* towards the light: x right, y down, z to the viewer; unit length */
    uint8_t thing;   /* the object label of the shapes drawn next; 0: background */
    uint8_t scene;   /* label of the whole picture */
    bool casting;    /* shapes go into `shadow` alone */
    float grade;     /* strength of the uneven light of the finished picture */
} ph_stage;

/* One allocation for all maps; 0 on success. */
int ph_stage_open(ph_stage *s, int width, int height);
void ph_stage_close(ph_stage *s);
/* Empties the labels, seeds, sets the identity frame and a random daylight. */
void ph_stage_begin(ph_stage *s, uint64_t seed);

/* Pixels to one unit; half the picture's width and height in units. */
float ph_unit(const ph_stage *s);
float ph_half_width(const ph_stage *s);
float ph_half_height(const ph_stage *s);

/* Random numbers: SplitMix64 (Steele, Lea, Flood 2014). */
uint32_t ph_next(ph_stage *s);
float ph_between(ph_stage *s, float low, float high);
bool ph_chance(ph_stage *s, float probability);
int ph_pick(ph_stage *s, int count); /* 0 .. count - 1 */
/* A point in the box, for calls that need two numbers: arguments are evaluated in any order, so that no expression may
 * hold two draws side by side. */
ph_point ph_somewhere(ph_stage *s, float left, float right, float top, float bottom);

/* Frames: each call changes where the shapes drawn next lie; save and restore s->frame around it. */
void ph_shift(ph_stage *s, float x, float y);
void ph_turn(ph_stage *s, float turns);
void ph_zoom(ph_stage *s, float x, float y); /* negative: mirrored */
void ph_slant(ph_stage *s, float x_per_y, float y_per_x);
void ph_tilt(ph_stage *s, float x, float y); /* perspective: w = 1 + x * X + y * Y */
/* Moves what is drawn next within the picture, whatever its own frame. */
void ph_nudge(ph_stage *s, float x, float y);
/* The ground seen from eye height 1: `horizon` is its y in the picture's frame. Local (X, Z): right, away. */
void ph_ground(ph_stage *s, float horizon);
ph_point ph_to_pixel(const ph_frame *f, float x, float y);
ph_frame ph_inverse(const ph_frame *f);

/* Colours: 0xRRGGBB as people write them (sRGB). */
ph_rgb ph_hex(uint32_t rrggbb);
ph_rgb ph_blend(ph_rgb a, ph_rgb b, float t);
ph_rgb ph_times(ph_rgb a, float k);
/* Near `colour`: brightness and hue off by about `amount` (0.1 is a shade, 0.3 another kind). */
ph_rgb ph_near(ph_stage *s, ph_rgb colour, float amount);
ph_rgb ph_one_of(ph_stage *s, const uint32_t *colours, int count);
#define PH_ONE_OF(s, ...)                                                                                              \
    ph_one_of(s, (const uint32_t[]){__VA_ARGS__}, (int)(sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)))
ph_rgb ph_vivid(ph_stage *s); /* any strong colour */

/* Blurs everything drawn so far: what follows stands before a background out of focus. Radius in picture units. */
void ph_blur(ph_stage *s, float radius);
/* Darkens by what was cast; `dark` 0 .. 1; then empties the shadow map. */
void ph_shade(ph_stage *s, float dark, float radius);
/* Lens, exposure, white balance, sensor noise, sRGB. Colour names (may be NULL) are of the picture before the noise. */
void ph_develop(ph_stage *s, uint8_t *rgb, uint8_t *colours);

#endif
