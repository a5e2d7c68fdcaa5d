#include "pictures.h"

#include "classes.h"

static const struct {
    int kind;
    const char *name;
} labels[] = {
    {-1, NULL},
#define X(kind, identifier, name) {PH_PICTURES_##kind, name},
#include "labels.def"
#undef X
};

int ph_pictures_class_count(void)
{
    return ph_class_total;
}

const char *ph_pictures_class_name(int index)
{
    return index < 0 || index >= ph_class_total ? NULL : ph_classes[index].name;
}

int ph_pictures_class_kind(int index)
{
    return index < 0 || index >= ph_class_total ? -1 : ph_classes[index].kind;
}

int ph_pictures_label_count(void)
{
    return PH_LABELS_END - 1;
}

const char *ph_pictures_label_name(int number)
{
    return number < 1 || number >= PH_LABELS_END ? NULL : labels[number].name;
}

int ph_pictures_label_kind(int number)
{
    return number < 1 || number >= PH_LABELS_END ? -1 : labels[number].kind;
}

const char *ph_pictures_kind_name(int kind)
{
    static const char *const names[] = {"color", "object", "part", "scene", "texture"};
    return kind < 0 || kind >= PH_PICTURES_KINDS ? NULL : names[kind];
}

/* Draws the thing as a shadow on its surroundings. */
static void cast_shadow(ph_stage *s, const ph_class *class)
{
    if (class->stance == PH_STANDS) {
        /* The ground is seen at a low angle: heights shrink and lean away from the light. */
        const float away = s->frame.m[0] < 0 ? s->light[0] : -s->light[0];
        ph_shift(s, 0, 1);
        ph_slant(s, -1.1F * away, 0);
        ph_zoom(s, 1, 0.32F);
        ph_shift(s, 0, -1);
    } else {
        const float height = 0.09F;
        ph_nudge(s, -height * s->light[0], -height * s->light[1]);
    }
    s->casting = true;
    class->thing(s);
    s->casting = false;
    const float dark = ph_between(s, 0.35F, 0.65F);
    ph_shade(s, dark, ph_between(s, 0.02F, 0.06F));
}

static void draw_object(ph_stage *s, const ph_class *class)
{
    int places = 0;
    while (places < 4 && class->places[places])
        places++;
    const ph_frame whole = s->frame;
    class->places[ph_pick(s, places)](s, false);
    s->frame = whole;
    ph_blur(s, ph_between(s, 0, 0.06F));
    const float size = ph_between(s, 0.58F, 0.86F), room = 0.95F - size;
    const ph_point at = ph_somewhere(s, -room, room, 0.1F * room, 0.9F * room);
    ph_shift(s, at.x, at.y);
    if (class->stance == PH_LIES)
        ph_turn(s, ph_between(s, -0.5F, 0.5F));
    else
        ph_turn(s, ph_between(s, -0.02F, 0.02F) * (class->stance == PH_FLOATS ? 2 : 1));
    const float high = size * ph_between(s, 0.93F, 1.06F);
    ph_zoom(s, ph_chance(s, 0.5F) ? size : -size, high);
    ph_slant(s, ph_between(s, -0.06F, 0.06F), 0);
    const ph_point tilt = ph_somewhere(s, -0.14F, 0.14F, -0.1F, 0.1F);
    ph_tilt(s, tilt.x, tilt.y);
    s->thing = class->label;
    const ph_frame frame = s->frame;
    const uint64_t random = s->random;
    if (class->stance != PH_FLOATS)
        cast_shadow(s, class);
    s->frame = frame;
    s->random = random;
    class->thing(s);
}

int ph_pictures_class_of(uint64_t seed)
{
    ph_stage s = {.random = seed ^ 0x5851F42D4C957F2DU};
    return ph_pick(&s, ph_class_total);
}

static void draw(ph_stage *s, uint64_t seed, int index, uint8_t *rgb, uint8_t *colours)
{
    const ph_class *class = &ph_classes[index];
    /* Neighbouring seeds, and one seed for several classes, give unrelated streams. */
    ph_stage_begin(s, (seed + 1) * 0xD1342543DE82EF95U + (uint64_t)index * 0xA24BAED4963EE407U);
    if (class->kind == PH_PICTURES_TEXTURE)
        ph_draw_pattern(s, class->label);
    else if (class->kind == PH_PICTURES_SCENE)
        class->place(s, true);
    else
        draw_object(s, class);
    ph_develop(s, rgb, colours);
}

int ph_pictures_batch(uint64_t first_seed, int count, int size, uint8_t *rgb, int32_t *classes)
{
    if (count < 0 || size < PH_PICTURES_SIDE_MIN || size > PH_PICTURES_SIDE_MAX)
        return 2;
    int failed = 0;
    const size_t bytes = 3 * (size_t)size * (size_t)size;
#pragma omp parallel reduction(| : failed)
    {
        ph_stage s;
        failed = ph_stage_open(&s, size, size);
#pragma omp for schedule(dynamic, 1)
        for (int i = 0; i < count; i++) {
            if (failed)
                continue;
            const uint64_t seed = first_seed + (uint64_t)i;
            const int index = ph_pictures_class_of(seed);
            draw(&s, seed, index, rgb + bytes * (size_t)i, NULL);
            if (classes)
                classes[i] = index;
        }
        ph_stage_close(&s);
    }
    return failed;
}

int ph_pictures_draw(uint64_t seed, int class_index, int width, int height, uint8_t *rgb,
                     uint8_t *const maps[PH_PICTURES_KINDS])
{
    ph_stage s;
    if (class_index < -1 || class_index >= ph_class_total || width < PH_PICTURES_SIDE_MIN ||
        height < PH_PICTURES_SIDE_MIN || width > PH_PICTURES_SIDE_MAX || height > PH_PICTURES_SIDE_MAX)
        return -2;
    if (ph_stage_open(&s, width, height))
        return -1;
    const int index = class_index < 0 ? ph_pictures_class_of(seed) : class_index;
    draw(&s, seed, index, rgb, maps ? maps[PH_PICTURES_COLOUR] : NULL);
    const size_t pixels = (size_t)width * (size_t)height;
    for (size_t i = 0; maps && i < pixels; i++) {
        if (maps[PH_PICTURES_OBJECT])
            maps[PH_PICTURES_OBJECT][i] = s.object[i];
        if (maps[PH_PICTURES_PART])
            maps[PH_PICTURES_PART][i] = s.part[i];
        if (maps[PH_PICTURES_SCENE])
            maps[PH_PICTURES_SCENE][i] = s.scene;
        if (maps[PH_PICTURES_TEXTURE])
            maps[PH_PICTURES_TEXTURE][i] = s.matter[i];
    }
    ph_stage_close(&s);
    return index;
}
