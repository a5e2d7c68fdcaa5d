/* Places at and under the sea. */
#include "backdrop.h"

static void open_sea(ph_stage *s, float horizon, float calm)
{
    const ph_rgb deep = PH_ONE_OF(s, 0x14507A, 0x1A6080, 0x0E4468, 0x2A7888);
    ph_paint water = ph_textured(s, PH_WAVES, deep, ph_blend(deep, ph_hex(0xC8E8F0), 0.55F), 0.16F * calm);
    water.gloss = 0.3F;
    ph_land(s, horizon, PH_SEA, water, ph_blend(deep, ph_hex(0xA8CCE0), 0.5F));
}

static void day(ph_stage *s, float horizon)
{
    const ph_rgb zenith = PH_ONE_OF(s, 0x2C70C0, 0x4A90D0, 0x3880C8, 0x78A8D0), low = PH_ONE_OF(s, 0xC0DCEC, 0xD0E4EC);
    ph_daylight(s, horizon, zenith, low, ph_chance(s, 0.7F) ? ph_between(s, 0.1F, 0.6F) : 0);
}

void ph_place_sea(ph_stage *s, bool whole)
{
    (void)whole;
    const float horizon = ph_between(s, -0.1F, 0.3F);
    day(s, horizon);
    open_sea(s, horizon, 1.6F);
}

void ph_place_beach(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, -0.35F, -0.1F), shore = horizon + ph_between(s, 0.35F, 0.5F),
                high = ph_half_height(s);
    s->scene = PH_BEACH;
    day(s, horizon);
    open_sea(s, horizon, 1);
    const ph_rgb dry = PH_ONE_OF(s, 0xE8D0A0, 0xE0C890, 0xD8BC88, 0xF0E0BC);
    ph_paint wet = ph_plain(s, ph_times(dry, 0.55F)), foam = ph_plain(s, ph_hex(0xF4F8F8)),
             sand = ph_textured(s, PH_SAND, ph_times(dry, 0.85F), ph_times(dry, 1.15F), 0.12F);
    const uint64_t mark = s->random;
    ph_ridge(s, PH_SEA, &foam, shore - 0.05F, 0.08F, 0.9F, high + 0.2F);
    s->random = mark;
    ph_ridge(s, PH_GROUND, &wet, shore, 0.08F, 0.9F, high + 0.2F);
    s->random = mark;
    ph_ridge(s, PH_GROUND, &sand, shore + 0.1F, 0.08F, 0.9F, high + 0.2F);
    if (!whole)
        return;
    if (ph_chance(s, 0.5F))
        ph_orb(s, PH_SUN, ph_between(s, -0.8F, 0.8F), horizon - 0.4F, 0.08F, ph_hex(0xFFF8E0), 0.1F);
    const float wide = ph_half_width(s);
    for (int i = ph_pick(s, 3); i > 0; i--) {
        const ph_point at = ph_somewhere(s, -0.9F * wide, 0.9F * wide, horizon + 0.04F, horizon + 0.12F);
        ph_put(s, ph_thing_boat, PH_BOAT, at.x, at.y, ph_between(s, 0.06F, 0.13F));
    }
    if (ph_chance(s, 0.7F)) {
        const float x = ph_between(s, -0.7F, 0.7F);
        ph_put(s, ph_thing_umbrella, PH_UMBRELLA, x, shore + 0.5F, ph_between(s, 0.16F, 0.26F));
    }
    for (int i = ph_pick(s, 4); i > 0; i--) {
        const ph_point at = ph_somewhere(s, -wide, wide, shore + 0.1F, shore + 0.6F);
        ph_rock(s, at.x, at.y, ph_between(s, 0.04F, 0.12F), ph_hex(0x807468));
    }
}

void ph_place_sunset(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, 0, 0.3F), x = ph_between(s, -0.5F, 0.5F),
                sun = horizon - ph_between(s, 0.05F, 0.3F);
    s->scene = PH_SUNSET;
    s->sun = ph_times(ph_hex(0xFF9050), 0.6F);
    const ph_rgb zenith = PH_ONE_OF(s, 0x402860, 0x283868, 0x702848, 0x883838),
                 low = PH_ONE_OF(s, 0xF8A040, 0xF08030, 0xF0B858);
    ph_daylight(s, horizon, zenith, low, ph_between(s, 0, 0.35F));
    ph_orb(s, PH_SUN, x, sun, ph_between(s, 0.11F, 0.17F), ph_hex(0xFFF0A8), 0.25F);
    ph_paint land = ph_run(ph_plain(s, ph_hex(0x1C1014)), ph_hex(0x50281C), 0.8F, horizon - 0.2F);
    if (whole && ph_chance(s, 0.5F)) {
        ph_ridge(s, PH_GROUND, &land, horizon, 0.2F, 1.2F, ph_half_height(s) + 0.2F);
        ph_ridge(s, PH_GROUND, &land, horizon + 0.3F, 0.15F, 1.5F, ph_half_height(s) + 0.2F);
        return;
    }
    ph_paint water = ph_textured(s, PH_WAVES, ph_hex(0x301828), ph_hex(0xC05A30), 0.3F);
    ph_land(s, horizon, PH_SEA, water, ph_hex(0xD87838));
    /* The sun's path on the water: strokes that widen towards us. */
    ph_paint path = ph_plain(s, ph_hex(0xFFD070));
    path.glow = 1;
    path.quiet = true;
    path.fade = 0.25F;
    path.soft = 0.03F;
    for (int i = 0; i < 14; i++) {
        const float t = (float)i / 14, y = horizon + 0.02F + 0.8F * t * t, wide = ph_between(s, 0.03F, 0.1F) + 0.1F * t;
        const float at = x + ph_between(s, -0.06F, 0.06F);
        ph_draw(s, &path, ph_capsule(at - wide, y, 0.012F, at + wide, y, 0.012F));
    }
}

