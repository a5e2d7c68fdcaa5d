/* Things on wheels. */
#include "parts.h"

static void car_cabin(ph_stage *s, const ph_paint *body)
{
    const float rear = ph_between(s, -0.72F, -0.45F), front = ph_between(s, 0.18F, 0.32F),
                top = ph_between(s, -0.22F, -0.1F);
    const ph_point cabin[] = {{rear - 0.12F, 0.3F}, {rear, top + 0.08F},          {rear + 0.14F, top},
                              {front - 0.08F, top}, {front + 0.08F, top + 0.06F}, {front + 0.34F, 0.3F}};
    ph_draw(s, body, ph_polygon(cabin, 6, false), ph_joined(ph_box(0, 0.48F, 0.96F, 0.24F, 0.14F), 0.06F));
    const ph_paint glass = ph_glass(s, 0.08F, 0.25F);
    const float middle = 0.5F * (rear + front) + 0.04F;
    const ph_point back_pane[] = {
        {rear - 0.02F, 0.24F}, {rear + 0.07F, top + 0.08F}, {middle - 0.03F, top + 0.07F}, {middle - 0.03F, 0.24F}};
    const ph_point front_pane[] = {
        {middle + 0.03F, 0.24F}, {middle + 0.03F, top + 0.07F}, {front - 0.02F, top + 0.08F}, {front + 0.22F, 0.24F}};
    ph_draw(s, &glass, ph_polygon(back_pane, 4, false));
    ph_draw(s, &glass, ph_polygon(front_pane, 4, false));
    ph_paint seam = ph_plain(s, ph_times(body->base, 0.35F));
    seam.part = PH_DOOR;
    ph_draw(s, &seam, ph_capsule(middle, 0.22F, 0.009F, middle, 0.66F, 0.009F));
    ph_draw(s, &seam, ph_capsule(middle + 0.34F, 0.26F, 0.009F, middle + 0.3F, 0.6F, 0.009F));
    ph_paint handle = ph_plain(s, ph_hex(0xC8CCD0));
    handle.gloss = 0.6F;
    ph_draw_part(s, handle, PH_HANDLE, ph_capsule(middle + 0.06F, 0.36F, 0.022F, middle + 0.16F, 0.36F, 0.022F));
}

void ph_thing_car(ph_stage *s)
{
    ph_paint body =
        ph_plain(s, PH_ONE_OF(s, 0xB81C20, 0x1C48A0, 0xE8B010, 0xD8D8D8, 0x2E7A3A, 0x303438, 0xE07020, 0x78B0D0));
    body.bulge = 0.13F;
    body.gloss = 0.7F;
    body.grain = 0.04F;
    car_cabin(s, &body);
    ph_paint trim = ph_plain(s, ph_hex(0x888C90));
    trim.gloss = 0.5F;
    ph_draw_part(s, trim, PH_BUMPER, ph_capsule(0.84F, 0.64F, 0.05F, 0.97F, 0.62F, 0.05F));
    ph_draw_part(s, trim, PH_BUMPER, ph_capsule(-0.84F, 0.64F, 0.05F, -0.97F, 0.62F, 0.05F));
    ph_headlight(s, 0.88F, 0.43F, 0.09F);
    ph_paint tail = ph_plain(s, ph_hex(0xD01010));
    tail.glow = 0.3F;
    ph_draw(s, &tail, ph_box(-0.91F, 0.42F, 0.045F, 0.07F, 0.02F));
    ph_paint arch = ph_plain(s, ph_hex(0x101012));
    const ph_rgb rim = PH_ONE_OF(s, 0xC0C4C8, 0x9098A0, 0xD8DCE0);
    for (int i = 0; i < 2; i++) {
        const float x = i ? 0.57F : -0.56F;
        ph_draw(s, &arch, ph_circle(x, 0.7F, 0.285F), ph_clip(ph_box(x, 0.5F, 0.4F, 0.24F, 0)));
        ph_wheel(s, x, 0.75F, 0.25F, PH_WHEEL_TYRE, rim);
    }
}

