/* What places are made of. */
#ifndef PH_PICTURES_BACKDROP_H
#define PH_PICTURES_BACKDROP_H

#include "parts.h"

/* The sky of a day above `horizon`; `overcast` 0 .. 1. */
void ph_daylight(ph_stage *s, float horizon, ph_rgb zenith, ph_rgb low, float overcast);
/* Ground from the horizon down, seen in perspective; far parts fade into `haze`. */
void ph_land(ph_stage *s, float horizon, uint8_t thing, ph_paint paint, ph_rgb haze);
/* A range of hills across the picture: crest around y, as rough as `rough`, filled down to `foot`. */
void ph_ridge(ph_stage *s, uint8_t thing, const ph_paint *paint, float y, float rough, float detail, float foot);
/* Upright grass from the horizon down, bands of blades that grow towards us. */
void ph_meadow(ph_stage *s, float horizon, ph_paint grass, ph_rgb haze);
/* The edge of a wood: conifers as high as `high` side by side, tops around y, filled down to `foot`. */
void ph_treeline(ph_stage *s, float y, float high, ph_rgb colour, float foot);
/* A disc of light with its glow. */
void ph_orb(ph_stage *s, uint8_t thing, float x, float y, float r, ph_rgb colour, float halo);
void ph_rock(ph_stage *s, float x, float y, float size, ph_rgb colour);

#endif