static void coral(ph_stage *s, float x, float y, float size)
{
    ph_paint branch = ph_plain(s, PH_ONE_OF(s, 0xE06048, 0xE89060, 0xC850A0, 0xD8B040, 0x9060B8));
    s->thing = PH_CORAL;
    branch.bulge = 0.06F * size;
    for (int i = 0; i < 5; i++) {
        const float a = -0.25F + 0.09F * (float)(i - 2), length = size * ph_between(s, 0.7F, 1.1F);
        const float ex = x + length * ph_cos(a), ey = y + length * ph_sin(a);
        ph_draw(s, &branch, ph_capsule(x, y, 0.1F * size, ex, ey, 0.06F * size), ph_circle(ex, ey, 0.1F * size));
    }
    s->thing = 0;
}

static void weed(ph_stage *s, float x, float y, float length)
{
    ph_paint blade = ph_plain(s, PH_ONE_OF(s, 0x2A6A38, 0x4A8A30, 0x6A7A28));
    const float sway = ph_between(s, 0.04F, 0.1F);
    const ph_point line[] = {
        {x, y}, {x + sway, y - 0.33F * length}, {x - sway, y - 0.66F * length}, {x + sway, y - length}};
    s->thing = PH_PLANT;
    ph_draw_part(s, blade, PH_LEAF, ph_curve(line, 4, 0.035F, 0.012F));
    s->thing = 0;
}

void ph_place_underwater(ph_stage *s, bool whole)
{
    const float floor = ph_between(s, 0.5F, 0.75F), wide = ph_half_width(s);
    const ph_rgb deep = PH_ONE_OF(s, 0x0A3A6A, 0x0C4A70, 0x084858), bright = PH_ONE_OF(s, 0x48B0D0, 0x58C0C8, 0x3898C8);
    s->scene = PH_UNDERWATER;
    s->sun = (ph_rgb){0.4F, 0.6F, 0.65F};
    s->sky = (ph_rgb){0.22F, 0.36F, 0.42F};
    ph_paint water = ph_run(ph_plain(s, bright), deep, -ph_half_height(s), 0.8F);
    water.glow = 1;
    s->thing = PH_SEA;
    ph_fill(s, &water);
    s->thing = 0;
    ph_paint ray = ph_plain(s, ph_hex(0xC8F0F4));
    ray.quiet = true;
    ray.fade = 0.86F;
    ray.soft = 0.14F;
    ray.glow = 1;
    for (int i = 0; i < 5; i++) {
        const float x = wide * ph_between(s, -1, 1);
        ph_draw(s, &ray, ph_capsule(x, -1.2F * ph_half_height(s), 0.03F, x + 0.35F, 0.7F, 0.12F));
    }
    ph_paint sand = ph_textured(s, PH_SAND, ph_hex(0x5A8A88), ph_hex(0x9AC0B0), 0.12F);
    ph_ridge(s, PH_GROUND, &sand, floor, 0.12F, 0.8F, ph_half_height(s) + 0.2F);
    for (int i = whole ? 7 : 3; i > 0; i--) {
        const float x = ph_between(s, -1, 1) * wide;
        const float foot = floor + ph_between(s, 0.1F, 0.4F);
        if (ph_chance(s, 0.35F))
            coral(s, x, foot, ph_between(s, 0.15F, 0.35F));
        else
            weed(s, x, foot, ph_between(s, 0.4F, 0.9F));
        if (ph_chance(s, 0.3F))
            ph_rock(s, x + 0.2F, floor + 0.25F, ph_between(s, 0.06F, 0.16F), ph_hex(0x4A6A70));
    }
    for (int i = whole ? 2 + ph_pick(s, 4) : 0; i > 0; i--) {
        const ph_point at = ph_somewhere(s, -0.9F * wide, 0.9F * wide, -0.5F, 0.5F);
        ph_put(s, ph_thing_fish, PH_FISH, at.x, at.y, ph_between(s, 0.08F, 0.16F));
    }
    ph_paint bubble = ph_plain(s, ph_hex(0xD8F4F8));
    bubble.quiet = true;
    bubble.fade = 0.5F;
    for (int i = 0; i < 12; i++) {
        const ph_point at = ph_somewhere(s, -wide, wide, -1, 0.6F);
        ph_draw(s, &bubble, ph_arc(at.x, at.y, ph_between(s, 0.012F, 0.035F), 0.008F, 0, 1));
    }
}
