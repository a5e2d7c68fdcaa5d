/* Patterns: the colour and the relief of a surface at a point. */
#ifndef PH_PICTURES_TEXTURE_H
#define PH_PICTURES_TEXTURE_H

#include "stage.h"

typedef struct ph_spot {
    float u, v;  /* where, in periods of the texture */
    float pixel; /* size of a pixel there: edges are softened over it, detail below it fades */
    uint32_t seed;
} ph_spot;

typedef struct ph_surface {
    float mix;    /* 0: base colour, 1: second colour */
    float shade;  /* factor on the brightness */
    float height; /* of the relief, in periods */
} ph_surface;

typedef void (*ph_texture)(const ph_spot *at, ph_surface *out);

/* The pattern of a texture label; NULL for none. */
ph_texture ph_texture_of(uint8_t label);

#endif
