#include "stage.h"

/* sRGB to linear light; cubic fit, error < 0.002. */
static float linear(uint32_t byte)
{
    const float x = (float)(byte & 255) * (1.0F / 255);
    return x * (x * (x * 0.305306011F + 0.682171111F) + 0.012522878F);
}

ph_rgb ph_hex(uint32_t rrggbb)
{
    return (ph_rgb){linear(rrggbb >> 16), linear(rrggbb >> 8), linear(rrggbb)};
}

ph_rgb ph_blend(ph_rgb a, ph_rgb b, float t)
{
    return (ph_rgb){ph_mix(a.r, b.r, t), ph_mix(a.g, b.g, t), ph_mix(a.b, b.b, t)};
}

ph_rgb ph_times(ph_rgb a, float k)
{
    return (ph_rgb){a.r * k, a.g * k, a.b * k};
}

ph_rgb ph_near(ph_stage *s, ph_rgb colour, float amount)
{
    const float bright = 1 + 2 * ph_between(s, -amount, amount);
    colour.r *= bright * (1 + ph_between(s, -amount, amount));
    colour.g *= bright * (1 + ph_between(s, -amount, amount));
    colour.b *= bright * (1 + ph_between(s, -amount, amount));
    return colour;
}

ph_rgb ph_one_of(ph_stage *s, const uint32_t *colours, int count)
{
    return ph_near(s, ph_hex(colours[ph_pick(s, count)]), 0.08F);
}

ph_rgb ph_vivid(ph_stage *s)
{
    return PH_ONE_OF(s, 0xC8202A, 0xE06A1C, 0xE8B818, 0x3F9A35, 0x1F8A86, 0x2256B8, 0x5E349A, 0xC83C86, 0xE890A8,
                     0x6BA8DC, 0x8A5430);
}
