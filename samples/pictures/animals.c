/* Things with a backbone. */
#include "parts.h"

static ph_paint coat(ph_stage *s, const uint32_t dark[], const uint32_t light[], int count, float scale)
{
    const int i = ph_pick(s, count);
    ph_paint fur = ph_textured(s, PH_FUR, ph_hex(dark[i]), ph_hex(light[i]), scale);
    fur.bulge = 0.25F;
    fur.grain = 0.05F;
    return fur;
}

static void whiskers(ph_stage *s, float y)
{
    ph_paint hair = ph_plain(s, ph_hex(0xF4F0E8));
    for (int i = 0; i < 6; i++) {
        const float side = i % 2 ? 1 : -1, lift = 0.05F * (float)(i / 2 - 1);
        ph_draw(s, &hair, ph_capsule(side * 0.1F, y + lift, 0.009F, side * 0.56F, y + 2.6F * lift - 0.02F, 0.004F));
    }
}

static void cat_head(ph_stage *s, ph_paint fur)
{
    ph_paint pink = ph_plain(s, ph_hex(0xD89090)), line = ph_plain(s, ph_hex(0x3A2420)), pale = fur;
    const ph_rgb iris = PH_ONE_OF(s, 0x8AB838, 0xD8A820, 0x4A90B8, 0x60A060);
    fur.part = PH_EAR;
    for (int i = -1; i <= 1; i += 2) {
        const float x = (float)i;
        const ph_point ear[] = {{x * 0.46F, -0.42F}, {x * 0.44F, -0.98F}, {x * 0.1F, -0.66F}};
        const ph_point inside[] = {{x * 0.4F, -0.5F}, {x * 0.4F, -0.86F}, {x * 0.2F, -0.64F}};
        ph_draw(s, &fur, ph_polygon(ear, 3, false));
        ph_draw_part(s, pink, PH_EAR, ph_polygon(inside, 3, false));
    }
    fur.part = PH_HEAD;
    ph_draw(s, &fur, ph_ellipse(0, -0.32F, 0.5F, 0.4F, 0));
    pale.base = ph_blend(fur.base, ph_hex(0xF4ECE0), 0.6F);
    pale.second = ph_hex(0xF8F4EC);
    pale.part = PH_HEAD;
    pale.bulge = 0.12F;
    ph_draw(s, &pale, ph_ellipse(-0.1F, -0.15F, 0.13F, 0.1F, 0), ph_ellipse(0.1F, -0.15F, 0.13F, 0.1F, 0));
    ph_eye(s, -0.21F, -0.38F, 0.13F, 0.85F, iris, true);
    ph_eye(s, 0.21F, -0.38F, 0.13F, 0.85F, iris, true);
    const ph_point nose[] = {{-0.07F, -0.26F}, {0.07F, -0.26F}, {0, -0.18F}};
    ph_draw_part(s, pink, PH_NOSE, ph_polygon(nose, 3, false));
    ph_draw_part(s, line, PH_MOUTH, ph_arc(-0.07F, -0.16F, 0.07F, 0.014F, 0.25F, 0.4F));
    ph_draw_part(s, line, PH_MOUTH, ph_arc(0.07F, -0.16F, 0.07F, 0.014F, 0.25F, 0.4F));
    whiskers(s, -0.15F);
}

