/* Things of the open air that neither grow nor roll. */
#include "parts.h"

/* The long side, seen at an angle: wall and roof run away to the right of the gable. */
static void house_side(ph_stage *s, ph_paint wall, ph_paint roof, float wide, float eave, float peak)
{
    const float deep = ph_between(s, 0.25F, 0.5F), rise = 0.12F * deep;
    const ph_point side[] = {{wide, eave}, {wide + deep, eave - rise}, {wide + deep, 1 - 1.2F * rise}, {wide, 1}};
    const ph_point slope[] = {
        {0, peak}, {deep, peak - rise}, {wide + deep + 0.08F, eave - rise + 0.03F}, {wide + 0.12F, eave + 0.04F}};
    wall.base = ph_times(wall.base, 0.6F);
    wall.second = ph_times(wall.second, 0.6F);
    roof.base = ph_times(roof.base, 0.8F);
    ph_draw(s, &wall, ph_polygon(side, 4, false));
    ph_draw_part(s, roof, PH_ROOF, ph_polygon(slope, 4, false));
    ph_window(s, wide + 0.5F * deep, 0.33F, 0.1F * ph_between(s, 0.8F, 1.1F), 0.18F, 1, 2, ph_hex(0xE0DCD4));
}

void ph_thing_house(ph_stage *s)
{
    const bool brick = ph_chance(s, 0.45F);
    ph_paint wall = brick
                        ? ph_textured(s, PH_BRICKS, PH_ONE_OF(s, 0x9C4A34, 0xB06A48, 0x8A4034), ph_hex(0xC0B4A4), 0.1F)
                        : ph_plain(s, PH_ONE_OF(s, 0xE8DCC0, 0xE8E4DC, 0xD8B878, 0xB8C8D0, 0xD8A890, 0xC8D0A8));
    ph_paint roof =
        ph_textured(s, PH_SCALES, PH_ONE_OF(s, 0xA04428, 0x70402C, 0x485058, 0x883830), ph_hex(0x2A1814), 0.13F);
    const bool gable = ph_chance(s, 0.65F), angled = gable && ph_chance(s, 0.6F);
    const float peak = ph_between(s, -1, -0.8F), eave = ph_between(s, -0.25F, -0.1F);
    const float wide = angled ? ph_between(s, 0.55F, 0.65F) : ph_between(s, 0.74F, 0.86F);
    const ph_frame saved = s->frame;
    if (angled)
        ph_shift(s, -0.2F, 0);
    ph_paint chimney = ph_textured(s, PH_BRICKS, ph_hex(0x8A4836), ph_hex(0xB0A494), 0.09F);
    if (ph_chance(s, 0.75F))
        ph_draw_part(s, chimney, PH_CHIMNEY, ph_box(0.42F, peak + 0.22F, 0.1F, 0.3F, 0));
    if (angled)
        house_side(s, wall, roof, wide, eave, peak);
    ph_draw(s, &wall, ph_box(0, 0.5F * (eave + 1), wide, 0.5F * (1 - eave), 0));
    const float flat = gable ? 0.04F : ph_between(s, 0.3F, 0.55F);
    const ph_point top[] = {{-wide - 0.14F, eave + 0.05F}, {-flat, peak}, {flat, peak}, {wide + 0.14F, eave + 0.05F}};
    const ph_point front[] = {{-wide, eave + 0.01F}, {0, peak + 0.06F}, {wide, eave + 0.01F}};
    roof.bulge = 0.04F;
    ph_draw_part(s, roof, PH_ROOF, ph_polygon(top, 4, false));
    if (angled) {
        /* Of the roof only its edge is left in front. */
        ph_draw(s, &wall, ph_polygon(front, 3, false));
    }
    const ph_rgb frame = PH_ONE_OF(s, 0xF4F0E8, 0x5A3A22, 0xE8E8E4);
    const float door = angled ? 0 : ph_between(s, -0.2F, 0.2F), apart = angled ? 0.39F : 0.48F;
    ph_door(s, door, 0.66F, 0.17F, 0.34F, PH_ONE_OF(s, 0x8A2820, 0x28508A, 0x2E6A40, 0x6A4428, 0xD0A028));
    ph_window(s, door - apart, 0.35F, 0.15F, 0.2F, 2, 2, frame);
    ph_window(s, door + apart, 0.35F, 0.15F, 0.2F, 2, 2, frame);
    if (gable)
        ph_window(s, 0, eave - 0.2F, 0.13F, 0.13F, 2, 2, frame);
    s->frame = saved;
}

