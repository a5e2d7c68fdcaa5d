/* Things of a kitchen table. */
#include "parts.h"

/* Glazed pottery: plain or with a pattern. */
static ph_paint glaze(ph_stage *s)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xE8E4DC, 0xC83830, 0x2C60A8, 0x3C8C78, 0xE0B030, 0x704890, 0x90B8D0, 0xD07850);
    ph_paint paint = ph_plain(s, colour);
    if (ph_chance(s, 0.45F)) {
        static const uint8_t patterns[] = {PH_STRIPES_ACROSS, PH_DOTS, PH_CHECKS, PH_ZIGZAG, PH_WAVES};
        paint.texture = patterns[ph_pick(s, 5)];
        paint.scale = ph_between(s, 0.22F, 0.4F);
        paint.second = colour.g > 0.5F ? PH_ONE_OF(s, 0xB82828, 0x2050A0, 0x308050) : ph_hex(0xF0EADC);
    }
    paint.gloss = 0.8F;
    paint.grain = 0.03F;
    return paint;
}

void ph_thing_mug(ph_stage *s)
{
    ph_paint body = glaze(s), inside = ph_plain(s, ph_times(body.base, 0.55F)), rim = ph_plain(s, body.base);
    ph_paint drink = ph_plain(s, PH_ONE_OF(s, 0x3A2012, 0x5A3418, 0xA86A28, 0x2A160C));
    const float wide = ph_between(s, 0.5F, 0.64F), top = ph_between(s, -0.75F, -0.55F),
                narrow = ph_between(s, 0.85F, 1);
    ph_paint handle = rim;
    handle.bulge = 0.09F;
    handle.gloss = 0.8F;
    handle.part = PH_HANDLE;
    ph_draw(s, &handle, ph_arc(wide - 0.2F, 0.14F, 0.42F, 0.085F, 0, 0.56F));
    const ph_frame saved = s->frame;
    ph_shift(s, -0.2F, 0);
    body.barrel = wide;
    const float mouth = ph_between(s, 0.11F, 0.22F); /* seen from ever higher up */
    const ph_point side[] = {{-wide, top}, {wide, top}, {wide * narrow, 0.9F}, {-wide * narrow, 0.9F}};
    ph_draw(s, &body, ph_polygon(side, 4, false),
            ph_joined(ph_ellipse(0, 0.88F, wide * narrow, 0.7F * mouth, 0), 0.05F), ph_ellipse(0, top, wide, mouth, 0));
    rim.gloss = 0.6F;
    rim.bulge = 0.03F;
    ph_draw(s, &rim, ph_ellipse(0, top, wide, mouth, 0));
    ph_draw(s, &inside, ph_ellipse(0, top + 0.01F, wide - 0.05F, mouth - 0.035F, 0));
    drink.gloss = 0.4F;
    ph_draw(s, &drink, ph_ellipse(0, top + 0.3F * mouth, wide - 0.08F, 0.55F * mouth, 0));
    s->frame = saved;
}

void ph_thing_teapot(ph_stage *s)
{
    ph_paint body = glaze(s), plain = ph_plain(s, body.base);
    plain.gloss = 0.8F;
    plain.bulge = 0.1F;
    const float high = ph_between(s, 0.46F, 0.58F), wide = ph_between(s, 0.56F, 0.66F), y = 0.94F - high;
    const ph_point spout[] = {{0.4F, y + 0.2F}, {0.68F, y + 0.1F}, {0.76F, y - 0.2F}, {0.96F, y - 0.42F}};
    ph_draw_part(s, plain, PH_SPOUT, ph_curve(spout, 4, 0.17F, 0.06F));
    ph_draw_part(s, plain, PH_HANDLE, ph_arc(-wide, y - 0.02F, 0.34F, 0.07F, 0.5F, 0.62F));
    ph_draw(s, &plain, ph_box(0, 0.92F, 0.34F, 0.07F, 0.03F));
    body.bulge = high;
    ph_draw(s, &body, ph_ellipse(0, y, wide, high, 0));
    plain.bulge = 0.14F;
    ph_draw_part(s, plain, PH_LID, ph_ellipse(0, y - high + 0.05F, 0.34F, 0.14F, 0));
    plain.base = ph_times(plain.base, 0.8F);
    ph_draw_part(s, plain, PH_LID, ph_circle(0, y - high - 0.15F, 0.1F));
}

