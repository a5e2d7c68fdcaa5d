/* Pictures of nothing but a surface: stripes, bricks, fur ... */
#include "classes.h"

typedef struct pattern {
    uint8_t texture;
    float small, large; /* periods, in the picture's frame */
    float lean;         /* turned by at most this, in turns */
    float grain;
    uint32_t base[4], second[4]; /* natural colours; base[0] = 0: any two that differ */
} pattern;

static const pattern patterns[] = {
    {PH_STRIPES_ACROSS, 0.14F, 0.5F, 0.5F, 0.12F, {0}, {0}},
    {PH_DOTS, 0.2F, 0.55F, 0.5F, 0.1F, {0}, {0}},
    {PH_CHECKS, 0.14F, 0.42F, 0.08F, 0.1F, {0}, {0}},
    {PH_BRICKS,
     0.13F,
     0.3F,
     0.03F,
     0.2F,
     {0x9C4A34, 0xB0623F, 0x8A3E30, 0xA8764E},
     {0xC8BFB0, 0xA8A098, 0xD8D0C4, 0x8C857C}},
    {PH_SCALES,
     0.16F,
     0.4F,
     0.06F,
     0.1F,
     {0x5A9A6A, 0x4A86A8, 0xC8A040, 0xA0604A},
     {0x204838, 0x1A3450, 0x6A4818, 0x4A2018}},
    {PH_FUR,
     0.3F,
     0.7F,
     0.12F,
     0.05F,
     {0x5A3C22, 0x3A3430, 0x8A5A2C, 0x787068},
     {0xC89A62, 0xA8A09A, 0xE8B878, 0xE8E0D4}},
    {PH_WAVES,
     0.22F,
     0.5F,
     0.03F,
     0.08F,
     {0x14506E, 0x1A6A80, 0x0E3C5C, 0x2A7A8A},
     {0x7AC0CC, 0xA8D8DC, 0x5A9AC0, 0xB8E0D8}},
    {PH_GRASS,
     0.3F,
     0.55F,
     0.04F,
     0.1F,
     {0x2E6A1C, 0x3A7A28, 0x4A7A1E, 0x2A5C26},
     {0xA8C84A, 0x9AD058, 0xC8D070, 0x88B840}},
    {PH_SPIRAL, 0.13F, 0.34F, 0.5F, 0.1F, {0}, {0}},
    {PH_CRACKS,
     0.3F,
     0.6F,
     0.5F,
     0.25F,
     {0xB89A74, 0xA08468, 0xC0B09A, 0x9A9088},
     {0x2A1E14, 0x30241A, 0x282420, 0x1E1A18}},
    {PH_PLAID, 0.3F, 0.6F, 0.08F, 0.1F, {0}, {0}},
    {PH_RINGS, 0.15F, 0.34F, 0.5F, 0.1F, {0}, {0}},
    {PH_WOVEN,
     0.17F,
     0.36F,
     0.06F,
     0.15F,
     {0xB08A50, 0xC8A468, 0x8A6030, 0xD0B890},
     {0xD8B880, 0xE0C898, 0xB88850, 0xF0E0C0}},
    {PH_WOOD,
     0.24F,
     0.45F,
     0.03F,
     0.06F,
     {0xC08A52, 0xB07840, 0xD0A468, 0x96623A},
     {0x6A4020, 0x5A3418, 0x8A5A30, 0x4A2A14}},
    {PH_HONEYCOMB,
     0.2F,
     0.45F,
     0.08F,
     0.12F,
     {0xD08A1C, 0xC87818, 0xE0A030, 0xB86A14},
     {0xF4D070, 0xE8C050, 0xF8E098, 0xF0C868}},
    {PH_MARBLE,
     0.25F,
     0.5F,
     0.5F,
     0.05F,
     {0xECE8E2, 0xE0DCD8, 0x2E4A40, 0xD8C8BC},
     {0x6A6C74, 0x585A60, 0xD0DCD4, 0x8A5A50}},
    {PH_ZIGZAG, 0.24F, 0.5F, 0.08F, 0.1F, {0}, {0}},
};

static float brightness(ph_rgb c)
{
    return 0.25F * c.r + 0.65F * c.g + 0.1F * c.b;
}

/* Two colours that nobody takes for one. */
static void contrast(ph_stage *s, ph_rgb *a, ph_rgb *b)
{
    *a = ph_vivid(s);
    for (int i = 0; i < 8; i++) {
        *b = ph_chance(s, 0.5F) ? PH_ONE_OF(s, 0xF0ECE0, 0xE8DCC0, 0x181818, 0x1C2438) : ph_vivid(s);
        const float x = brightness(*a) + 0.05F, y = brightness(*b) + 0.05F;
        if (x > 2 * y || y > 2 * x)
            return;
    }
    *b = brightness(*a) > 0.25F ? ph_hex(0x141414) : ph_hex(0xF0F0F0);
}

void ph_draw_pattern(ph_stage *s, uint8_t texture)
{
    const pattern *p = patterns;
    while (p->texture != texture)
        p++;
    ph_paint paint = ph_textured(s, texture, (ph_rgb){0}, (ph_rgb){0}, ph_between(s, p->small, p->large));
    if (p->base[0]) {
        const int i = ph_pick(s, 4);
        paint.base = ph_near(s, ph_hex(p->base[i]), 0.12F);
        paint.second = ph_near(s, ph_hex(p->second[i]), 0.12F);
    } else {
        contrast(s, &paint.base, &paint.second);
        if (ph_chance(s, 0.5F)) {
            const ph_rgb swap = paint.base;
            paint.base = paint.second;
            paint.second = swap;
        }
    }
    paint.grain = p->grain;
    paint.gloss = ph_between(s, 0, 0.25F);
    const ph_frame picture = s->frame;
    const ph_point middle = ph_somewhere(s, -0.3F, 0.3F, -0.3F, 0.3F),
                   tilt = ph_somewhere(s, -0.22F, 0.22F, -0.22F, 0.22F);
    ph_shift(s, middle.x, middle.y);
    ph_turn(s, ph_between(s, -p->lean, p->lean));
    ph_tilt(s, tilt.x, tilt.y);
    ph_zoom(s, 1, ph_between(s, 0.8F, 1));
    s->grade = ph_between(s, 0.2F, 0.5F);
    paint.on_plane = true;
    s->plane = s->frame;
    s->frame = picture;
    ph_fill(s, &paint);
}
