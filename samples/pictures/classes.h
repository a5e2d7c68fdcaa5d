/* What pictures show. */
#ifndef PH_PICTURES_CLASSES_H
#define PH_PICTURES_CLASSES_H

#include "shape.h"

/* How a thing meets its surroundings. */
typedef enum ph_stance {
    PH_STANDS, /* on the ground: its shadow lies behind it */
    PH_LIES,   /* on what is behind it: its shadow is beside it, it may be turned any way */
    PH_HANGS,  /* before a wall: the same, but upright */
    PH_FLOATS  /* in air or water: no shadow */
} ph_stance;

/* Draws a thing with its outermost points about on the square -1 .. 1, feet at y = 1. It is called twice with the same
 * random numbers: once to cast its shadow, once to be seen. */
typedef void (*ph_thing)(ph_stage *s);
/* Draws the surroundings of a thing; `whole`: the place is what the picture is about. */
typedef void (*ph_place)(ph_stage *s, bool whole);

typedef struct ph_class {
    const char *name;
    uint8_t label;
    int kind;           /* ph_pictures_kind: texture, object or scene */
    ph_thing thing;     /* of an object */
    ph_place place;     /* of a scene */
    ph_stance stance;   /* of an object */
    ph_place places[4]; /* where an object is found, NULL-terminated unless full */
} ph_class;

extern const ph_class ph_classes[];
extern const int ph_class_total;

/* The whole picture is a surface with this pattern. */
void ph_draw_pattern(ph_stage *s, uint8_t texture);

void ph_thing_car(ph_stage *s);
void ph_thing_bus(ph_stage *s);
void ph_thing_cart(ph_stage *s);
void ph_thing_bicycle(ph_stage *s);
void ph_thing_boat(ph_stage *s);
void ph_thing_house(ph_stage *s);
void ph_thing_clock(ph_stage *s);
void ph_thing_mug(ph_stage *s);
void ph_thing_teapot(ph_stage *s);
void ph_thing_bottle(ph_stage *s);
void ph_thing_lamp(ph_stage *s);
void ph_thing_key(ph_stage *s);
void ph_thing_umbrella(ph_stage *s);
void ph_thing_chair(ph_stage *s);
void ph_thing_balloon(ph_stage *s);
void ph_thing_face(ph_stage *s);
void ph_thing_cat(ph_stage *s);
void ph_thing_dog(ph_stage *s);
void ph_thing_bird(ph_stage *s);
void ph_thing_fish(ph_stage *s);
void ph_thing_butterfly(ph_stage *s);
void ph_thing_snail(ph_stage *s);
void ph_thing_ladybird(ph_stage *s);
void ph_thing_flower(ph_stage *s);
void ph_thing_tree(ph_stage *s);
void ph_thing_mushroom(ph_stage *s);
void ph_thing_cactus(ph_stage *s);
void ph_thing_apple(ph_stage *s);

void ph_place_beach(ph_stage *s, bool whole);
void ph_place_forest(ph_stage *s, bool whole);
void ph_place_street(ph_stage *s, bool whole);
void ph_place_night(ph_stage *s, bool whole);
void ph_place_mountains(ph_stage *s, bool whole);
void ph_place_desert(ph_stage *s, bool whole);
void ph_place_underwater(ph_stage *s, bool whole);
void ph_place_skyline(ph_stage *s, bool whole);
void ph_place_field(ph_stage *s, bool whole);
void ph_place_sunset(ph_stage *s, bool whole);
void ph_place_sea(ph_stage *s, bool whole);
void ph_place_sky(ph_stage *s, bool whole);
void ph_place_table(ph_stage *s, bool whole);
void ph_place_wall(ph_stage *s, bool whole);
void ph_place_tabletop(ph_stage *s, bool whole);
void ph_place_foliage(ph_stage *s, bool whole);

#endif
