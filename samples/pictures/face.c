/* A person's face. */
#include "parts.h"

static void features(ph_stage *s, ph_rgb skin, ph_rgb hair)
{
    ph_paint shade = ph_plain(s, ph_times(skin, 0.62F)), brow = ph_plain(s, hair),
             lip = ph_plain(s, ph_blend(ph_times(skin, 0.8F), ph_hex(0xB02838), 0.55F));
    const ph_rgb iris = PH_ONE_OF(s, 0x5A3418, 0x3868A0, 0x4A7848, 0x2A1A10);
    const float y = -0.08F, open = ph_between(s, 0.5F, 0.7F);
    for (int i = -1; i <= 1; i += 2) {
        const float x = 0.24F * (float)i;
        const ph_point arch[] = {{x - 0.15F, y - 0.15F}, {x, y - 0.21F}, {x + 0.15F, y - 0.15F}};
        ph_eye(s, x, y, 0.125F, open, iris, false);
        ph_draw_part(s, brow, PH_HAIR, ph_curve(arch, 3, 0.025F, 0.025F));
    }
    const ph_point ridge[] = {{0.04F, y + 0.04F}, {0.07F, 0.16F}, {0.1F, 0.22F}, {0.03F, 0.27F}, {-0.05F, 0.26F}};
    shade.soft = 0.03F;
    ph_draw_part(s, shade, PH_NOSE, ph_curve(ridge, 5, 0.012F, 0.022F));
    ph_paint tip = ph_plain(s, skin);
    tip.bulge = 0.09F;
    ph_draw_part(s, tip, PH_NOSE, ph_ellipse(0.01F, 0.2F, 0.085F, 0.07F, 0));
    lip.bulge = 0.04F;
    lip.gloss = 0.2F;
    const float smile = ph_between(s, 0, 0.07F), wide = ph_between(s, 0.17F, 0.23F);
    const ph_point upper[] = {{-wide, 0.44F - smile}, {-0.06F, 0.42F},       {0, 0.435F},
                              {0.06F, 0.42F},         {wide, 0.44F - smile}, {0, 0.56F}};
    ph_draw_part(s, lip, PH_MOUTH, ph_polygon(upper, 6, true));
    ph_paint slit = ph_plain(s, ph_chance(s, 0.4F) ? ph_hex(0xF4F0EC) : ph_hex(0x401818));
    const ph_point line[] = {{-0.8F * wide, 0.45F - smile}, {0, 0.485F}, {0.8F * wide, 0.45F - smile}};
    slit.part = PH_MOUTH;
    ph_draw(s, &slit, ph_curve(line, 3, 0.018F, 0.018F), ph_clip(ph_polygon(upper, 6, true)));
}

static void shirt(ph_stage *s)
{
    static const uint8_t cloth[] = {PH_NO_LABEL, PH_STRIPES_ACROSS, PH_PLAID, PH_DOTS, PH_NO_LABEL, PH_WOVEN};
    const uint8_t texture = cloth[ph_pick(s, 6)];
    const ph_rgb colour = ph_vivid(s), second = ph_chance(s, 0.5F) ? ph_hex(0xF0ECE4) : ph_vivid(s);
    ph_paint paint = ph_textured(s, texture, colour, second, 0.2F);
    paint.bulge = 0.15F;
    ph_draw(s, &paint, ph_ellipse(0, 1.28F, 0.86F, 0.46F, 0));
}

void ph_thing_face(ph_stage *s)
{
    const ph_rgb skin = PH_ONE_OF(s, 0xE8B898, 0xF0C8A8, 0xC08860, 0x8A5638, 0x6A3E28, 0xD8A078);
    const ph_rgb tone = PH_ONE_OF(s, 0x1A1412, 0x3A2418, 0x7A4A24, 0xC89848, 0x8A3818, 0xA8A4A0);
    ph_paint face = ph_plain(s, skin), hair = ph_textured(s, PH_FUR, ph_times(tone, 0.6F), ph_times(tone, 1.6F), 0.3F),
             neck = ph_plain(s, ph_times(skin, 0.75F));
    const float wide = ph_between(s, 0.5F, 0.58F);
    const int style = ph_pick(s, 3); /* 0 short, 1 long, 2 round */
    hair.part = PH_HAIR;
    hair.bulge = 0.15F;
    face.grain = neck.grain = 0.04F;
    if (style == 1)
        ph_draw(s, &hair, ph_box(0, 0.12F, wide + 0.17F, 0.8F, 0.4F));
    if (style == 2)
        ph_draw(s, &hair, ph_circle(0, -0.2F, 0.8F));
    ph_draw(s, &neck, ph_box(0, 0.8F, 0.22F, 0.35F, 0.1F));
    shirt(s);
    face.bulge = 0.12F;
    for (int i = -1; i <= 1; i += 2)
        ph_draw_part(s, face, PH_EAR, ph_ellipse((wide + 0.01F) * (float)i, 0.06F, 0.09F, 0.16F, 0));
    face.bulge = 0.42F;
    face.part = PH_HEAD;
    ph_draw(s, &face, ph_ellipse(0, -0.08F, wide, 0.64F, 0), ph_joined(ph_ellipse(0, 0.4F, 0.34F, 0.36F, 0), 0.3F));
    /* The fringe: what lies on the skull above a line. */
    const float line = ph_between(s, -0.42F, -0.3F), lean = ph_between(s, -0.05F, 0.05F);
    ph_draw(s, &hair, ph_ellipse(0, -0.3F, wide + 0.07F, 0.58F, 0),
            ph_cut(ph_ellipse(lean * 4, 0.28F, wide * 0.98F, 0.28F - line, lean)),
            ph_clip(ph_box(0, -0.55F, 1, 0.5F, 0)));
    /* The head turned a little to one side: what is in front of it moves further than its outline. */
    const ph_frame saved = s->frame;
    ph_shift(s, ph_between(s, -0.09F, 0.09F), 0);
    features(s, skin, ph_times(tone, 0.7F));
    s->frame = saved;
}