void ph_thing_cat(ph_stage *s)
{
    static const uint32_t dark[] = {0x8A4A18, 0x3A3632, 0x1C1A1A, 0x9A9088, 0x6A4A30},
                          light[] = {0xE8A050, 0x98908A, 0x4A4644, 0xF0E8DC, 0xC09870};
    ph_paint fur = coat(s, dark, light, 5, 0.3F), tail = fur;
    const float side = 1;
    const ph_point curl[] = {
        {side * 0.35F, 0.85F}, {side * 0.8F, 0.85F}, {side * 0.9F, 0.5F}, {side * 0.72F, ph_between(s, 0.1F, 0.25F)}};
    tail.bulge = 0.08F;
    ph_draw_part(s, tail, PH_TAIL, ph_curve(curl, 4, 0.11F, 0.08F));
    ph_draw(s, &fur, ph_ellipse(0, 0.5F, 0.42F, 0.5F, 0), ph_joined(ph_ellipse(-0.28F, 0.78F, 0.22F, 0.2F, 0), 0.1F),
            ph_joined(ph_ellipse(0.28F, 0.78F, 0.22F, 0.2F, 0), 0.1F));
    fur.part = PH_LEG;
    fur.bulge = 0.1F;
    for (int i = -1; i <= 1; i += 2)
        ph_draw(s, &fur, ph_capsule(0.15F * (float)i, 0.4F, 0.11F, 0.16F * (float)i, 0.9F, 0.1F));
    fur.bulge = 0.3F;
    const ph_frame saved = s->frame;
    ph_hinge(s, 0, 0, ph_between(s, -0.04F, 0.04F));
    cat_head(s, fur);
    s->frame = saved;
}

static void dog_head(ph_stage *s, ph_paint fur, float patch)
{
    ph_paint ear = fur, muzzle = fur, dark = ph_plain(s, ph_hex(0x14100E)), tongue = ph_plain(s, ph_hex(0xE06878));
    fur.part = PH_HEAD;
    ph_draw(s, &fur, ph_ellipse(0, -0.5F, 0.38F, 0.42F, 0));
    ear.part = PH_EAR;
    ear.base = ph_times(fur.base, patch);
    ear.second = ph_times(fur.second, patch);
    ear.bulge = 0.1F;
    for (int i = -1; i <= 1; i += 2) {
        const float x = (float)i;
        const ph_point flap[] = {{x * 0.26F, -0.84F}, {x * 0.46F, -0.76F}, {x * 0.58F, -0.4F},
                                 {x * 0.5F, -0.1F},   {x * 0.36F, -0.24F}, {x * 0.32F, -0.55F}};
        ph_draw(s, &ear, ph_polygon(flap, 6, true));
    }
    tongue.bulge = 0.08F;
    muzzle.part = PH_HEAD;
    muzzle.base = ph_blend(fur.base, ph_hex(0xF0E4D0), 0.55F);
    muzzle.second = ph_hex(0xF4ECDC);
    muzzle.bulge = 0.2F;
    ph_draw_part(s, tongue, PH_MOUTH, ph_capsule(0.02F, -0.15F, 0.09F, 0.03F, ph_between(s, 0, 0.12F), 0.08F));
    ph_draw(s, &muzzle, ph_ellipse(0, -0.34F, 0.2F, 0.25F, 0),
            ph_joined(ph_ellipse(-0.1F, -0.22F, 0.14F, 0.11F, 0), 0.06F),
            ph_joined(ph_ellipse(0.1F, -0.22F, 0.14F, 0.11F, 0), 0.06F));
    ph_draw_part(s, dark, PH_MOUTH, ph_arc(-0.1F, -0.24F, 0.1F, 0.014F, 0.2F, 0.3F));
    ph_draw_part(s, dark, PH_MOUTH, ph_arc(0.1F, -0.24F, 0.1F, 0.014F, 0.3F, 0.3F));
    dark.bulge = 0.1F;
    dark.gloss = 0.6F;
    ph_draw_part(s, dark, PH_NOSE, ph_ellipse(0, -0.4F, 0.12F, 0.085F, 0));
    ph_bead(s, -0.17F, -0.6F, 0.075F);
    ph_bead(s, 0.17F, -0.6F, 0.075F);
}

