/* Things that grow. */
#include "parts.h"

void ph_thing_flower(ph_stage *s)
{
    const ph_rgb green = PH_ONE_OF(s, 0x3A7A28, 0x4C8C30, 0x2E6A34);
    ph_paint stem = ph_plain(s, green);
    const ph_point line[] = {{0, -0.3F}, {ph_between(s, -0.08F, 0.08F), 0.3F}, {0, 1}};
    stem.bulge = 0.04F;
    ph_draw_part(s, stem, PH_STEM, ph_curve(line, 3, 0.04F, 0.05F));
    ph_leaf(s, 0, 0.75F, 0.6F, 0.16F, -0.1F, ph_near(s, green, 0.1F));
    ph_leaf(s, 0, 0.6F, 0.55F, 0.15F, 0.6F, ph_near(s, green, 0.1F));
    const ph_rgb colour = PH_ONE_OF(s, 0xD82830, 0xF0C020, 0xF4F0F0, 0xE070A0, 0x7848B0, 0xE87828, 0x5070D0);
    const int petals = 5 + ph_pick(s, 8), layers = ph_chance(s, 0.4F) ? 2 : 1;
    /* The head nods: its disc is seen as an ellipse. */
    const ph_frame saved = s->frame;
    ph_shift(s, 0, -0.38F);
    ph_turn(s, ph_between(s, -0.08F, 0.08F));
    ph_zoom(s, 1, ph_between(s, 0.65F, 1));
    const float turn = ph_between(s, 0, 1), wide = ph_clamp(1.75F / (float)petals, 0.14F, 0.28F);
    for (int layer = 0; layer < layers; layer++)
        for (int i = 0; i < petals; i++) {
            const float a = turn + ((float)i + 0.5F * (float)layer) / (float)petals, c = ph_cos(a), n = ph_sin(a);
            const float reach = layer ? 0.27F : 0.36F, length = layer ? 0.2F : 0.26F;
            ph_paint petal = ph_plain(s, ph_near(s, colour, 0.05F));
            petal.bulge = 0.16F;
            ph_draw_part(s, petal, PH_PETAL, ph_ellipse(reach * c, reach * n, length, wide, a));
        }
    ph_paint heart =
        ph_textured(s, PH_NO_LABEL, PH_ONE_OF(s, 0xE8B020, 0x5A3418, 0xF0D040, 0x8A5A18), ph_hex(0x3A2010), 0.08F);
    heart.bulge = 0.14F;
    heart.grain = 0.5F;
    ph_draw(s, &heart, ph_circle(0, 0, 0.17F));
    s->frame = saved;
}

static void broad_crown(ph_stage *s, const ph_paint *leaves)
{
    ph_shape blobs[8];
    for (int i = 0; i < 8; i++) {
        const float a = (float)i / 7, r = i == 7 ? 0 : 0.42F;
        blobs[i] = ph_joined(
            ph_circle(r * 1.15F * ph_cos(a), -0.38F + r * 0.8F * ph_sin(a), ph_between(s, 0.26F, 0.36F)), 0.12F);
    }
    ph_draw_shapes(s, leaves, blobs, 8);
}

