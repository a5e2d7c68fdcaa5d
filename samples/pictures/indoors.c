/* Places near at hand: rooms, table tops, leaves; and the empty sky. */
#include "backdrop.h"

static ph_paint wallpaper(ph_stage *s)
{
    const ph_rgb colour =
        PH_ONE_OF(s, 0xD8CCB8, 0xB8C4C0, 0xC8B0A0, 0x8AA0A8, 0xE0DCD0, 0xA8B090, 0x788898, 0xC8A078, 0x9A7A6A);
    ph_paint wall = ph_plain(s, colour);
    if (ph_chance(s, 0.35F)) {
        static const uint8_t patterns[] = {PH_STRIPES_ACROSS, PH_BRICKS, PH_DOTS, PH_WOOD};
        wall.texture = patterns[ph_pick(s, 4)];
        wall.turns = wall.texture == PH_STRIPES_ACROSS ? 0.25F : 0;
        wall.scale = wall.texture == PH_BRICKS ? 0.18F : ph_between(s, 0.2F, 0.4F);
        wall.second = ph_times(colour, ph_between(s, 0.75F, 0.88F));
    }
    wall.grain = 0.12F;
    return wall;
}

/* Small things further back on the table. */
static void company(ph_stage *s, float edge)
{
    static const ph_thing things[] = {ph_thing_mug, ph_thing_bottle, ph_thing_apple, ph_thing_teapot};
    static const uint8_t labels[] = {PH_MUG, PH_BOTTLE, PH_APPLE, PH_TEAPOT};
    for (int i = ph_pick(s, 3); i > 0; i--) {
        const int k = ph_pick(s, 4);
        const ph_point at = ph_somewhere(s, -ph_half_width(s), ph_half_width(s), edge + 0.03F, edge + 0.2F);
        ph_put(s, things[k], labels[k], at.x, at.y, ph_between(s, 0.12F, 0.2F));
    }
}

/* Boxes and books on the far edge. */
static void clutter(ph_stage *s, float y)
{
    float x = -ph_half_width(s) + ph_between(s, -0.1F, 0.5F);
    s->thing = PH_BOX;
    for (int i = 2 + ph_pick(s, 5); i > 0; i--) {
        const float half = ph_between(s, 0.04F, 0.16F), high = ph_between(s, 0.1F, 0.35F);
        ph_paint box = ph_plain(s, ph_chance(s, 0.6F) ? ph_vivid(s) : PH_ONE_OF(s, 0xC8C0B0, 0x807468, 0x504840));
        box.bulge = 0.03F;
        ph_draw(s, &box, ph_box(x + half, y - high, half, high, 0.02F));
        x += 2 * half + ph_between(s, 0, 0.5F);
    }
    s->thing = 0;
}

void ph_place_wall(ph_stage *s, bool whole)
{
    (void)whole;
    s->scene = PH_ROOM;
    s->thing = PH_WALL;
    const ph_paint wall = wallpaper(s);
    ph_fill(s, &wall);
    if (ph_chance(s, 0.4F)) {
        const ph_point at = ph_somewhere(s, -1.1F, 1.1F, -0.8F, 0);
        ph_window(s, at.x, at.y, 0.35F, 0.5F, 2, 2, ph_hex(0xE8E4DC));
    }
    s->thing = 0;
}

void ph_place_table(ph_stage *s, bool whole)
{
    ph_place_wall(s, whole);
    const float edge = ph_between(s, 0.15F, 0.42F), low = ph_half_height(s) + 0.1F;
    if (ph_chance(s, 0.6F))
        clutter(s, edge + 0.06F);
    static const uint8_t cloth[] = {PH_CHECKS, PH_PLAID, PH_WOVEN, PH_NO_LABEL};
    ph_paint top = ph_timber(s, 0.2F, 0);
    if (ph_chance(s, 0.35F)) {
        const ph_rgb colour = ph_vivid(s);
        const ph_rgb second = ph_chance(s, 0.6F) ? ph_hex(0xF0ECE4) : ph_times(colour, 0.7F);
        top = ph_textured(s, cloth[ph_pick(s, 4)], colour, second, 0.22F);
    }
    top.gloss = 0.1F;
    s->thing = 0;
    /* The table lies as deep as its far edge is high: eye height 1 over a table 0.5 below. */
    ph_ground(s, edge - 0.45F);
    top.on_plane = true;
    s->thing = PH_TABLE;
    ph_draw(s, &top, ph_box(0, 0.5F * (edge + low), ph_half_width(s) + 0.1F, 0.5F * (low - edge), 0));
    s->thing = 0;
    company(s, edge);
}

void ph_place_tabletop(ph_stage *s, bool whole)
{
    (void)whole;
    static const uint8_t kinds[] = {PH_WOOD, PH_WOVEN, PH_MARBLE, PH_PLAID, PH_STONE, PH_SAND};
    const uint8_t kind = kinds[ph_pick(s, 6)];
    const float scale = ph_between(s, 0.25F, 0.4F);
    ph_paint top = ph_timber(s, scale, ph_between(s, -0.1F, 0.1F));
    if (kind != PH_WOOD) {
        const ph_rgb colour = PH_ONE_OF(s, 0xD8D0C4, 0x8A9AA0, 0xB0A088, 0x68707A, 0xC8B0A0, 0x708868);
        top = ph_textured(s, kind, colour, ph_times(colour, 0.75F), kind == PH_WOVEN ? 0.12F : 0.35F);
    }
    s->scene = PH_ROOM;
    s->thing = PH_TABLE;
    ph_fill(s, &top);
    s->thing = 0;
}

