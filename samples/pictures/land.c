/* Places in the country. */
#include "backdrop.h"

static void blue_sky(ph_stage *s, float horizon)
{
    const ph_rgb zenith = PH_ONE_OF(s, 0x2C68B8, 0x4A88C8, 0x3878C0, 0x6A9CC8);
    const ph_rgb low = PH_ONE_OF(s, 0xB8D4E8, 0xC8DCE8, 0xD8E0E0);
    ph_daylight(s, horizon, zenith, low, ph_chance(s, 0.75F) ? ph_between(s, 0.1F, 0.7F) : 0);
}

static ph_paint meadow(ph_stage *s)
{
    const ph_rgb dark = PH_ONE_OF(s, 0x2E6A1C, 0x3E7A28, 0x4A7A20);
    return ph_textured(s, PH_GRASS, dark, PH_ONE_OF(s, 0xA8C850, 0x98C048, 0xC0C868), 0.42F);
}

/* Flower heads, smaller and denser towards the horizon: five petals near, a dab of colour far. */
static void wild_flowers(ph_stage *s, float horizon)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xE03028, 0xF0E040, 0xF0F0F0, 0xB060C0, 0xF09030);
    s->thing = PH_FLOWER;
    for (int i = 0; i < 60; i++) {
        const float z = 1 / (0.12F + (float)i * 0.016F), x = ph_between(s, -1, 1) * ph_half_width(s),
                    y = horizon + 1 / z;
        const float r = 0.06F / z + 0.008F, turn = ph_between(s, 0, 1);
        ph_paint petal = ph_plain(s, ph_near(s, colour, 0.1F)), heart = ph_plain(s, ph_hex(0x6A4A18));
        petal.part = PH_PETAL;
        petal.bulge = 0.3F * r;
        petal.grain = heart.grain = 0;
        if (r < 0.03F) {
            ph_draw(s, &petal, ph_ellipse(x, y, r, 0.8F * r, 0));
            continue;
        }
        for (int k = 0; k < 5; k++) {
            const float a = turn + 0.2F * (float)k;
            ph_draw(s, &petal, ph_ellipse(x + 0.6F * r * ph_cos(a), y + 0.45F * r * ph_sin(a), 0.5F * r, 0.42F * r, a));
        }
        ph_draw(s, &heart, ph_ellipse(x, y, 0.3F * r, 0.25F * r, 0));
    }
    s->thing = 0;
}

void ph_place_field(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, -0.25F, 0.15F);
    s->scene = PH_FIELD;
    blue_sky(s, horizon + 0.05F);
    ph_paint hill = ph_textured(s, PH_LEAVES, ph_hex(0x3E6A38), ph_hex(0x7A9A60), 0.1F);
    hill = ph_run(hill, ph_hex(0x8AA8A0), horizon + 0.2F, horizon - 0.4F);
    ph_ridge(s, PH_GROUND, &hill, horizon - 0.05F, 0.12F, 0.8F, horizon + 0.05F);
    ph_paint grass = meadow(s);
    if (whole && ph_chance(s, 0.4F)) {
        grass.base = ph_hex(0x9A7A28);
        grass.second = ph_hex(0xF0D878);
    }
    ph_meadow(s, horizon, grass, ph_hex(0x9AB878));
    if (!whole)
        return;
    for (int i = ph_pick(s, 3); i >= 0; i--) {
        const float x = ph_between(s, -1, 1) * ph_half_width(s);
        ph_put(s, ph_thing_tree, PH_TREE, x, horizon + 0.06F, ph_between(s, 0.1F, 0.2F));
    }
    wild_flowers(s, horizon);
}

void ph_place_forest(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, 0.1F, 0.35F), wide = ph_half_width(s);
    s->scene = PH_FOREST;
    ph_paint far = ph_textured(s, PH_LEAVES, ph_hex(0x5A8A48), ph_hex(0xC8DC98), 0.16F);
    far = ph_run(far, ph_hex(0xD8E8C0), 0.3F, -0.6F);
    far.glow = 0.5F;
    s->thing = PH_PLANT;
    ph_fill(s, &far);
    s->thing = 0;
    ph_blur(s, 0.04F);
    const uint8_t cover = ph_chance(s, 0.5F) ? PH_LEAVES : PH_GRASS;
    const ph_rgb soil = PH_ONE_OF(s, 0x4A5A20, 0x5A4424, 0x3A5A24);
    const ph_paint floor = ph_textured(s, cover, soil, PH_ONE_OF(s, 0x8A9A48, 0x9A7A40), 0.3F);
    ph_land(s, horizon, PH_GROUND, floor, ph_hex(0x7A9A58));
    const int count = whole ? 15 : 9;
    for (int i = 0; i < count; i++) {
        const float near = (float)(i + 1) / (float)count, x = ph_between(s, -1.1F, 1.1F) * wide;
        if (!whole && fabsf(x) < 0.3F && near > 0.6F)
            continue;
        const float r = 0.025F + 0.11F * near * near, foot = horizon + 0.03F + 0.45F * near * near;
        const ph_rgb mist = ph_hex(0x9AB88A), dark = ph_hex(0x2E2218),
                     bright = PH_ONE_OF(s, 0x6A5038, 0x7A6A58, 0x8A7A68);
        ph_paint bark =
            ph_textured(s, PH_FUR, ph_blend(mist, dark, near), ph_blend(mist, bright, near), 0.5F * r + 0.1F);
        bark.bulge = r;
        bark.part = PH_TRUNK;
        s->thing = PH_TREE;
        ph_draw(s, &bark, ph_capsule(x + ph_between(s, -0.1F, 0.1F), -1.2F * ph_half_height(s), 0.75F * r, x, foot, r),
                ph_joined(ph_ellipse(x, foot + 0.7F * r, 1.9F * r, 0.35F * r, 0), r));
    }
    ph_paint crown = ph_textured(s, PH_LEAVES, ph_hex(0x1E4A18), ph_hex(0x6A9A3C), 0.14F);
    crown.part = PH_CROWN;
    for (int i = 0; i < 7; i++)
        ph_draw(s, &crown,
                ph_ellipse(wide * (-1.05F + 0.35F * (float)i), -ph_half_height(s) - 0.02F, 0.3F,
                           ph_between(s, 0.15F, 0.4F), 0));
    s->thing = 0;
}