void ph_thing_boat(ph_stage *s)
{
    ph_paint hull = ph_chance(s, 0.4F) ? ph_timber(s, 0.2F, 0)
                                       : ph_plain(s, PH_ONE_OF(s, 0xB82820, 0xF0ECE4, 0x204880, 0x287858, 0x303438));
    ph_paint mast = ph_timber(s, 0.3F, 0.25F), trim = ph_plain(s, ph_hex(0xF0ECE0));
    ph_paint sail = ph_run(ph_plain(s, PH_ONE_OF(s, 0xF4F0E4, 0xF0E4C8, 0xE8E8EC, 0xD84030, 0xE8B040)),
                           ph_hex(0xC8C0B0), -0.2F, 0.6F);
    const float x = ph_between(s, -0.12F, 0.05F);
    mast.bulge = 0.03F;
    ph_draw_part(s, mast, PH_MAST, ph_capsule(x, -1, 0.025F, x, 0.6F, 0.035F));
    sail.bulge = 0.12F;
    const float boom = ph_between(s, 0.7F, 0.85F);
    const ph_point main_sail[] = {
        {x + 0.04F, -0.96F}, {x + 0.5F * boom, -0.2F}, {x + boom, 0.46F}, {x + 0.4F * boom, 0.5F}, {x + 0.04F, 0.46F}};
    const ph_point jib[] = {
        {x - 0.05F, -0.85F}, {x - 0.05F, 0.4F}, {x - 0.3F, 0.46F}, {x - 0.66F, 0.48F}, {x - 0.3F, -0.1F}};
    if (ph_chance(s, 0.3F)) {
        sail.texture = PH_STRIPES_ACROSS;
        sail.second = ph_vivid(s);
        sail.scale = 0.4F;
    }
    ph_draw_part(s, sail, PH_SAIL, ph_polygon(main_sail, 5, false));
    ph_draw_part(s, sail, PH_SAIL, ph_polygon(jib, 5, false));
    const ph_point side[] = {{-0.95F, 0.58F}, {-0.4F, 0.64F}, {0.4F, 0.64F},
                             {0.9F, 0.56F},   {0.74F, 0.98F}, {-0.66F, 0.98F}};
    hull.bulge = 0.16F;
    hull.gloss = 0.3F;
    ph_draw_part(s, hull, PH_HULL, ph_polygon(side, 6, false));
    ph_draw_part(s, trim, PH_HULL, ph_curve(side, 4, 0.03F, 0.03F));
    ph_paint foam = ph_plain(s, ph_hex(0xE8F4F8));
    foam.quiet = true;
    foam.fade = 0.35F;
    foam.soft = 0.08F;
    ph_draw(s, &foam, ph_capsule(-0.72F, 0.98F, 0.03F, 0.8F, 0.98F, 0.03F));
}

/* One canopy panel after the other from left to right: ribs meet at the top, the lower edge hangs in arcs. */
static void canopy(ph_stage *s, float top, float edge)
{
    const ph_rgb a = ph_vivid(s), b = ph_chance(s, 0.5F) ? ph_hex(0xF4F0E8) : ph_times(a, 0.6F);
    enum { PANELS = 6 };
    for (int i = 0; i < PANELS; i++) {
        const float x0 = -0.98F * ph_cos((float)i * 0.5F / PANELS),
                    x1 = -0.98F * ph_cos((float)(i + 1) * 0.5F / PANELS);
        const float bow = 0.78F, up = ph_mix(edge, top, 0.62F), middle = 0.5F * (x0 + x1);
        const ph_point panel[] = {{0, top},   {x1 * bow * 0.75F, up}, {x1, edge}, {middle, edge - 0.1F},
                                  {x0, edge}, {x0 * bow * 0.75F, up}};
        ph_paint paint = ph_plain(s, i % 2 ? b : a);
        paint.part = PH_CANOPY;
        paint.bulge = 0.12F;
        paint.gloss = 0.15F;
        ph_draw(s, &paint, ph_polygon(panel, 6, false));
    }
}

void ph_thing_umbrella(ph_stage *s)
{
    ph_paint stick = ph_plain(s, ph_hex(0x606468)), grip = ph_plain(s, PH_ONE_OF(s, 0x5A3418, 0x282828, 0xA87038));
    stick.gloss = 0.6F;
    stick.bulge = 0.03F;
    grip.bulge = 0.05F;
    ph_draw(s, &stick, ph_capsule(0, -0.95F, 0.022F, 0, 0.75F, 0.03F));
    ph_draw_part(s, grip, PH_HANDLE, ph_arc(0.14F, 0.8F, 0.14F, 0.05F, 0.25F, 0.52F));
    ph_draw_part(s, grip, PH_HANDLE, ph_capsule(0, 0.55F, 0.05F, 0, 0.8F, 0.05F));
    canopy(s, -0.8F, ph_between(s, -0.05F, 0.1F));
}

void ph_thing_balloon(ph_stage *s)
{
    const ph_rgb a = ph_vivid(s), b = ph_chance(s, 0.6F) ? PH_ONE_OF(s, 0xF4E8B0, 0xF0F0EC, 0xE8B820) : ph_vivid(s);
    ph_paint cord = ph_plain(s, ph_hex(0x504030)), gore = ph_plain(s, a);
    for (int i = 0; i < 4; i++) {
        const float x = -0.13F + 0.0867F * (float)i;
        ph_draw_part(s, cord, PH_CORD, ph_capsule(2 * x, 0.36F, 0.01F, x, 0.78F, 0.01F));
    }
    gore.bulge = 0.7F;
    gore.gloss = 0.2F;
    const ph_shape envelope = ph_circle(0, -0.32F, 0.68F),
                   neck = ph_joined(ph_capsule(0, 0.1F, 0.3F, 0, 0.4F, 0.17F), 0.3F);
    ph_draw(s, &gore, envelope, neck);
    enum { GORES = 3 };
    gore.base = b;
    for (int i = 0; i < GORES; i++) {
        /* Meridians of a ball seen from the side are ellipses: a lune lies between two of them. */
        const float outer = ph_sin(((float)i + 0.5F) * 0.25F / GORES), inner = ph_sin((float)i * 0.25F / GORES);
        if (i == 0) {
            ph_draw(s, &gore, envelope, neck, ph_clip(ph_ellipse(0, -0.2F, 0.68F * outer, 0.95F, 0)));
            continue;
        }
        ph_draw(s, &gore, envelope, neck, ph_clip(ph_ellipse(0, -0.2F, 0.68F * outer, 0.95F, 0)),
                ph_cut(ph_ellipse(0, -0.2F, 0.68F * inner, 0.95F, 0)));
    }
    ph_paint basket = ph_textured(s, PH_WOVEN, ph_hex(0x8A5A28), ph_hex(0xB88848), 0.08F);
    basket.bulge = 0.06F;
    ph_draw_part(s, basket, PH_BASKET, ph_box(0, 0.88F, 0.17F, 0.12F, 0.03F));
}
