/* Small things that crawl and flutter. */
#include "parts.h"

static void feelers(ph_stage *s, ph_paint paint, float x, float y, float spread, float length)
{
    for (int i = -1; i <= 1; i += 2) {
        const float side = (float)i;
        const ph_point line[] = {
            {x + 0.03F * side, y}, {x + 0.4F * spread * side, y - 0.65F * length}, {x + spread * side, y - length}};
        ph_draw_part(s, paint, PH_FEELER, ph_curve(line, 3, 0.018F, 0.016F));
        ph_draw_part(s, paint, PH_FEELER, ph_circle(line[2].x, line[2].y, 0.035F));
    }
}

/* Both wings of one side; `side` -1 left, 1 right. Colours run from the body outwards through a mirrored frame. */
static void wings(ph_stage *s, float side, const ph_paint *inner, const ph_paint *edge, const ph_paint *spot)
{
    const ph_frame saved = s->frame;
    ph_zoom(s, side, 1);
    const ph_point upper[] = {{0.04F, -0.12F}, {0.3F, -0.62F},  {0.82F, -0.86F},
                              {0.97F, -0.6F},  {0.82F, -0.16F}, {0.4F, 0.06F}};
    const ph_point lower[] = {{0.04F, 0}, {0.5F, 0}, {0.78F, 0.26F}, {0.66F, 0.7F}, {0.4F, 0.84F}, {0.16F, 0.5F}};
    const ph_point upper_in[] = {{0.1F, -0.16F}, {0.36F, -0.52F}, {0.7F, -0.68F},
                                 {0.78F, -0.5F}, {0.66F, -0.2F},  {0.38F, -0.04F}};
    const ph_point lower_in[] = {{0.1F, 0.06F}, {0.44F, 0.08F}, {0.64F, 0.28F},
                                 {0.54F, 0.6F}, {0.38F, 0.68F}, {0.2F, 0.44F}};
    ph_draw(s, edge, ph_polygon(lower, 6, true));
    ph_draw(s, inner, ph_polygon(lower_in, 6, true));
    ph_draw(s, edge, ph_polygon(upper, 6, true));
    ph_draw(s, inner, ph_polygon(upper_in, 6, true));
    ph_draw(s, spot, ph_ellipse(0.62F, -0.46F, 0.1F, 0.12F, 0));
    ph_draw(s, spot, ph_circle(0.46F, 0.42F, 0.09F));
    for (int i = 0; i < 4; i++)
        ph_draw(s, spot, ph_circle(0.88F - 0.015F * (float)i * (float)i, -0.66F + 0.16F * (float)i, 0.035F));
    s->frame = saved;
}

void ph_thing_butterfly(ph_stage *s)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xE87818, 0x3070C8, 0xE8C030, 0xC83060, 0x48A0B0, 0xE8E4D8, 0x8050B0);
    ph_paint edge = ph_plain(s, PH_ONE_OF(s, 0x1A1614, 0x2A1C14, 0x201C30)),
             inner = ph_run(ph_plain(s, colour), ph_times(colour, 0.6F), 0, 0.8F);
    ph_paint spot = ph_plain(s, PH_ONE_OF(s, 0xF4F0E0, 0xF0D060, 0x201818)), body = ph_plain(s, ph_hex(0x241A14));
    edge.part = inner.part = PH_WING;
    spot.part = PH_SPOT;
    inner.bulge = 0.03F;
    const float open = ph_between(s, 0.8F, 1);
    wings(s, -open, &inner, &edge, &spot);
    wings(s, open * ph_between(s, 0.85F, 1), &inner, &edge, &spot);
    body.bulge = 0.07F;
    feelers(s, body, 0, -0.38F, 0.22F, 0.4F);
    ph_draw(s, &body, ph_capsule(0, -0.28F, 0.07F, 0, 0.5F, 0.04F));
    ph_draw_part(s, body, PH_HEAD, ph_circle(0, -0.36F, 0.075F));
}