void ph_thing_tree(ph_stage *s)
{
    ph_paint bark = ph_textured(s, PH_FUR, ph_hex(0x3E2A1C), PH_ONE_OF(s, 0x7A5A3C, 0x8A7058, 0x6A4A30), 0.22F);
    const ph_rgb green = PH_ONE_OF(s, 0x2E6A24, 0x3E7A2A, 0x4E8A2C, 0x2A5A34, 0xB87820, 0x9A3A1C);
    ph_paint leaves = ph_textured(s, PH_LEAVES, ph_times(green, 0.7F), ph_times(green, 1.9F), 0.11F);
    leaves.part = PH_CROWN;
    bark.part = PH_TRUNK;
    bark.bulge = 0.12F;
    if (ph_chance(s, 0.3F)) {
        ph_draw(s, &bark, ph_capsule(0, 0.4F, 0.08F, 0, 1, 0.1F));
        for (int i = 0; i < 4; i++) {
            const float y = 0.72F - 0.4F * (float)i, wide = 0.66F - 0.14F * (float)i;
            const ph_point tier[] = {
                {0, y - 0.62F}, {wide, y}, {0.4F * wide, y + 0.06F}, {-0.4F * wide, y + 0.06F}, {-wide, y}};
            leaves.base = ph_times(ph_hex(0x1E4A2A), 1 + 0.15F * (float)i);
            leaves.second = ph_hex(0x4A8A4C);
            leaves.scale = 0.09F;
            leaves.ragged = 0.04F;
            leaves.bulge = 0.15F;
            ph_draw(s, &leaves, ph_polygon(tier, 5, false));
        }
        return;
    }
    ph_draw(s, &bark, ph_capsule(0, -0.2F, 0.07F, 0, 1, 0.13F),
            ph_joined(ph_capsule(0, 0.35F, 0.05F, 0.35F, -0.2F, 0.03F), 0.08F),
            ph_joined(ph_capsule(0, 0.3F, 0.05F, -0.38F, -0.15F, 0.03F), 0.08F),
            ph_joined(ph_ellipse(0, 1, 0.24F, 0.06F, 0), 0.1F));
    leaves.bulge = 0.4F;
    leaves.ragged = 0.05F;
    broad_crown(s, &leaves);
}

static void mushroom(ph_stage *s, bool red)
{
    ph_paint stem = ph_run(ph_plain(s, ph_hex(0xF0E8D4)), ph_hex(0xB8A888), 0.2F, 1),
             gills = ph_plain(s, ph_hex(0xC8B898));
    const float y = ph_between(s, -0.05F, 0.1F), wide = ph_between(s, 0.76F, 0.94F), high = ph_between(s, 0.65F, 0.9F);
    stem.bulge = 0.2F;
    stem.part = PH_STEM;
    ph_draw(s, &stem, ph_capsule(0, 0, 0.17F, 0, 0.78F, 0.23F));
    ph_draw(s, &gills, ph_ellipse(0, y, wide * 0.96F, 0.14F, 0));
    ph_paint cap =
        ph_plain(s, red ? PH_ONE_OF(s, 0xC82018, 0xD83020, 0xB81820) : PH_ONE_OF(s, 0x8A5A34, 0xA8703C, 0xC89858));
    cap.bulge = 0.5F;
    cap.gloss = 0.4F;
    cap.part = PH_CAP;
    const ph_shape dome = ph_ellipse(0, y, wide, high, 0), half = ph_clip(ph_box(0, y - 0.96F, 1.2F, 1, 0));
    ph_draw(s, &cap, dome, half);
    ph_paint spot = ph_plain(s, red ? ph_hex(0xF4F0E4) : ph_times(cap.base, 0.75F));
    spot.bulge = 0.06F;
    spot.part = PH_SPOT;
    for (int i = 0; i < 9 && red; i++) {
        const float a = -0.27F + 0.5F * ((float)(i % 5) / 4) - 0.25F + (i > 4 ? 0.06F : 0), r = i > 4 ? 0.4F : 0.76F;
        const float x = r * wide * ph_cos(a), up = r * high * ph_sin(a), size = ph_between(s, 0.06F, 0.11F);
        ph_draw(s, &spot, ph_ellipse(x, y + up, size, 0.8F * size, 0), ph_clip(dome), half);
    }
}

void ph_thing_mushroom(ph_stage *s)
{
    const bool red = ph_chance(s, 0.65F);
    if (ph_chance(s, 0.4F)) {
        const ph_frame saved = s->frame;
        const float size = ph_between(s, 0.35F, 0.5F);
        ph_shift(s, ph_between(s, 0.45F, 0.65F), 1 - size);
        ph_zoom(s, size, size);
        mushroom(s, red);
        s->frame = saved;
    }
    mushroom(s, red);
}

