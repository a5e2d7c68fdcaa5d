#include "classes.h"

#include "pictures.h"

#define PATTERN(name, label)                                                                                           \
    {                                                                                                                  \
        name, PH_##label, PH_PICTURES_TEXTURE, NULL, NULL, PH_LIES,                                                    \
        {                                                                                                              \
            NULL                                                                                                       \
        }                                                                                                              \
    }
#define THING(function, label, stance, ...)                                                                            \
    {                                                                                                                  \
#function, PH_##label, PH_PICTURES_OBJECT, ph_thing_##function, NULL, stance,                                  \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define PLACE(name, label, function)                                                                                   \
    {                                                                                                                  \
        name, PH_##label, PH_PICTURES_SCENE, NULL, ph_place_##function, PH_LIES,                                       \
        {                                                                                                              \
            NULL                                                                                                       \
        }                                                                                                              \
    }

/* The order is that of the outputs of the networks trained on them. */
const ph_class ph_classes[] = {
    PATTERN("stripes", STRIPES_ACROSS),
    PATTERN("dots", DOTS),
    PATTERN("checks", CHECKS),
    PATTERN("bricks", BRICKS),
    PATTERN("scales", SCALES),
    PATTERN("fur", FUR),
    PATTERN("waves", WAVES),
    PATTERN("grass", GRASS),
    PATTERN("spiral", SPIRAL),
    PATTERN("cracks", CRACKS),
    PATTERN("plaid", PLAID),
    PATTERN("rings", RINGS),
    PATTERN("woven", WOVEN),
    PATTERN("wood", WOOD),
    PATTERN("honeycomb", HONEYCOMB),
    PATTERN("marble", MARBLE),
    PATTERN("zigzag", ZIGZAG),
    THING(car, CAR, PH_STANDS, ph_place_street, ph_place_field, ph_place_desert, ph_place_mountains),
    THING(bus, BUS, PH_STANDS, ph_place_street, ph_place_street, ph_place_field, ph_place_skyline),
    THING(cart, CART, PH_STANDS, ph_place_field, ph_place_desert, ph_place_street, ph_place_mountains),
    THING(bicycle, BICYCLE, PH_STANDS, ph_place_street, ph_place_field, ph_place_forest, ph_place_beach),
    THING(boat, BOAT, PH_FLOATS, ph_place_sea),
    THING(house, HOUSE, PH_STANDS, ph_place_field, ph_place_mountains, ph_place_field, ph_place_desert),
    THING(clock, CLOCK, PH_HANGS, ph_place_wall),
    THING(mug, MUG, PH_STANDS, ph_place_table),
    THING(teapot, TEAPOT, PH_STANDS, ph_place_table),
    THING(bottle, BOTTLE, PH_STANDS, ph_place_table, ph_place_table, ph_place_beach),
    THING(lamp, LAMP, PH_STANDS, ph_place_table),
    THING(key, KEY, PH_LIES, ph_place_tabletop),
    THING(umbrella, UMBRELLA, PH_STANDS, ph_place_beach, ph_place_street, ph_place_field),
    THING(chair, CHAIR, PH_STANDS, ph_place_table, ph_place_field, ph_place_beach),
    THING(balloon, BALLOON, PH_FLOATS, ph_place_sky, ph_place_mountains),
    THING(face, FACE, PH_FLOATS, ph_place_wall, ph_place_street, ph_place_foliage, ph_place_beach),
    THING(cat, CAT, PH_STANDS, ph_place_table, ph_place_field, ph_place_street),
    THING(dog, DOG, PH_STANDS, ph_place_field, ph_place_table, ph_place_beach, ph_place_street),
    THING(bird, BIRD, PH_STANDS, ph_place_field, ph_place_forest, ph_place_beach, ph_place_street),
    THING(fish, FISH, PH_FLOATS, ph_place_underwater),
    THING(butterfly, BUTTERFLY, PH_LIES, ph_place_foliage, ph_place_field, ph_place_foliage, ph_place_tabletop),
    THING(snail, SNAIL, PH_STANDS, ph_place_field, ph_place_forest, ph_place_table),
    THING(ladybird, LADYBIRD, PH_LIES, ph_place_foliage, ph_place_foliage, ph_place_tabletop),
    THING(flower, FLOWER, PH_STANDS, ph_place_foliage, ph_place_field, ph_place_mountains),
    THING(tree, TREE, PH_STANDS, ph_place_field, ph_place_mountains, ph_place_desert),
    THING(mushroom, MUSHROOM, PH_STANDS, ph_place_forest, ph_place_field),
    THING(cactus, CACTUS, PH_STANDS, ph_place_desert, ph_place_desert, ph_place_table),
    THING(apple, APPLE, PH_STANDS, ph_place_table, ph_place_table, ph_place_field),
    PLACE("beach", BEACH, beach),
    PLACE("forest", FOREST, forest),
    PLACE("street", STREET, street),
    PLACE("night sky", NIGHT, night),
    PLACE("mountains", MOUNTAINS, mountains),
    PLACE("desert", DESERT, desert),
    PLACE("underwater", UNDERWATER, underwater),
    PLACE("skyline", SKYLINE, skyline),
    PLACE("field", FIELD, field),
    PLACE("sunset", SUNSET, sunset),
};
const int ph_class_total = (int)(sizeof ph_classes / sizeof ph_classes[0]);