void ph_place_foliage(ph_stage *s, bool whole)
{
    (void)whole;
    const ph_rgb green = PH_ONE_OF(s, 0x2E5A24, 0x3E7030, 0x4A6A28, 0x24503A);
    ph_paint back = ph_textured(s, PH_LEAVES, ph_times(green, 0.6F), ph_times(green, 1.8F), ph_between(s, 0.2F, 0.4F));
    s->thing = PH_PLANT;
    ph_fill(s, &back);
    for (int i = 0; i < 9; i++) {
        const float x = ph_between(s, -1.2F, 1.2F) * ph_half_width(s),
                    y = ph_between(s, -1.2F, 1.2F) * ph_half_height(s);
        const float length = ph_between(s, 0.5F, 1.1F), wide = ph_between(s, 0.15F, 0.35F), turns = ph_between(s, 0, 1);
        ph_leaf(s, x, y, length, wide, turns, ph_times(green, ph_between(s, 0.7F, 1.7F)));
    }
    s->thing = 0;
}

void ph_place_sky(ph_stage *s, bool whole)
{
    (void)whole;
    const ph_rgb zenith = PH_ONE_OF(s, 0x2C68B8, 0x4A88C8, 0x3878C0, 0x7AA4C8);
    const float high = ph_half_height(s);
    const ph_rgb low = PH_ONE_OF(s, 0xA8CCE8, 0xC8DCE8, 0xE0DCD8);
    ph_daylight(s, high + 0.1F, zenith, low, ph_between(s, 0.1F, 0.8F));
    if (ph_chance(s, 0.5F)) {
        ph_paint hill = ph_textured(s, PH_LEAVES, ph_hex(0x2E5230), ph_hex(0x6A8A50), 0.08F);
        ph_ridge(s, PH_GROUND, &hill, high * 0.8F, 0.15F, 1, high + 0.2F);
    }
}

void ph_place_night(ph_stage *s, bool whole)
{
    (void)whole;
    const float horizon = ph_between(s, 0.55F, 0.85F), wide = ph_half_width(s), high = ph_half_height(s);
    s->scene = PH_NIGHT;
    const ph_rgb dark = PH_ONE_OF(s, 0x060A1C, 0x0A1028, 0x0C0A20);
    ph_daylight(s, horizon + 0.3F, dark, PH_ONE_OF(s, 0x24345C, 0x2A2850, 0x183848), 0);
    ph_paint haze = ph_textured(s, PH_CLOUDY, dark, ph_hex(0x4A4C78), 0.7F), star = ph_plain(s, ph_hex(0xFFFFFF));
    haze.quiet = true;
    haze.fade = 0.5F;
    haze.soft = 0.5F;
    haze.glow = star.glow = 1;
    star.quiet = true;
    star.grain = 0;
    ph_draw(s, &haze, ph_capsule(-1.3F * wide, 0.4F, 0.1F, 1.3F * wide, -0.9F, 0.25F));
    for (int i = 0; i < 130; i++) {
        const float big = ph_between(s, 0, 1), r = 0.006F + 0.02F * ph_power2(big, 3);
        star.base = ph_blend(ph_hex(0xFFFFFF), PH_ONE_OF(s, 0xFFE0B0, 0xB0D0FF), 0.6F);
        star.fade = ph_between(s, 0, 0.6F);
        const ph_point at = ph_somewhere(s, -wide, wide, -high, 0.9F * high);
        ph_draw(s, &star, ph_circle(at.x, at.y, r));
    }
    const float x = ph_between(s, -0.65F, 0.65F), y = ph_between(s, -0.65F, -0.15F), r = ph_between(s, 0.14F, 0.24F);
    const bool crescent = ph_chance(s, 0.5F);
    ph_orb(s, PH_MOON, x, y, r, ph_hex(0xF4F0DC), crescent ? 0.01F : 0.05F);
    ph_paint crater = ph_plain(s, ph_hex(0xC8C4B4)), shadow = ph_plain(s, dark);
    crater.quiet = true;
    crater.glow = shadow.glow = 1;
    crater.fade = 0.3F;
    crater.soft = 0.03F;
    s->thing = PH_SKY;
    if (crescent)
        ph_draw(s, &shadow, ph_circle(x + 0.5F * r, y - 0.1F * r, 0.85F * r));
    s->thing = 0;
    for (int i = 0; i < 3; i++)
        ph_draw(s, &crater,
                ph_circle(x - 0.5F * r + 0.1F * r * (float)i, y + r * (0.45F * (float)i - 0.45F), 0.16F * r));
    ph_paint hill = ph_plain(s, ph_hex(0x05070C));
    ph_ridge(s, PH_GROUND, &hill, horizon, 0.2F, 1.2F, high + 0.2F);
}