void ph_thing_dog(ph_stage *s)
{
    static const uint32_t dark[] = {0x6A4020, 0xA87838, 0x2A2624, 0xB8A890, 0x7A2E14},
                          light[] = {0xB07840, 0xE8C080, 0x58504A, 0xF4ECDC, 0xC06030};
    ph_paint fur = coat(s, dark, light, 5, 0.34F), chest = fur, collar = ph_plain(s, ph_vivid(s));
    const ph_point wag[] = {{0.3F, 0.75F}, {0.62F, 0.6F}, {0.78F, ph_between(s, 0.05F, 0.3F)}};
    ph_draw_part(s, fur, PH_TAIL, ph_curve(wag, 3, 0.1F, 0.04F));
    ph_draw(s, &fur, ph_ellipse(0, 0.48F, 0.36F, 0.52F, 0), ph_joined(ph_ellipse(-0.3F, 0.8F, 0.2F, 0.2F, 0), 0.1F),
            ph_joined(ph_ellipse(0.3F, 0.8F, 0.2F, 0.2F, 0), 0.1F));
    chest.base = ph_blend(fur.base, ph_hex(0xF4ECDC), 0.6F);
    chest.second = ph_hex(0xF8F0E4);
    ph_draw(s, &chest, ph_ellipse(0, 0.3F, 0.2F, 0.3F, 0));
    fur.part = PH_LEG;
    fur.bulge = 0.1F;
    for (int i = -1; i <= 1; i += 2)
        ph_draw(s, &fur, ph_capsule(0.18F * (float)i, 0.35F, 0.12F, 0.2F * (float)i, 0.88F, 0.11F));
    collar.bulge = 0.05F;
    ph_draw(s, &collar, ph_arc(0, -0.28F, 0.36F, 0.05F, 0.25F, 0.3F));
    fur.bulge = 0.3F;
    const ph_frame saved = s->frame;
    ph_hinge(s, 0, -0.1F, ph_between(s, -0.05F, 0.05F));
    dog_head(s, fur, ph_between(s, 0.4F, 0.8F));
    s->frame = saved;
}

void ph_thing_bird(ph_stage *s)
{
    const ph_rgb back = PH_ONE_OF(s, 0x2E6AB0, 0xC83828, 0xD8A820, 0x3A8A50, 0x6A5040, 0x404450, 0x7A4898);
    const ph_rgb belly = PH_ONE_OF(s, 0xF0E4D0, 0xE8B870, 0xE89060, 0xF4F0E8);
    ph_paint body = ph_run(ph_plain(s, back), belly, 0.05F, 0.35F), dark = ph_plain(s, ph_times(back, 0.55F)),
             leg = ph_plain(s, ph_hex(0x8A5A28));
    const ph_point tail[] = {{-0.4F, 0.16F}, {-0.98F, 0.42F}, {-0.94F, 0.6F}, {-0.35F, 0.5F}};
    dark.bulge = 0.06F;
    ph_draw_part(s, dark, PH_TAIL, ph_polygon(tail, 4, false));
    for (int i = 0; i < 2; i++) {
        const float x = 0.02F + 0.16F * (float)i;
        ph_draw_part(s, leg, PH_LEG, ph_capsule(x, 0.6F, 0.025F, x + 0.03F, 0.95F, 0.022F));
        ph_draw_part(s, leg, PH_LEG, ph_capsule(x - 0.06F, 0.97F, 0.022F, x + 0.16F, 0.97F, 0.018F));
    }
    ph_paint beak = ph_plain(s, PH_ONE_OF(s, 0xE89020, 0xE0B030, 0x404040, 0xD86020));
    const float lift = ph_between(s, -0.1F, 0.12F);
    const ph_point bill[] = {{0.68F, lift - 0.5F}, {0.99F, lift - 0.36F}, {0.68F, lift - 0.26F}};
    beak.bulge = 0.06F;
    ph_draw_part(s, beak, PH_BEAK, ph_polygon(bill, 3, false));
    body.bulge = 0.3F;
    ph_draw(s, &body, ph_ellipse(0.02F, 0.24F, 0.54F, 0.4F, 0.07F),
            ph_joined(ph_circle(0.48F, lift - 0.38F, 0.28F), 0.3F),
            ph_joined(ph_ellipse(-0.4F, 0.3F, 0.2F, 0.14F, 0.05F), 0.15F));
    ph_paint wing = ph_textured(s, PH_SCALES, ph_times(back, 0.8F), ph_times(back, 0.3F), 0.16F);
    wing.bulge = 0.08F;
    const ph_point fold[] = {{0.3F, 0.02F},   {0, -0.06F},    {-0.35F, 0.14F},
                             {-0.68F, 0.44F}, {-0.2F, 0.44F}, {0.22F, 0.3F}};
    const ph_point raised[] = {{0.26F, 0.1F},    {0.02F, -0.3F}, {-0.45F, -0.96F},
                               {-0.62F, -0.55F}, {-0.42F, 0.1F}, {-0.05F, 0.3F}};
    const bool flaps = ph_chance(s, 0.3F);
    wing.turns = flaps ? 0.15F : 0.3F;
    ph_draw_part(s, wing, PH_WING, ph_polygon(flaps ? raised : fold, 6, true));
    ph_bead(s, 0.55F, lift - 0.43F, 0.065F);
}