void ph_thing_snail(ph_stage *s)
{
    const ph_rgb flesh = PH_ONE_OF(s, 0xB89868, 0xA88C78, 0xC8A878, 0x8A7860),
                 shell = PH_ONE_OF(s, 0xB87838, 0xD8A860, 0x8A5030, 0xC89078, 0xB0A078);
    ph_paint body = ph_plain(s, flesh),
             house = ph_textured(s, PH_SPIRAL, shell, ph_times(shell, 0.35F), ph_between(s, 0.17F, 0.22F));
    body.bulge = 0.14F;
    body.gloss = 0.5F;
    body.grain = 0.2F;
    const ph_point foot[] = {{-0.98F, 0.96F}, {-0.4F, 0.84F}, {0.2F, 0.84F},
                             {0.56F, 0.72F},  {0.72F, 0.4F},  {0.78F, 0.2F}};
    for (int i = 0; i < 2; i++) {
        const float x = 0.7F + 0.16F * (float)i, tip = x + 0.04F + 0.07F * (float)i;
        ph_draw_part(s, body, PH_FEELER, ph_capsule(x, 0.2F, 0.035F, tip, -0.2F + 0.06F * (float)i, 0.03F));
        ph_bead(s, tip, -0.22F + 0.06F * (float)i, 0.05F);
    }
    ph_draw(s, &body, ph_curve(foot, 6, 0.05F, 0.19F),
            ph_joined(ph_capsule(-0.7F, 0.93F, 0.06F, 0.45F, 0.9F, 0.09F), 0.1F));
    body.part = PH_HEAD;
    ph_draw(s, &body, ph_circle(0.78F, 0.24F, 0.18F));
    const ph_frame saved = s->frame;
    ph_shift(s, -0.16F, 0.2F);
    ph_turn(s, ph_between(s, 0, 1));
    house.bulge = 0.4F;
    house.gloss = 0.6F;
    house.part = PH_SHELL;
    ph_draw(s, &house, ph_circle(0, 0, ph_between(s, 0.56F, 0.64F)));
    s->frame = saved;
}

void ph_thing_ladybird(ph_stage *s)
{
    ph_paint black = ph_plain(s, ph_hex(0x161412)),
             shell = ph_plain(s, PH_ONE_OF(s, 0xC81C14, 0xD83018, 0xE06818, 0xD8A018)),
             white = ph_plain(s, ph_hex(0xF0ECE0));
    black.bulge = 0.05F;
    for (int i = 0; i < 6; i++) {
        const float side = i % 2 ? 1 : -1, y = -0.3F + 0.36F * (float)(i / 2), out = y + 0.16F * (float)(i / 2 - 1);
        ph_draw_part(s, black, PH_LEG, ph_capsule(side * 0.4F, y, 0.045F, side * 0.8F, out, 0.035F));
        ph_draw_part(s, black, PH_LEG, ph_capsule(side * 0.8F, out, 0.035F, side * 0.93F, out + 0.12F, 0.025F));
    }
    feelers(s, black, 0, -0.8F, 0.24F, 0.2F);
    black.bulge = 0.2F;
    black.gloss = 0.5F;
    ph_draw_part(s, black, PH_HEAD, ph_ellipse(0, -0.62F, 0.38F, 0.3F, 0));
    ph_draw_part(s, white, PH_EYE, ph_ellipse(-0.22F, -0.7F, 0.09F, 0.07F, 0.1F));
    ph_draw_part(s, white, PH_EYE, ph_ellipse(0.22F, -0.7F, 0.09F, 0.07F, -0.1F));
    shell.bulge = 0.6F;
    shell.gloss = 1;
    shell.grain = 0.03F;
    const ph_shape dome = ph_ellipse(0, 0.2F, 0.68F, 0.74F, 0);
    ph_draw_part(s, shell, PH_WING, dome);
    black.gloss = 0.3F;
    black.bulge = 0;
    black.part = PH_WING;
    ph_draw(s, &black, ph_capsule(0, -0.5F, 0.02F, 0, 0.92F, 0.02F), ph_clip(dome));
    black.part = PH_SPOT;
    const int spots = 2 + ph_pick(s, 2);
    for (int i = 0; i < 2 * spots; i++) {
        const float side = i % 2 ? 1 : -1, t = (float)(i / 2) / (float)(spots - 1);
        ph_draw(s, &black,
                ph_circle(side * (0.24F + 0.2F * ph_sin(0.5F * t)), -0.18F + 0.72F * t, ph_between(s, 0.1F, 0.15F)),
                ph_clip(dome));
    }
    ph_draw(s, &black, ph_ellipse(0, -0.36F, 0.16F, 0.1F, 0), ph_clip(dome));
}