void ph_thing_bus(ph_stage *s)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xE8A810, 0xC02020, 0x2060B0, 0x2C8850, 0xE06828);
    const ph_rgb skirt = ph_chance(s, 0.5F) ? ph_hex(0xF0ECE4) : ph_times(colour, 0.6F);
    ph_paint body = ph_run(ph_plain(s, colour), skirt, 0.3F, 0.32F);
    const float top = ph_between(s, -0.5F, -0.35F);
    body.bulge = 0.09F;
    body.gloss = 0.5F;
    body.grain = 0.04F;
    ph_draw(s, &body, ph_box(0, 0.5F * (top + 0.84F), 0.98F, 0.5F * (0.84F - top), 0.1F));
    ph_paint roof = ph_plain(s, ph_times(colour, 0.8F));
    ph_draw_part(s, roof, PH_ROOF, ph_capsule(-0.85F, top, 0.03F, 0.85F, top, 0.03F));
    const int count = 4 + ph_pick(s, 2);
    const float step = 1.42F / (float)count;
    for (int i = 0; i < count; i++)
        ph_window(s, -0.86F + step * ((float)i + 0.5F), top + 0.32F, 0.44F * step, 0.19F, 1, 1, ph_hex(0x202428));
    ph_window(s, 0.87F, top + 0.34F, 0.085F, 0.22F, 1, 1, ph_hex(0x202428));
    ph_paint door = ph_plain(s, ph_hex(0x30343A));
    ph_draw_part(s, door, PH_DOOR, ph_box(0.66F, 0.4F, 0.09F, 0.36F, 0.02F));
    const ph_paint glass = ph_glass(s, 0.3F, 0.4F);
    ph_draw_part(s, glass, PH_DOOR, ph_box(0.62F, 0.38F, 0.033F, 0.3F, 0));
    ph_draw_part(s, glass, PH_DOOR, ph_box(0.7F, 0.38F, 0.033F, 0.3F, 0));
    ph_headlight(s, 0.92F, 0.6F, 0.07F);
    ph_paint trim = ph_plain(s, ph_hex(0x585C60));
    ph_draw_part(s, trim, PH_BUMPER, ph_capsule(0.8F, 0.8F, 0.04F, 0.98F, 0.8F, 0.04F));
    ph_wheel(s, -0.55F, 0.8F, 0.2F, PH_WHEEL_TYRE, ph_hex(0xA8ACB0));
    ph_wheel(s, 0.42F, 0.8F, 0.2F, PH_WHEEL_TYRE, ph_hex(0xA8ACB0));
}

static void cart_load(ph_stage *s)
{
    const int kind = ph_pick(s, 3);
    if (kind == 0) {
        ph_paint hay = ph_textured(s, PH_FUR, ph_hex(0x9A7A2A), ph_hex(0xE8CC70), 0.3F);
        hay.bulge = 0.3F;
        ph_draw(s, &hay, ph_ellipse(-0.25F, 0, 0.6F, 0.42F, 0), ph_joined(ph_ellipse(0.1F, 0.1F, 0.4F, 0.3F, 0), 0.2F));
        return;
    }
    for (int i = 0; i < 9; i++) {
        const float x = -0.72F + 0.22F * (float)(i % 5) + (i > 4 ? 0.11F : 0), y = i > 4 ? -0.08F : 0.12F;
        ph_paint fruit = ph_plain(s, kind == 1 ? PH_ONE_OF(s, 0xE07818, 0xE89020, 0xD86810)
                                               : PH_ONE_OF(s, 0x3A7A30, 0x4C8C3C, 0x2E6A2C));
        fruit.bulge = 0.16F;
        fruit.gloss = 0.3F;
        ph_draw(s, &fruit, ph_circle(x, y + ph_between(s, -0.02F, 0.02F), 0.16F));
    }
}