void ph_thing_fish(ph_stage *s)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xE87820, 0x4888B8, 0xC8B040, 0x88A0A8, 0xC83840, 0x50A088, 0x9060B0);
    ph_paint body = ph_run(ph_textured(s, PH_SCALES, colour, ph_times(colour, 0.45F), ph_between(s, 0.15F, 0.22F)),
                           ph_blend(colour, ph_hex(0xF4F0E0), 0.7F), 0.05F, 0.4F);
    ph_paint fin = ph_textured(s, PH_STRIPES_ACROSS, ph_near(s, ph_times(colour, 0.8F), 0.15F), ph_times(colour, 0.45F),
                               0.1F),
             dark = ph_plain(s, ph_times(colour, 0.3F));
    const float high = ph_between(s, 0.36F, 0.48F);
    const ph_point tail[] = {{-0.5F, 0}, {-0.98F, -0.46F}, {-0.86F, 0}, {-0.98F, 0.46F}};
    const ph_point top[] = {{-0.35F, -0.25F}, {-0.2F, -0.35F - high}, {0.25F, -0.2F - high}, {0.42F, -0.25F}};
    const ph_point below[] = {{-0.2F, 0.25F}, {-0.3F, 0.25F + high}, {0.1F, 0.3F}};
    fin.bulge = 0.05F;
    ph_draw_part(s, fin, PH_FIN, ph_polygon(tail, 4, false));
    ph_draw_part(s, fin, PH_FIN, ph_polygon(top, 4, false));
    fin.turns = 0.2F;
    ph_draw_part(s, fin, PH_FIN, ph_polygon(below, 3, false));
    body.bulge = 0.3F;
    body.gloss = 0.5F;
    const ph_point outline[] = {{0.94F, 0.02F},         {0.6F, -0.75F * high}, {0.1F, -high},
                                {-0.35F, -0.6F * high}, {-0.66F, -0.12F},      {-0.66F, 0.12F},
                                {-0.35F, 0.6F * high},  {0.1F, high},          {0.6F, 0.75F * high}};
    ph_draw(s, &body, ph_polygon(outline, 9, true));
    ph_paint cheek = ph_run(ph_plain(s, colour), body.third, 0.05F, 0.4F);
    cheek.gloss = 0.3F;
    cheek.bulge = 0.2F;
    cheek.part = PH_HEAD;
    ph_draw(s, &cheek, ph_polygon(outline, 9, true), ph_clip(ph_ellipse(0.95F, 0, 0.48F, 0.7F, 0)));
    fin.turns = 0.1F;
    const ph_point side[] = {{0.28F, 0.1F}, {-0.1F, 0.06F}, {-0.06F, 0.32F}};
    ph_draw_part(s, fin, PH_FIN, ph_polygon(side, 3, true));
    ph_draw_part(s, dark, PH_MOUTH, ph_capsule(0.94F, 0.06F, 0.016F, 0.8F, 0.12F, 0.016F));
    ph_eye(s, 0.66F, -0.1F, 0.1F, 1, ph_hex(0x403828), false);
}
