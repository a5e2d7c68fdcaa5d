#include "backdrop.h"

void ph_daylight(ph_stage *s, float horizon, ph_rgb zenith, ph_rgb low, float overcast)
{
    const float top = ph_half_height(s), wide = ph_half_width(s) + 0.1F;
    ph_paint sky = ph_run(ph_plain(s, zenith), low, -top, horizon);
    sky.grain = 0.02F;
    sky.glow = 1;
    const uint8_t before = s->thing;
    s->thing = PH_SKY;
    const ph_shape all = ph_box(0, 0.5F * (horizon - top) - 0.05F, wide, 0.5F * (horizon + top) + 0.1F, 0);
    if (overcast > 0) {
        sky.texture = PH_CLOUDY;
        sky.second = (ph_rgb){s->sun.r + s->sky.r, s->sun.g + s->sky.g, s->sun.b + s->sky.b};
        sky.scale = ph_between(s, 0.5F, 0.9F) / (0.6F + overcast);
        sky.second = ph_times(sky.second, ph_mix(1.05F, 0.8F, overcast * overcast));
        sky.base = ph_blend(zenith, sky.second, 0.3F * overcast);
    }
    ph_draw(s, &sky, all);
    s->thing = before;
}

void ph_land(ph_stage *s, float horizon, uint8_t thing, ph_paint paint, ph_rgb haze)
{
    const float low = ph_half_height(s) + 0.1F, wide = ph_half_width(s) + 0.1F;
    const uint8_t before = s->thing;
    ph_ground(s, horizon);
    s->thing = thing;
    paint.on_plane = true;
    paint = ph_run(paint, haze, 2, 14);
    ph_draw(s, &paint, ph_box(0, 0.5F * (horizon + low), wide, 0.5F * (low - horizon), 0));
    s->thing = before;
}

void ph_ridge(ph_stage *s, uint8_t thing, const ph_paint *paint, float y, float rough, float detail, float foot)
{
    enum { STEPS = 47 };
    ph_point outline[STEPS + 1];
    const float wide = ph_half_width(s) + 0.1F;
    const uint32_t seed = ph_next(s);
    for (int i = 0; i <= STEPS; i++) {
        const float x = wide * (2 * (float)i / STEPS - 1);
        outline[i] = (ph_point){x, y - rough * ph_clouds(x * detail, 0.5F, 5, seed)};
    }
    const uint8_t before = s->thing;
    s->thing = thing;
    ph_draw(s, paint, ph_crest(outline, STEPS + 1, foot));
    s->thing = before;
}

void ph_meadow(ph_stage *s, float horizon, ph_paint grass, ph_rgb haze)
{
    enum { BANDS = 7 };
    const float low = ph_half_height(s) + 0.1F;
    const ph_rgb near = grass.base;
    for (int i = 0; i < BANDS; i++) {
        const float t = (float)i / BANDS, next = (float)(i + 1) / BANDS;
        const float y = horizon + t * t * (low - horizon), foot = horizon + next * next * (low - horizon);
        grass.base = ph_blend(haze, near, ph_min(1, 0.35F + t));
        grass.scale = 0.04F + 0.2F * t;
        grass.seed = ph_next(s);
        /* Tops of blades over the band behind: half a blade's height. */
        grass.ragged = 0.008F + 0.02F * t;
        ph_ridge(s, PH_GROUND, &grass, y, 0.02F + 0.03F * t, 1, i + 1 == BANDS ? low : foot + 0.06F);
    }
}

void ph_treeline(ph_stage *s, float y, float high, ph_rgb colour, float foot)
{
    enum { STEPS = 47 };
    ph_point outline[STEPS + 1];
    ph_paint wood = ph_textured(s, PH_LEAVES, ph_times(colour, 0.7F), ph_times(colour, 1.5F), 0.13F * high);
    const float wide = ph_half_width(s) + 0.1F;
    const uint32_t seed = ph_next(s);
    for (int i = 0; i <= STEPS; i++) {
        const float x = wide * (2 * (float)i / STEPS - 1), hill = 0.5F * high * ph_noise(x * 1.5F, 0, seed);
        const float tree = i % 2 ? 0 : high * (0.6F + 0.4F * ph_hash01(i, 1, seed));
        outline[i] = (ph_point){x, y - hill - tree};
    }
    const uint8_t before = s->thing;
    wood.ragged = 0.08F * high;
    s->thing = PH_TREE;
    wood.part = PH_CROWN;
    ph_draw(s, &wood, ph_crest(outline, STEPS + 1, foot));
    s->thing = before;
}

void ph_orb(ph_stage *s, uint8_t thing, float x, float y, float r, ph_rgb colour, float halo)
{
    ph_paint light = ph_plain(s, colour);
    const uint8_t before = s->thing;
    light.glow = 1;
    light.grain = 0.03F;
    light.quiet = true;
    light.fade = 0.75F;
    for (int i = 1; i <= 3; i++) {
        light.soft = 1.5F * halo * (float)i;
        ph_draw(s, &light, ph_circle(x, y, r + 0.4F * halo * (float)i));
    }
    light.fade = 0;
    light.quiet = false;
    light.soft = 0;
    s->thing = thing;
    ph_draw(s, &light, ph_circle(x, y, r));
    s->thing = before;
}

void ph_rock(ph_stage *s, float x, float y, float size, ph_rgb colour)
{
    ph_paint stone = ph_textured(s, PH_STONE, ph_times(colour, 0.65F), ph_times(colour, 1.3F), 0.35F * size);
    ph_point outline[9];
    for (int i = 0; i < 9; i++) {
        const float a = (float)i / 9, r = size * ph_between(s, 0.75F, 1.1F);
        outline[i] = (ph_point){x + r * ph_cos(a), ph_min(y + 0.7F * r * ph_sin(a), y + 0.3F * size)};
    }
    const uint8_t before = s->thing;
    s->thing = PH_ROCK;
    stone.bulge = 0.4F * size;
    ph_draw(s, &stone, ph_polygon(outline, 9, true));
    s->thing = before;
}