void ph_thing_bottle(ph_stage *s)
{
    const ph_rgb glass = PH_ONE_OF(s, 0x1E5A2A, 0x5A2E10, 0x1C4888, 0x6A1420, 0x2A6A60, 0x78A088);
    ph_paint body = ph_run(ph_plain(s, glass), ph_times(glass, 0.55F), -0.5F, 0.9F);
    const float wide = ph_between(s, 0.25F, 0.36F), shoulder = ph_between(s, -0.3F, -0.05F),
                neck = ph_between(s, 0.09F, 0.12F);
    body.bulge = 0.1F;
    body.barrel = wide;
    body.gloss = 1;
    body.grain = 0.03F;
    const ph_shape belly = ph_box(0, 0.5F * (shoulder + 1), wide, 0.5F * (1 - shoulder), 0.1F);
    const ph_shape throat = ph_box(0, -0.5F, neck, 0.45F, 0.02F);
    ph_draw(s, &body, belly, ph_joined(throat, 0.32F));
    body.part = PH_NECK;
    body.barrel = neck;
    ph_draw(s, &body, throat, ph_clip(ph_box(0, -0.7F, 0.4F, 0.32F, 0)));
    ph_draw(s, &body, ph_box(0, -0.8F, neck + 0.03F, 0.035F, 0.02F));
    ph_paint cap = ph_plain(s, PH_ONE_OF(s, 0xB88850, 0xC02828, 0xD8B030, 0x202428));
    cap.bulge = 0.05F;
    cap.gloss = 0.3F;
    ph_draw_part(s, cap, PH_CAP, ph_box(0, -0.93F, neck - 0.01F, 0.08F, 0.02F));
    ph_paint paper = ph_plain(s, PH_ONE_OF(s, 0xF0E8D0, 0xE8E0E0, 0xE0C880)), ink = ph_plain(s, ph_vivid(s));
    paper.barrel = ink.barrel = wide;
    ph_draw_part(s, paper, PH_STICKER, ph_box(0, 0.42F, wide, 0.26F, 0));
    ph_draw_part(s, ink, PH_STICKER, ph_box(0, 0.24F, 0.85F * wide, 0.03F, 0));
    ph_draw_part(s, ink, PH_STICKER, ph_circle(0, 0.43F, 0.12F));
    ph_draw_part(s, ink, PH_STICKER, ph_box(0, 0.61F, 0.85F * wide, 0.03F, 0));
    ph_paint shine = ph_plain(s, ph_hex(0xFFFFFF));
    shine.quiet = true;
    shine.fade = 0.55F;
    shine.soft = 0.05F;
    ph_draw(s, &shine, ph_capsule(-0.68F * wide, shoulder + 0.25F, 0.03F, -0.68F * wide, 0.85F, 0.03F));
}