void ph_thing_cactus(ph_stage *s)
{
    const ph_rgb green = PH_ONE_OF(s, 0x3A7A40, 0x4A8A48, 0x2E6A3E, 0x5A9050);
    ph_paint body = ph_textured(s, PH_STRIPES_ACROSS, green, ph_times(green, 0.55F), 0.13F);
    body.turns = 0.25F;
    body.bulge = 0.2F;
    const float left = ph_between(s, -0.1F, 0.25F), right = ph_between(s, -0.2F, 0.2F);
    const float left_up = ph_between(s, 0.4F, 0.6F), right_up = ph_between(s, 0.4F, 0.6F);
    const ph_point arms[2][4] = {
        {{0, left + 0.12F}, {-0.34F, left + 0.1F}, {-0.54F, left - 0.1F}, {-0.56F, left - left_up}},
        {{0, right + 0.12F}, {0.34F, right + 0.1F}, {0.54F, right - 0.1F}, {0.56F, right - right_up}}};
    ph_draw(s, &body, ph_capsule(0, -0.72F, 0.22F, 0, 0.95F, 0.24F),
            ph_joined(ph_curve(arms[0], 4, 0.14F, 0.14F), 0.06F), ph_joined(ph_curve(arms[1], 4, 0.14F, 0.14F), 0.06F));
    ph_paint spine = ph_plain(s, ph_hex(0xF0E8C8));
    spine.grain = 0;
    for (int i = 0; i < 30; i++) {
        const float x = -0.16F + 0.16F * (float)(i % 3), y = -0.8F + 0.18F * (float)(i / 3),
                    a = ph_between(s, -0.45F, -0.05F);
        ph_draw_part(s, spine, PH_SPINE,
                     ph_capsule(x, y, 0.012F, x + 0.08F * ph_cos(a), y + 0.08F * ph_sin(a), 0.006F));
    }
    if (ph_chance(s, 0.4F)) {
        ph_paint petal = ph_plain(s, PH_ONE_OF(s, 0xE84080, 0xF0C030, 0xE83830));
        petal.bulge = 0.05F;
        for (int i = 0; i < 5; i++) {
            const float a = -0.45F + 0.1F * (float)i;
            ph_draw_part(s, petal, PH_PETAL, ph_ellipse(0.1F * ph_cos(a), -0.93F + 0.1F * ph_sin(a), 0.11F, 0.05F, a));
        }
    }
}

void ph_thing_apple(ph_stage *s)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xB81C20, 0xC82828, 0x8AB030, 0xD8B838, 0xA81820);
    ph_paint skin = ph_textured(s, PH_NO_LABEL, colour, colour, 0.5F), stem = ph_plain(s, ph_hex(0x4A2E18));
    const ph_rgb blush = PH_ONE_OF(s, 0xE0B840, 0xC83028, 0xA0B040);
    const float from = ph_between(s, 0.2F, 0.6F);
    skin = ph_run(skin, blush, from, from + ph_between(s, 0.7F, 1.2F));
    skin.grain = 0.16F;
    skin.bulge = 0.7F;
    skin.gloss = 0.8F;
    const float r = ph_between(s, 0.44F, 0.5F);
    ph_draw(s, &skin, ph_ellipse(0, 0.24F, 0.74F, 0.7F, 0), ph_joined(ph_ellipse(-0.3F, 0.08F, r, 0.56F, 0.03F), 0.3F),
            ph_joined(ph_ellipse(0.3F, 0.08F, r, 0.56F, -0.03F), 0.3F));
    ph_paint hollow = ph_plain(s, ph_times(colour, 0.35F));
    hollow.soft = 0.12F;
    hollow.quiet = true;
    hollow.fade = 0.2F;
    ph_draw(s, &hollow, ph_ellipse(0, -0.46F, 0.2F, 0.07F, 0));
    const ph_point line[] = {{0, -0.42F}, {0.03F, -0.65F}, {0.12F, -0.86F}};
    stem.bulge = 0.03F;
    ph_draw_part(s, stem, PH_STEM, ph_curve(line, 3, 0.035F, 0.05F));
    if (ph_chance(s, 0.75F)) {
        const float turns = ph_between(s, -0.12F, 0);
        ph_leaf(s, 0.05F, -0.66F, 0.55F, 0.17F, turns, PH_ONE_OF(s, 0x4C8C30, 0x3A7A28));
    }
}
