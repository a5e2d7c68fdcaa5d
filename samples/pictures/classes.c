#include "classes.h"

#include "pictures.h"

#define PATTERN(name, label)                                                                                           \
    {                                                                                                                  \
        name, PH_##label, PH_PICTURES_TEXTURE, 0, 0, PH_LIES,                                                          \
        {                                                                                                              \
            0                                                                                                          \
        }                                                                                                              \
    }
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
};
const int ph_class_total = (int)(sizeof ph_classes / sizeof ph_classes[0]);