void ph_place_mountains(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, 0.25F, 0.5F),
                peak = whole ? ph_between(s, -0.35F, -0.1F) : ph_between(s, -0.1F, 0.1F);
    s->scene = PH_MOUNTAINS;
    blue_sky(s, horizon);
    for (int i = 0; i < 3; i++) {
        const float near = (float)i * 0.5F;
        ph_paint stone = ph_textured(s, PH_STONE, ph_blend(ph_hex(0x6A80A0), ph_hex(0x4A4438), near),
                                     ph_blend(ph_hex(0xA0B4CC), ph_hex(0x9A8C78), near), 0.4F);
        stone.ragged = 0.012F;
        if (i < 2)
            stone = ph_run(stone, ph_hex(0xF4F8FC), peak + 0.18F + 0.1F * near, peak - 0.05F + 0.1F * near);
        if (i == 2)
            stone = ph_run(stone, ph_hex(0x3E5A34), 0, horizon - 0.1F);
        ph_ridge(s, PH_MOUNTAIN, &stone, peak + 0.28F * near * 2 * (0.8F), 0.55F - 0.2F * near, 1.5F, horizon + 0.3F);
    }
    ph_treeline(s, horizon + 0.1F, 0.12F, ph_hex(0x4A6A58), horizon + 0.4F);
    ph_treeline(s, horizon + 0.2F, 0.2F, ph_hex(0x2A4A2C), horizon + 0.5F);
    ph_meadow(s, horizon + 0.24F, meadow(s), ph_hex(0x6A8A50));
    if (whole && ph_chance(s, 0.4F)) {
        ph_paint lake = ph_textured(s, PH_WAVES, ph_hex(0x2A5A80), ph_hex(0x8AB0CC), 0.2F);
        ph_land(s, horizon + 0.25F, PH_SEA, lake, ph_hex(0x9AB8D0));
    }
}

void ph_place_desert(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, -0.15F, 0.2F);
    s->scene = PH_DESERT;
    const ph_rgb zenith = PH_ONE_OF(s, 0x3A80C8, 0x5A98D0, 0x78A8C8), low = PH_ONE_OF(s, 0xE8DCC0, 0xD8E0DC, 0xF0D0A0);
    ph_daylight(s, horizon, zenith, low, ph_chance(s, 0.3F) ? 0.15F : 0);
    if (whole) {
        const ph_point at = ph_somewhere(s, -0.7F, 0.7F, horizon - 0.7F, horizon - 0.45F);
        ph_orb(s, PH_SUN, at.x, at.y, 0.09F, ph_hex(0xFFF8DC), 0.12F);
    }
    const ph_rgb dry = PH_ONE_OF(s, 0xD8A860, 0xE0B878, 0xC88A4C, 0xD09458);
    ph_paint sand = ph_textured(s, PH_SAND, ph_times(dry, 0.8F), ph_times(dry, 1.25F), 0.24F);
    if (ph_chance(s, 0.3F)) {
        ph_paint mesa = ph_textured(s, PH_STONE, ph_hex(0x8A4A30), ph_hex(0xC07850), 0.3F);
        mesa.bulge = 0.04F;
        const float x = ph_between(s, -0.6F, 0.6F);
        s->thing = PH_MOUNTAIN;
        ph_draw(s, &mesa, ph_box(x, horizon, 0.3F, ph_between(s, 0.2F, 0.35F), 0.05F),
                ph_box(x + 0.1F, horizon, 0.45F, 0.12F, 0.04F));
        s->thing = 0;
    }
    ph_land(s, horizon, PH_GROUND, sand, ph_times(dry, 1.2F));
    for (int i = 0; i < (whole ? 3 : 1); i++) {
        /* A dune: lit flank, shaded lee. */
        ph_paint dune = ph_textured(s, PH_SAND, ph_times(dry, 0.9F), ph_times(dry, 1.35F), 0.07F + 0.04F * (float)i);
        dune.turns = ph_between(s, -0.05F, 0.05F);
        const float y = horizon + 0.02F + 0.2F * (float)i;
        dune = ph_run(dune, ph_times(dry, 0.6F), y, y + 0.5F);
        ph_ridge(s, PH_GROUND, &dune, y, 0.16F, 0.9F, 1.1F * ph_half_height(s));
    }
    if (whole && ph_chance(s, 0.4F)) {
        const float x = ph_between(s, -0.7F, 0.7F);
        ph_put(s, ph_thing_cactus, PH_CACTUS, x, horizon + 0.35F, ph_between(s, 0.1F, 0.18F));
    }
}
