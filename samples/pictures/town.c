/* Places among buildings. */
#include "backdrop.h"

static void tower(ph_stage *s, float x, float half, float top, float foot, ph_rgb colour, bool night)
{
    ph_paint wall = ph_run(ph_plain(s, colour), ph_times(colour, 0.7F), top, foot);
    s->thing = PH_BUILDING;
    wall.glow = 0.2F;
    ph_draw(s, &wall, ph_box(x, 0.5F * (top + foot), half, 0.5F * (foot - top), 0));
    if (ph_chance(s, 0.25F))
        ph_draw(s, &wall, ph_capsule(x, top - 0.2F, 0.006F, x, top, 0.012F));
    const int columns = 2 + ph_pick(s, 3);
    const float step = 2 * half / (float)columns, tall = step * ph_between(s, 0.9F, 1.3F);
    const ph_rgb dark = night ? ph_hex(0x181C28) : ph_times(ph_hex(0x405468), ph_between(s, 0.6F, 1.4F));
    const int rows = (int)(ph_max(ph_min(foot, ph_half_height(s)) - top, 0) / tall + 0.4F);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            const bool lamp = night && ph_chance(s, 0.45F);
            ph_paint pane = ph_plain(s, lamp ? PH_ONE_OF(s, 0xF8D880, 0xF0C060, 0xE8E0C0) : dark);
            pane.part = PH_WINDOW;
            pane.glow = lamp ? 1 : 0.3F;
            pane.grain = 0;
            ph_draw(s, &pane,
                    ph_box(x - half + step * ((float)c + 0.5F), top + tall * ((float)r + 0.6F), 0.32F * step,
                           0.3F * tall, 0));
        }
    s->thing = 0;
}

void ph_place_skyline(ph_stage *s, bool whole)
{
    const bool night = ph_chance(s, 0.35F);
    const float foot = ph_between(s, 0.6F, 0.85F), wide = ph_half_width(s);
    s->scene = PH_SKYLINE;
    const ph_rgb zenith = night ? ph_hex(0x101830) : PH_ONE_OF(s, 0x4A88C8, 0x7AA4C8, 0x90A0B0);
    const ph_rgb low = night ? PH_ONE_OF(s, 0x504868, 0x705058, 0x38486A) : PH_ONE_OF(s, 0xD8E0E4, 0xE8D8C8);
    ph_daylight(s, foot, zenith, low, night ? 0 : ph_between(s, 0, 0.6F));
    const ph_rgb haze = night ? ph_hex(0x383C58) : ph_hex(0xA8B8C8);
    for (int layer = 0; layer < 3; layer++) {
        const float near = 0.4F + 0.3F * (float)layer;
        for (float x = -wide - 0.1F; x < wide + 0.1F;) {
            const float half = ph_between(s, 0.07F, 0.15F), top = ph_between(s, -0.6F, 0.25F) + 0.17F * (float)layer;
            const ph_rgb own = PH_ONE_OF(s, 0x6A7480, 0x8A7A6A, 0xA8A090, 0x506478, 0x8A5A4A, 0xB8B4AC);
            tower(s, x + half, half, top, foot, ph_blend(haze, night ? ph_times(own, 0.3F) : own, near), night);
            x += 2 * half + ph_between(s, 0, layer == 2 ? 0.25F : 0.08F);
        }
    }
    ph_paint water = ph_textured(s, PH_WAVES, night ? ph_hex(0x141C30) : ph_hex(0x4A6A80),
                                 night ? ph_hex(0x5A5460) : ph_hex(0x9AB4C4), 0.5F);
    ph_paint park = ph_textured(s, PH_LEAVES, night ? ph_hex(0x10201A) : ph_hex(0x2A5028),
                                night ? ph_hex(0x243A2C) : ph_hex(0x6A9048), 0.09F);
    if (ph_chance(s, 0.5F) || !whole)
        ph_land(s, foot, PH_SEA, water, haze);
    else
        ph_ridge(s, PH_GROUND, &park, foot + 0.02F, 0.06F, 3, ph_half_height(s) + 0.2F);
}