void ph_thing_cart(ph_stage *s)
{
    ph_paint wood = ph_timber(s, 0.3F, 0);
    cart_load(s);
    wood.bulge = 0.03F;
    ph_draw_part(s, wood, PH_HANDLE, ph_capsule(0.4F, 0.5F, 0.04F, 1.0F, ph_between(s, 0.3F, 0.75F), 0.03F));
    for (int i = 0; i < 3; i++) {
        wood.seed = ph_next(s);
        const float y = 0.2F + 0.14F * (float)i;
        ph_draw(s, &wood, ph_box(-0.2F, y, 0.72F - 0.03F * (float)i, 0.062F, 0.01F));
    }
    wood.turns = 0.25F;
    for (int i = 0; i < 3; i++)
        ph_draw(s, &wood, ph_box(-0.8F + 0.6F * (float)i, 0.32F, 0.045F, 0.25F, 0.01F));
    const ph_rgb colour = ph_chance(s, 0.5F) ? ph_times(wood.base, 0.7F) : PH_ONE_OF(s, 0xA02818, 0x305080, 0x806030);
    ph_wheel(s, 0.2F, 0.62F, 0.37F, PH_WHEEL_WOOD, colour);
    ph_wheel(s, -0.6F, 0.62F, 0.37F, PH_WHEEL_WOOD, colour);
}

void ph_thing_bicycle(ph_stage *s)
{
    const ph_rgb colour = PH_ONE_OF(s, 0xC02028, 0x1C60B0, 0x208050, 0x303438, 0xE08818, 0x40B0B0);
    ph_paint tube = ph_plain(s, colour), dark = ph_plain(s, ph_hex(0x28241F)), steel = ph_plain(s, ph_hex(0xB8BCC0));
    tube.bulge = 0.035F;
    tube.gloss = steel.gloss = 0.7F;
    dark.bulge = 0.04F;
    ph_wheel(s, -0.56F, 0.58F, 0.42F, PH_WHEEL_WIRE, ph_hex(0xC8CCD0));
    ph_wheel(s, 0.58F, 0.58F, 0.42F, PH_WHEEL_WIRE, ph_hex(0xC8CCD0));
    const float r = 0.034F, seat_x = -0.24F, seat_y = -0.1F, head_x = 0.36F, head_y = -0.12F, crank_x = -0.05F,
                crank_y = 0.56F;
    ph_draw(s, &tube, ph_capsule(-0.56F, 0.58F, r, crank_x, crank_y, r),
            ph_capsule(-0.56F, 0.58F, r, seat_x, seat_y + 0.1F, r), ph_capsule(seat_x, seat_y, r, crank_x, crank_y, r),
            ph_capsule(seat_x + 0.04F, seat_y + 0.13F, r, head_x, head_y + 0.06F, r),
            ph_capsule(crank_x, crank_y, r, head_x + 0.02F, head_y + 0.1F, r),
            ph_capsule(head_x, head_y, r, 0.58F, 0.58F, r));
    ph_draw(s, &steel, ph_capsule(seat_x, seat_y, 0.025F, seat_x - 0.03F, -0.2F, 0.025F));
    ph_draw_part(s, dark, PH_SADDLE, ph_capsule(-0.44F, -0.25F, 0.06F, -0.12F, -0.22F, 0.035F));
    const ph_point bar[] = {{head_x, head_y},
                            {head_x - 0.04F, -0.3F},
                            {head_x + 0.1F, -0.36F},
                            {head_x + 0.2F, -0.28F},
                            {head_x + 0.14F, -0.18F}};
    ph_draw_part(s, steel, PH_HANDLEBAR, ph_curve(bar, 5, 0.03F, 0.035F));
    ph_draw(s, &steel, ph_arc(crank_x, crank_y, 0.1F, 0.025F, 0, 1));
    const float turn = ph_between(s, 0, 1), dx = 0.19F * ph_cos(turn), dy = 0.19F * ph_sin(turn);
    ph_draw(s, &steel, ph_capsule(crank_x - dx, crank_y - dy, 0.022F, crank_x + dx, crank_y + dy, 0.022F));
    ph_draw(s, &dark, ph_box(crank_x + dx, crank_y + dy, 0.08F, 0.025F, 0.01F));
    ph_draw(s, &dark, ph_box(crank_x - dx, crank_y - dy, 0.08F, 0.025F, 0.01F));
}