void ph_thing_lamp(ph_stage *s)
{
    ph_paint metal = ph_plain(s, PH_ONE_OF(s, 0xB08838, 0x505458, 0x8A5030, 0x305A78, 0xE0DCD0));
    metal.gloss = 0.7F;
    metal.bulge = 0.07F;
    ph_draw(s, &metal, ph_box(0, 0.93F, 0.4F, 0.07F, 0.05F));
    if (ph_chance(s, 0.5F)) {
        ph_draw(s, &metal, ph_capsule(0, -0.1F, 0.05F, 0, 0.9F, 0.05F));
    } else {
        metal.bulge = 0.2F;
        ph_draw(s, &metal, ph_capsule(0, -0.1F, 0.05F, 0, 0.9F, 0.05F),
                ph_joined(ph_ellipse(0, 0.55F, 0.24F, 0.3F, 0), 0.1F));
    }
    ph_paint shade = ph_run(ph_plain(s, PH_ONE_OF(s, 0xF8E0A0, 0xF0D890, 0xF0C080, 0xE8A880, 0xE8E0C8)),
                            ph_hex(0xC88840), -0.4F, -1);
    shade.part = PH_SHADE;
    shade.glow = 0.85F;
    shade.base = ph_times(shade.base, 1.25F);
    const float top = ph_between(s, 0.2F, 0.42F), wide = ph_between(s, 0.62F, 0.8F);
    const ph_point cone[] = {{-top, -0.95F}, {top, -0.95F}, {wide, -0.08F}, {-wide, -0.08F}};
    ph_draw(s, &shade, ph_polygon(cone, 4, false), ph_joined(ph_ellipse(0, -0.08F, wide, 0.06F, 0), 0.02F));
    ph_paint edge = ph_plain(s, ph_hex(0x8A5A2C));
    ph_draw_part(s, edge, PH_SHADE, ph_capsule(-top, -0.95F, 0.02F, top, -0.95F, 0.02F));
    ph_paint light = ph_plain(s, ph_hex(0xFFF4C8));
    light.glow = 1;
    light.fade = 0.6F;
    light.soft = 0.5F;
    light.quiet = true;
    ph_draw(s, &light, ph_ellipse(0, -0.45F, 0.3F, 0.34F, 0));
    light.fade = 0.85F;
    light.soft = 0.9F;
    ph_draw(s, &light, ph_ellipse(0, -0.35F, 0.85F, 0.75F, 0));
}

void ph_thing_key(ph_stage *s)
{
    ph_paint metal = ph_plain(s, PH_ONE_OF(s, 0xC89830, 0xA8ACB0, 0x9A6A38, 0x5A5450, 0xB88A48));
    metal.gloss = 1;
    metal.bulge = 0.07F;
    metal.part = PH_BOW;
    const float r = ph_between(s, 0.24F, 0.32F);
    if (ph_chance(s, 0.4F))
        ph_draw(s, &metal, ph_arc(-0.68F, -0.17F, 0.16F, 0.065F, 0, 1), ph_arc(-0.68F, 0.17F, 0.16F, 0.065F, 0, 1),
                ph_arc(-0.9F, 0, 0.16F, 0.065F, 0, 1));
    else
        ph_draw(s, &metal, ph_arc(-0.68F, 0, r, 0.085F, 0, 1));
    metal.part = PH_BLADE;
    ph_draw(s, &metal, ph_capsule(-0.4F, 0, 0.07F, 0.96F, 0, 0.065F));
    ph_draw(s, &metal, ph_box(-0.33F, 0, 0.045F, 0.12F, 0.02F));
    const int teeth = 2 + ph_pick(s, 2);
    for (int i = 0; i < teeth; i++) {
        const float deep = ph_between(s, 0.1F, 0.19F);
        ph_draw(s, &metal, ph_box(0.88F - 0.17F * (float)i, 0.04F + deep, 0.055F, deep, 0.01F));
    }
}

static void hand(ph_stage *s, ph_rgb colour, float turns, float length, float thick)
{
    ph_paint paint = ph_plain(s, colour);
    const float x = ph_sin(turns), y = -ph_cos(turns);
    ph_draw_part(s, paint, PH_HAND, ph_capsule(-0.12F * x, -0.12F * y, thick, length * x, length * y, 0.6F * thick));
}

