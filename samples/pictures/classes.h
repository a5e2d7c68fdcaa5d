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

#define X(name) void ph_thing_##name(ph_stage *s);
X(car)
X(bus)
X(cart)
X(bicycle) X(boat) X(house) X(clock) X(mug) X(teapot) X(bottle) X(lamp) X(key) X(umbrella) X(chair) X(balloon) X(face)
    X(cat) X(dog) X(bird) X(fish) X(butterfly) X(snail) X(ladybird) X(flower) X(tree) X(mushroom) X(cactus) X(apple)
#undef X

#define X(name) void ph_place_##name(ph_stage *s, bool whole);
        X(beach) X(forest) X(street) X(night) X(mountains) X(desert) X(underwater) X(skyline) X(field) X(sunset)
            X(table) X(wall) X(sky) X(foliage) X(tabletop) X(sea)
#undef X

#endif