/* A row of houses on one side, receding to the vanishing point at (0, horizon). */
static void row_of_houses(ph_stage *s, float side, float horizon)
{
    const ph_frame saved = s->frame;
    for (int i = 4; i >= 0; i--) {
        const float z = 1 + 0.55F * (float)i, next = z + 0.53F, x = 0.72F * side;
        const float high = ph_between(s, 0.75F, 1.15F);
        const bool brick = ph_chance(s, 0.5F);
        ph_paint wall = ph_textured(s, brick ? PH_BRICKS : PH_NO_LABEL,
                                    PH_ONE_OF(s, 0xA05A44, 0xD8C8A0, 0xC8B8A8, 0xB87A58, 0xA8B4B8, 0xD0A078),
                                    ph_hex(0xB8ACA0), 0.06F / z);
        wall.base = ph_blend(wall.base, ph_hex(0xC0CCD8), 0.12F * (float)i);
        const ph_point front[] = {{x / z, horizon + 0.42F / z},
                                  {x / next, horizon + 0.42F / next},
                                  {x / next, horizon - high / next},
                                  {x / z, horizon - high / z}};
        s->thing = PH_BUILDING;
        ph_draw(s, &wall, ph_polygon(front, 4, false));
        for (int k = 0; k < 6; k++) {
            /* A pane is a small quadrilateral between two depths. */
            const float z0 = z + 0.1F + 0.2F * (float)(k % 2), z1 = z0 + 0.13F, y0 = 0.1F - 0.34F * (float)(k / 2),
                        y1 = y0 - 0.2F;
            if (y1 < -high + 0.1F)
                continue;
            const bool door = k == 0;
            const float bottom = door ? 0.42F : y0;
            const ph_point pane[] = {{x / z0, horizon + bottom / z0},
                                     {x / z1, horizon + bottom / z1},
                                     {x / z1, horizon + y1 / z1},
                                     {x / z0, horizon + y1 / z0}};
            ph_paint glass =
                door ? ph_plain(s, PH_ONE_OF(s, 0x5A2A20, 0x28485A, 0x3A4A2A)) : ph_glass(s, horizon + y0 / z, 0.3F);
            glass.part = door ? PH_DOOR : PH_WINDOW;
            ph_draw(s, &glass, ph_polygon(pane, 4, false));
        }
    }
    s->frame = saved;
    s->thing = 0;
}

void ph_place_street(ph_stage *s, bool whole)
{
    const float horizon = ph_between(s, -0.1F, 0.12F), low = ph_half_height(s) + 0.1F, wide = ph_half_width(s);
    s->scene = PH_STREET;
    const ph_rgb zenith = PH_ONE_OF(s, 0x5A90C8, 0x90A8BC, 0x78A0C8);
    ph_daylight(s, horizon, zenith, ph_hex(0xD8E0E4), ph_between(s, 0, 0.7F));
    ph_paint pavement = ph_textured(s, PH_CHECKS, ph_hex(0x9A9894), ph_hex(0x8A8884), 0.3F);
    ph_land(s, horizon, PH_GROUND, pavement, ph_hex(0xB0B4B8));
    ph_paint road = ph_textured(s, PH_STONE, ph_hex(0x48484C), ph_hex(0x646468), 0.06F),
             line = ph_plain(s, ph_hex(0xF0F0E8));
    const float spread = (low - horizon) * (whole ? 1.05F : 1.6F);
    const ph_point lane[] = {{0, horizon}, {spread, low}, {-spread, low}};
    s->thing = PH_ROAD;
    ph_draw(s, &road, ph_polygon(lane, 3, false));
    for (int i = 0; i < 5; i++) {
        const float z0 = 1.05F + 0.9F * (float)i, z1 = z0 + 0.4F, y0 = horizon + 1 / z0, y1 = horizon + 1 / z1;
        const ph_point dash[] = {{-0.04F / z0, y0}, {0.04F / z0, y0}, {0.04F / z1, y1}, {-0.04F / z1, y1}};
        ph_draw(s, &line, ph_polygon(dash, 4, false));
    }
    s->thing = 0;
    const ph_frame saved = s->frame;
    if (wide > 1)
        ph_zoom(s, wide, 1);
    row_of_houses(s, -1.5F, horizon);
    row_of_houses(s, 1.5F, horizon);
    s->frame = saved;
    if (!whole)
        return;
    for (int i = 0; i < 2; i++) {
        const float x = wide * ph_between(s, 0.6F, 0.8F) * (i ? 1 : -1);
        ph_put(s, ph_thing_tree, PH_TREE, x, horizon + 0.5F, ph_between(s, 0.2F, 0.3F));
    }
    if (ph_chance(s, 0.7F)) {
        const bool bus = ph_chance(s, 0.3F);
        const float x = ph_between(s, -0.3F, 0.3F), size = ph_between(s, 0.14F, 0.2F);
        ph_put(s, bus ? ph_thing_bus : ph_thing_car, bus ? PH_BUS : PH_CAR, x, horizon + 0.33F, size);
    }
}