void ph_thing_clock(ph_stage *s)
{
    ph_paint rim = ph_chance(s, 0.3F)
                       ? ph_timber(s, 0.3F, 0)
                       : ph_plain(s, PH_ONE_OF(s, 0x202428, 0xB02828, 0x2858A0, 0xB08838, 0x388058, 0xB8BCC0));
    ph_paint dial = ph_plain(s, PH_ONE_OF(s, 0xF4F0E8, 0xF8F8F4, 0xF0E4C8)), ink = ph_plain(s, ph_hex(0x181818));
    rim.bulge = 0.12F;
    rim.gloss = 0.6F;
    const bool square = ph_chance(s, 0.2F);
    ph_draw(s, &rim, square ? ph_box(0, 0, 0.9F, 0.9F, 0.15F) : ph_circle(0, 0, 0.94F));
    dial.part = ink.part = PH_DIAL;
    ph_draw(s, &dial, ph_circle(0, 0, 0.79F));
    for (int i = 0; i < 12; i++) {
        const float a = (float)i / 12, x = ph_sin(a), y = -ph_cos(a), from = i % 3 == 0 ? 0.56F : 0.63F;
        const float thick = i % 3 == 0 ? 0.036F : 0.022F;
        ph_draw(s, &ink, ph_capsule(from * x, from * y, thick, 0.7F * x, 0.7F * y, thick));
    }
    const float hour = ph_between(s, 0, 12), minute = ph_fract(hour);
    hand(s, ink.base, hour / 12, 0.42F, 0.05F);
    hand(s, ink.base, minute, 0.62F, 0.038F);
    if (ph_chance(s, 0.6F))
        hand(s, ph_hex(0xC82020), ph_between(s, 0, 1), 0.64F, 0.016F);
    ph_draw_part(s, ink, PH_HAND, ph_circle(0, 0, 0.065F));
}

void ph_thing_chair(ph_stage *s)
{
    ph_paint wood = ph_timber(s, 0.25F, 0.25F), seat = wood;
    if (ph_chance(s, 0.35F)) {
        wood = ph_plain(s, PH_ONE_OF(s, 0xC03028, 0x2860A0, 0x308060, 0xE0A828, 0xE8E4DC, 0x28282C));
        seat = wood;
    }
    wood.bulge = 0.05F;
    const float lean = 0.1F, r = 0.055F;
    ph_paint far = wood;
    far.base = ph_times(wood.base, 0.6F);
    far.second = ph_times(wood.second, 0.6F);
    ph_draw_part(s, far, PH_LEG, ph_capsule(0.52F, 0.2F, r, 0.5F, 0.86F, 0.8F * r));
    ph_draw_part(s, far, PH_LEG, ph_capsule(-0.32F, 0.2F, r, -0.34F, 0.84F, 0.8F * r));
    wood.part = PH_BACK;
    ph_draw(s, &wood, ph_capsule(-0.36F - lean, -0.95F, r, -0.36F, 0.1F, r));
    ph_draw(s, &wood, ph_capsule(0.42F - lean, -0.98F, r, 0.5F, 0.08F, r));
    const int bars = 2 + ph_pick(s, 3);
    if (ph_chance(s, 0.5F)) {
        for (int i = 0; i < bars; i++) {
            const float y = -0.86F + 0.7F * (float)i / (float)bars;
            ph_draw(s, &wood, ph_capsule(-0.45F, y, 0.06F, 0.42F, y - 0.03F, 0.06F));
        }
    } else {
        ph_draw(s, &wood, ph_capsule(-0.46F, -0.9F, 0.07F, 0.4F, -0.93F, 0.07F));
        for (int i = 0; i < bars + 1; i++) {
            const float x = -0.46F + 0.92F * ((float)i + 1) / ((float)bars + 2);
            ph_draw(s, &wood, ph_capsule(x - 0.02F, -0.9F, 0.035F, x + 0.04F, 0.1F, 0.035F));
        }
    }
    const ph_point top[] = {{-0.4F, 0.06F}, {0.55F, 0.04F}, {0.68F, 0.26F}, {-0.58F, 0.3F}};
    const ph_point edge[] = {{-0.58F, 0.29F}, {0.68F, 0.25F}, {0.67F, 0.35F}, {-0.57F, 0.39F}};
    seat.turns = 0;
    seat.part = PH_SEAT;
    ph_paint front = seat;
    front.base = ph_times(seat.base, 0.65F);
    front.second = ph_times(seat.second, 0.65F);
    ph_draw_part(s, wood, PH_LEG, ph_capsule(-0.5F, 0.34F, r, -0.54F, 0.98F, 0.8F * r));
    ph_draw_part(s, wood, PH_LEG, ph_capsule(0.6F, 0.3F, r, 0.64F, 0.96F, 0.8F * r));
    ph_draw(s, &seat, ph_polygon(top, 4, false));
    ph_draw(s, &front, ph_polygon(edge, 4, false));
}
