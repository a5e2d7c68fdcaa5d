/* Parts that many things have: the same wheel rolls under a car and a cart. Every call draws at (x, y) of the frame. */
#ifndef PH_PICTURES_PARTS_H
#define PH_PICTURES_PARTS_H

#include "classes.h"

typedef enum ph_wheel_kind { PH_WHEEL_TYRE, PH_WHEEL_WOOD, PH_WHEEL_WIRE } ph_wheel_kind;

/* `colour`: of the rim or the wood. */
void ph_wheel(ph_stage *s, float x, float y, float r, ph_wheel_kind kind, ph_rgb colour);
/* White, iris and pupil; `open` 0 .. 1 is the height of the lids; a cat's iris hides the white, its pupil is a slit. */
void ph_eye(ph_stage *s, float x, float y, float r, float open, ph_rgb iris, bool cat);
/* A round animal eye: dark with a highlight. */
void ph_bead(ph_stage *s, float x, float y, float r);
/* A window with its frame; panes across and down. */
void ph_window(ph_stage *s, float x, float y, float half_width, float half_height, int across, int down, ph_rgb frame);
/* Glass alone, as paint: reflects the sky, darker below `y`. */
ph_paint ph_glass(ph_stage *s, float y, float height);
void ph_door(ph_stage *s, float x, float y, float half_width, float half_height, ph_rgb colour);
void ph_headlight(ph_stage *s, float x, float y, float r);
/* A pointed leaf from (x, y) in direction `turns`. */
void ph_leaf(ph_stage *s, float x, float y, float length, float wide, float turns, ph_rgb colour);
/* Turns what is drawn next around a joint at (x, y). */
void ph_hinge(ph_stage *s, float x, float y, float turns);
/* Draws a thing small, as part of a scene: its feet at (x, y). */
void ph_put(ph_stage *s, ph_thing thing, uint8_t label, float x, float y, float size);
/* Wood of a random kind; `turns` along the grain. */
ph_paint ph_timber(ph_stage *s, float scale, float turns);

#endif
