#include "parts.h"

static void spokes(ph_stage *s, float x, float y, float r, int count, float thick, const ph_paint *paint)
{
    const float turn = ph_between(s, 0, 1);
    for (int i = 0; i < count; i++) {
        const float a = turn + (float)i / (float)count;
        ph_draw(s, paint, ph_capsule(x, y, thick, x + r * ph_cos(a), y + r * ph_sin(a), thick));
    }
}

void ph_wheel(ph_stage *s, float x, float y, float r, ph_wheel_kind kind, ph_rgb colour)
{
    ph_paint rubber = ph_plain(s, ph_near(s, ph_hex(0x26262A), 0.1F)), rim = ph_plain(s, colour);
    rubber.part = rim.part = PH_WHEEL;
    rubber.bulge = 0.1F * r;
    rim.gloss = 0.5F;
    if (kind == PH_WHEEL_TYRE) {
        rim.bulge = 0.2F * r;
        ph_draw(s, &rubber, ph_circle(x, y, r));
        ph_draw(s, &rim, ph_circle(x, y, 0.62F * r));
        ph_paint dark = ph_plain(s, ph_times(colour, 0.25F));
        dark.part = PH_WHEEL;
        for (int i = 0; i < 5; i++) {
            const float a = 0.2F * (float)i + 0.05F;
            ph_draw(s, &dark,
                    ph_ellipse(x + 0.38F * r * ph_cos(a), y + 0.38F * r * ph_sin(a), 0.13F * r, 0.09F * r, a));
        }
        ph_draw(s, &rim, ph_circle(x, y, 0.16F * r));
        return;
    }
    const bool wire = kind == PH_WHEEL_WIRE;
    ph_paint *ring = wire ? &rubber : &rim;
    rim.gloss = wire ? 0.6F : 0.1F;
    rim.bulge = 0.05F * r;
    spokes(s, x, y, 0.9F * r, wire ? 14 : 8, wire ? 0.014F * r : 0.055F * r, &rim);
    ph_draw(s, ring, ph_arc(x, y, 0.93F * r, wire ? 0.06F * r : 0.085F * r, 0, 1));
    ph_draw(s, &rim, ph_circle(x, y, wire ? 0.09F * r : 0.17F * r));
}

void ph_bead(ph_stage *s, float x, float y, float r)
{
    ph_paint dark = ph_plain(s, ph_hex(0x100C0A)), light = ph_plain(s, ph_hex(0xFFFFFF));
    dark.part = light.part = PH_EYE;
    dark.bulge = r;
    light.glow = 1;
    ph_draw(s, &dark, ph_circle(x, y, r));
    ph_draw(s, &light, ph_circle(x - 0.3F * r, y - 0.35F * r, 0.28F * r));
}

void ph_eye(ph_stage *s, float x, float y, float r, float open, ph_rgb iris, bool cat)
{
    ph_paint white = ph_plain(s, ph_hex(0xF4F0EA)), coloured = ph_plain(s, iris), lid = ph_plain(s, ph_hex(0x2A1C18));
    white.part = coloured.part = lid.part = PH_EYE;
    white.bulge = r;
    const ph_shape almond = ph_ellipse(x, y, r, open * r, 0), clip = ph_clip(almond);
    ph_draw(s, &lid, ph_ellipse(x, y - 0.06F * r, 1.1F * r, (open + 0.1F) * r, 0));
    ph_draw(s, &white, almond);
    ph_draw(s, &coloured, ph_circle(x, y, cat ? 0.95F * r : 0.58F * r), clip);
    coloured.base = ph_hex(0x0A0808);
    coloured.grain = 0;
    ph_draw(s, &coloured, ph_ellipse(x, y, (cat ? 0.2F : 0.3F) * r, (cat ? 0.75F : 0.3F) * r, 0), clip);
    coloured.base = ph_hex(0xFFFFFF);
    coloured.glow = 1;
    ph_draw(s, &coloured, ph_circle(x - 0.18F * r, y - 0.2F * r, 0.14F * r), clip);
}

ph_paint ph_glass(ph_stage *s, float y, float height)
{
    const ph_rgb bright = ph_near(s, ph_hex(0x9CC4DC), 0.1F), dark = ph_near(s, ph_hex(0x26384A), 0.1F);
    ph_paint glass = ph_run(ph_plain(s, bright), dark, y - 0.6F * height, y + 0.9F * height);
    glass.part = PH_WINDOW;
    glass.gloss = 0.3F;
    glass.glow = 0.3F;
    return glass;
}

