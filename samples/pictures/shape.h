/* What is drawn: shapes given by their distance, painted with a material and lit. Sizes are in the stage's frame. */
#ifndef PH_PICTURES_SHAPE_H
#define PH_PICTURES_SHAPE_H

#include "stage.h"

typedef enum ph_shape_kind {
    PH_ELLIPSE,
    PH_BOX_SHAPE,
    PH_CAPSULE,
    PH_ARC,
    PH_POLYGON,
    PH_CURVE,
    PH_CREST
} ph_shape_kind;
typedef enum ph_shape_op { PH_ADD, PH_CUT, PH_CLIP } ph_shape_op;

typedef struct ph_shape {
    ph_shape_kind kind;
    ph_shape_op op;         /* how it changes what the shapes before it made */
    float join;             /* PH_ADD: width of the fillet between them */
    float x, y, a, b, c, d; /* see the functions below */
    const ph_point *points;
    int count;
    bool smooth; /* a spline through the points instead of straight edges */
} ph_shape;

static inline ph_shape ph_ellipse(float x, float y, float rx, float ry, float turns)
{
    return (ph_shape){.kind = PH_ELLIPSE, .x = x, .y = y, .a = rx, .b = ry, .c = ph_cos(turns), .d = ph_sin(turns)};
}

static inline ph_shape ph_circle(float x, float y, float r)
{
    return ph_ellipse(x, y, r, r, 0);
}

/* Upright box around (x, y) with half sides and rounded corners. */
static inline ph_shape ph_box(float x, float y, float half_width, float half_height, float round)
{
    return (ph_shape){.kind = PH_BOX_SHAPE, .x = x, .y = y, .a = half_width, .b = half_height, .c = round};
}

/* A stick between two points, with its radius at both. */
static inline ph_shape ph_capsule(float x0, float y0, float r0, float x1, float y1, float r1)
{
    return (ph_shape){.kind = PH_CAPSULE, .x = x0, .y = y0, .a = x1, .b = y1, .c = r0, .d = r1};
}

/* Part of a ring: radius and half thickness, `span` turns around the direction `middle`; span 1 is the whole ring. */
static inline ph_shape ph_arc(float x, float y, float radius, float thick, float middle, float span)
{
    return (ph_shape){.kind = PH_ARC, .x = x, .y = y, .a = radius, .b = thick, .c = middle, .d = 0.5F * span};
}

static inline ph_shape ph_polygon(const ph_point *points, int count, bool smooth)
{
    return (ph_shape){.kind = PH_POLYGON, .points = points, .count = count, .smooth = smooth};
}

/* An open line of changing radius. */
static inline ph_shape ph_curve(const ph_point *points, int count, float r0, float r1)
{
    return (ph_shape){.kind = PH_CURVE, .points = points, .count = count, .c = r0, .d = r1, .smooth = true};
}

/* Everything between a skyline, given by points at even steps of x, and the level `foot`. */
static inline ph_shape ph_crest(const ph_point *points, int count, float foot)
{
    return (ph_shape){.kind = PH_CREST, .points = points, .count = count, .c = foot};
}

static inline ph_shape ph_joined(ph_shape shape, float join)
{
    shape.join = join;
    return shape;
}

static inline ph_shape ph_cut(ph_shape shape)
{
    shape.op = PH_CUT;
    return shape;
}

static inline ph_shape ph_clip(ph_shape shape)
{
    shape.op = PH_CLIP;
    return shape;
}

typedef struct ph_paint {
    ph_rgb base, second; /* colours between which the texture runs */
    ph_rgb third;        /* what the base colour turns into along y */
    float from, to;      /* between these y; equal: nowhere */
    uint8_t texture;     /* PH_NO_LABEL: plain */
    uint8_t part;        /* label */
    bool on_plane;       /* the texture lies on the ground, not on the shape */
    bool quiet;          /* leaves the labels below as they are: lights, shadows, reflections */
    float scale, turns;  /* of the texture, in the frame */
    float grain;         /* mottling, default 0.1 */
    float barrel;        /* > 0: rounded like an upright cylinder of this radius around x = 0 */
    float bulge;         /* the rim is rounded over this width */
    float gloss;         /* highlight */
    float glow;          /* 1: shines by itself, no light or shade */
    float fade;          /* 0 opaque .. 1 invisible */
    float ragged;        /* the edge wanders by about this much: foliage, hair, stone */
    float soft;          /* width of the edge, 0: sharp */
    uint32_t seed;
} ph_paint;

ph_paint ph_plain(ph_stage *s, ph_rgb colour);
ph_paint ph_textured(ph_stage *s, uint8_t texture, ph_rgb base, ph_rgb second, float scale);

/* Paints the shapes as one. At most PH_POINTS points a shape. */
#define PH_POINTS 48
void ph_draw_shapes(ph_stage *s, const ph_paint *paint, const ph_shape *shapes, int count);
#define ph_draw(s, paint, ...)                                                                                         \
    ph_draw_shapes(s, paint, (const ph_shape[]){__VA_ARGS__},                                                          \
                   (int)(sizeof((const ph_shape[]){__VA_ARGS__}) / sizeof(ph_shape)))
/* The base colour runs into `third` between these y. */
static inline ph_paint ph_run(ph_paint paint, ph_rgb third, float from, float to)
{
    paint.third = third;
    paint.from = from;
    paint.to = to;
    return paint;
}

/* Paints the whole picture. */
void ph_fill(ph_stage *s, const ph_paint *paint);
/* Draws with the label of a part. */
void ph_draw_part(ph_stage *s, ph_paint paint, uint8_t part, ph_shape shape);

#endif