void ph_window(ph_stage *s, float x, float y, float half_width, float half_height, int across, int down, ph_rgb frame)
{
    const ph_paint glass = ph_glass(s, y, half_height);
    ph_paint wood = ph_plain(s, frame);
    wood.part = PH_WINDOW;
    wood.bulge = 0.1F * half_width;
    const float bar = 0.09F * half_width;
    ph_draw(s, &wood, ph_box(x, y, half_width, half_height, 0));
    ph_draw(s, &glass, ph_box(x, y, half_width - 1.6F * bar, half_height - 1.6F * bar, 0));
    for (int i = 1; i < across; i++)
        ph_draw(s, &wood, ph_box(x + half_width * (2 * (float)i / (float)across - 1), y, 0.7F * bar, half_height, 0));
    for (int i = 1; i < down; i++)
        ph_draw(s, &wood, ph_box(x, y + half_height * (2 * (float)i / (float)down - 1), half_width, 0.7F * bar, 0));
}

void ph_door(ph_stage *s, float x, float y, float half_width, float half_height, ph_rgb colour)
{
    ph_paint frame = ph_plain(s, ph_times(colour, 0.5F)), panel = ph_plain(s, colour);
    frame.part = panel.part = PH_DOOR;
    panel.bulge = 0.1F * half_width;
    ph_draw(s, &frame, ph_box(x, y, half_width, half_height, 0));
    ph_draw(s, &panel, ph_box(x, y + 0.04F * half_height, 0.86F * half_width, 0.94F * half_height, 0));
    for (int i = 0; i < 2; i++)
        ph_draw(s, &panel,
                ph_box(x, y + half_height * (0.47F * (float)i * 2 - 0.42F), 0.55F * half_width, 0.3F * half_height, 0));
    ph_paint knob = ph_plain(s, ph_hex(0xD8B858));
    knob.part = PH_HANDLE;
    knob.gloss = 1;
    knob.bulge = 0.1F * half_width;
    ph_draw(s, &knob, ph_circle(x + 0.68F * half_width, y + 0.08F * half_height, 0.12F * half_width));
}

void ph_headlight(ph_stage *s, float x, float y, float r)
{
    ph_paint rim = ph_plain(s, ph_hex(0xB8BCC0)), lens = ph_plain(s, ph_hex(0xFFF8DC));
    rim.part = lens.part = PH_HEADLIGHT;
    rim.gloss = 0.8F;
    lens.glow = 0.6F;
    lens.bulge = r;
    ph_draw(s, &rim, ph_ellipse(x, y, 0.8F * r, r, 0));
    ph_draw(s, &lens, ph_ellipse(x, y, 0.6F * r, 0.78F * r, 0));
}

void ph_leaf(ph_stage *s, float x, float y, float length, float wide, float turns, ph_rgb colour)
{
    const ph_frame saved = s->frame;
    ph_shift(s, x, y);
    ph_turn(s, turns);
    ph_zoom(s, length, length);
    /* Where two discs overlap: 1 long, 2 half wide. */
    const float half = 0.8F * wide / length, r = (0.25F + half * half) / (2 * half), y0 = r - half;
    ph_paint paint = ph_plain(s, colour), rib = ph_plain(s, ph_times(colour, 1.5F));
    paint.part = rib.part = PH_LEAF;
    paint.bulge = 0.12F;
    paint.gloss = 0.15F;
    ph_draw(s, &paint, ph_box(0.5F, 0, 0.5F, half, 0), ph_clip(ph_circle(0.5F, y0, r)),
            ph_clip(ph_circle(0.5F, -y0, r)));
    ph_draw(s, &rib, ph_capsule(0, 0, 0.02F, 0.85F, 0, 0.01F));
    s->frame = saved;
}

void ph_hinge(ph_stage *s, float x, float y, float turns)
{
    ph_shift(s, x, y);
    ph_turn(s, turns);
    ph_shift(s, -x, -y);
}

void ph_put(ph_stage *s, ph_thing thing, uint8_t label, float x, float y, float size)
{
    const ph_frame saved = s->frame;
    const uint8_t before = s->thing;
    ph_shift(s, x, y - size);
    ph_zoom(s, ph_chance(s, 0.5F) ? size : -size, size);
    s->thing = label;
    thing(s);
    s->thing = before;
    s->frame = saved;
}

ph_paint ph_timber(ph_stage *s, float scale, float turns)
{
    static const uint32_t light[] = {0xC08A52, 0xB07840, 0xD0A468, 0x8A5A34, 0x74452A};
    static const uint32_t dark[] = {0x7A4C28, 0x663E20, 0x8E6234, 0x4E2E18, 0x3E2212};
    const int i = ph_pick(s, 5);
    ph_paint paint = ph_textured(s, PH_WOOD, ph_hex(light[i]), ph_hex(dark[i]), scale);
    paint.turns = turns;
    return paint;
}
