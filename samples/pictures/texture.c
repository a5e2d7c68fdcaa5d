#include "texture.h"

/* 1 where x > edge, softened over a pixel; for detail smaller than a pixel the mean would be right: see fade(). */
static float step_at(float edge, float x, float pixel)
{
    return ph_smooth(edge - 0.7F * pixel, edge + 0.7F * pixel, x);
}

/* Detail of size 1 turns into its mean as pixels grow to that size. */
static float fade(float mix, float mean, float pixel)
{
    return ph_mix(mix, mean, ph_smooth(0.35F, 0.9F, pixel));
}

static void stripes(const ph_spot *p, ph_surface *out)
{
    const float wobble = 0.04F * ph_noise(p->u * 0.7F, p->v * 0.7F, p->seed);
    out->mix = fade(step_at(0.25F, ph_fold(p->v + wobble), p->pixel), 0.5F, p->pixel);
}

static void dots(const ph_spot *p, ph_surface *out)
{
    /* Every second row is shifted by half. */
    const float row = ph_floor(p->v * 1.15F), x = p->u + 0.5F * (row - 2 * ph_floor(row * 0.5F));
    const float dx = x - ph_floor(x) - 0.5F, dy = (p->v * 1.15F - row - 0.5F) / 1.15F;
    out->mix = fade(1 - step_at(0.27F, sqrtf(dx * dx + dy * dy), p->pixel), 0.25F, p->pixel);
}

static void checks(const ph_spot *p, ph_surface *out)
{
    const float a = step_at(0.25F, ph_fold(p->u * 0.5F), 0.5F * p->pixel);
    const float b = step_at(0.25F, ph_fold(p->v * 0.5F), 0.5F * p->pixel);
    out->mix = fade(a + b - 2 * a * b, 0.5F, p->pixel);
}

/* Two units wide, one high; second colour: mortar. */
static void bricks(const ph_spot *p, ph_surface *out)
{
    const float row = ph_floor(p->v), shifted = 0.5F * p->u + 0.5F * (row - 2 * ph_floor(row * 0.5F));
    const float column = ph_floor(shifted), x = 2 * (shifted - column), y = p->v - row;
    const float edge = ph_min(ph_min(x, 2 - x), ph_min(y, 1 - y)) + 0.03F * ph_noise(p->u * 6, p->v * 6, p->seed);
    const float brick = step_at(0.09F, edge, p->pixel);
    out->mix = fade(1 - brick, 0.25F, p->pixel);
    out->shade = 0.75F + 0.5F * ph_hash01((int32_t)column, (int32_t)row, p->seed) +
                 0.15F * ph_noise(p->u * 9, p->v * 9, p->seed + 1);
    out->height = 0.12F * ph_smooth(0.02F, 0.16F, edge);
}

/* Overlapping discs in rows, the upper over the lower. */
static void scales(const ph_spot *p, ph_surface *out)
{
    const float v = p->v * 1.8F;
    for (int k = 0; k < 3; k++) {
        const float row = ph_floor(v) - (float)(1 - k);
        const float odd = row - 2 * ph_floor(row * 0.5F), x = p->u + 0.5F * odd;
        const float dx = x - ph_floor(x) - 0.5F, dy = (v - row) / 1.8F - 0.12F, r = sqrtf(dx * dx + dy * dy * 0.8F);
        if (r > 0.54F && k < 2)
            continue;
        out->mix = ph_smooth(0.3F, 0.55F, r);
        out->shade = (1 - 0.45F * ph_smooth(0.42F, 0.54F, r)) *
                     (0.85F + 0.3F * ph_hash01((int32_t)ph_floor(x), (int32_t)row, p->seed));
        out->height = 0.25F * (0.54F - r);
        return;
    }
}

/* Fine hairs along v that bend with a slow noise. */
static void fur(const ph_spot *p, ph_surface *out)
{
    const float bend = 0.5F * ph_noise(p->u * 0.7F, p->v * 0.5F, p->seed);
    const float hair = ph_noise((p->u + bend) * 7, p->v * 1.1F, p->seed + 1);
    const float fine = ph_noise((p->u + bend) * 15, p->v * 2.3F, p->seed + 2);
    const float tuft = ph_noise(p->u * 1.3F, p->v * 1.3F, p->seed + 3);
    out->mix = ph_clamp(0.45F + 0.35F * hair + 0.25F * fine + 0.25F * tuft, 0, 1);
    out->shade = 1 + 0.25F * hair;
    out->height = 0.06F * hair + 0.03F * fine;
}

static void waves(const ph_spot *p, ph_surface *out)
{
    const float bend = 0.22F * ph_sin(p->u * 0.5F + 0.3F * ph_noise(p->v * 0.4F, 0, p->seed));
    const float phase = p->v + bend + 0.12F * ph_noise(p->u * 0.6F, p->v * 0.6F, p->seed + 1);
    const float crest = 0.5F + 0.5F * ph_sin(phase);
    out->mix = fade(crest * crest, 0.4F, p->pixel);
    out->shade = 0.8F + 0.3F * crest;
    out->height = 0.13F * crest;
}

/* Blades: several layers of tapering strokes with own lean and colour. */
static void grass(const ph_spot *p, ph_surface *out)
{
    out->mix = 0;
    out->shade = 0.35F;
    for (int layer = 0; layer < 4; layer++) {
        const float v = p->v * 0.55F + 0.37F * (float)layer, row = ph_floor(v), up = 1 - (v - row);
        const int32_t irow = (int32_t)row * 4 + layer;
        const float lean = ph_noise(p->u * 0.8F, (float)irow, p->seed) * 0.5F;
        const float x = p->u * 3 + lean * up * up * 2, column = ph_floor(x);
        const float own = ph_hash01((int32_t)column, irow, p->seed);
        const float middle = 0.5F + 0.3F * (ph_hash01((int32_t)column, irow, p->seed + 7) - 0.5F);
        const float wide = 0.36F * (1.05F - up);
        const float blade = 1 - step_at(wide, fabsf(x - column - middle), ph_max(3 * p->pixel, 0.1F));
        const float tone = 0.6F + 0.6F * own - 0.35F * (1 - up);
        out->mix = ph_mix(out->mix, own * 0.7F + 0.3F * up, blade);
        out->shade = ph_mix(out->shade, tone, blade);
    }
}

static void spiral(const ph_spot *p, ph_surface *out)
{
    const float r = sqrtf(p->u * p->u + p->v * p->v) + 1e-6F;
    const float arm = ph_fold(r + ph_angle(p->u, p->v) + 0.04F * ph_noise(p->u * 0.8F, p->v * 0.8F, p->seed));
    out->mix = step_at(0.25F, arm, ph_min(p->pixel * (1 + 0.16F / r), 1));
    out->height = 0.1F * out->mix;
}

static void rings(const ph_spot *p, ph_surface *out)
{
    const float r = sqrtf(p->u * p->u + p->v * p->v);
    out->mix = step_at(0.25F, ph_fold(r), p->pixel);
}

/* Nearest and second nearest of points strewn one to a cell (Worley 1996). */
static float cells(float u, float v, uint32_t seed, float *second, uint32_t *id)
{
    const int32_t iu = (int32_t)ph_floor(u), iv = (int32_t)ph_floor(v);
    float first = 9, next = 9;
    for (int32_t y = iv - 1; y <= iv + 1; y++)
        for (int32_t x = iu - 1; x <= iu + 1; x++) {
            const uint32_t h = ph_hash(x, y, seed);
            const float dx = (float)x + (float)(h & 0xFFFF) / 65536 - u, dy = (float)y + (float)(h >> 16) / 65536 - v;
            const float d = dx * dx + dy * dy;
            if (d < first) {
                next = first;
                first = d;
                *id = h;
            } else if (d < next) {
                next = d;
            }
        }
    *second = sqrtf(next);
    return sqrtf(first);
}

static void cracks(const ph_spot *p, ph_surface *out)
{
    const float u = p->u + 0.2F * ph_clouds(p->u * 2, p->v * 2, 2, p->seed);
    const float v = p->v + 0.2F * ph_clouds(p->u * 2, p->v * 2, 2, p->seed + 9);
    float second;
    uint32_t id = 0;
    const float first = cells(u, v, p->seed, &second, &id), gap = second - first;
    out->mix = 1 - ph_smooth(0.03F, 0.09F + p->pixel, gap);
    out->shade = 0.85F + 0.25F * (float)(id & 255) / 255 + 0.15F * ph_clouds(p->u * 4, p->v * 4, 2, p->seed + 3);
    out->height = 0.1F * ph_smooth(0, 0.25F, gap);
}

static void plaid(const ph_spot *p, ph_surface *out)
{
    const float a = step_at(0.3F, ph_fold(p->u), p->pixel), b = step_at(0.3F, ph_fold(p->v), p->pixel);
    const float thin =
        ph_max(1 - step_at(0.035F, ph_fold(p->u), p->pixel), 1 - step_at(0.035F, ph_fold(p->v), p->pixel));
    const float thread = ph_fold((p->u + p->v) * 6), weave = p->pixel < 0.08F ? 0.15F * (thread - 0.25F) : 0;
    out->mix = ph_mix(0.5F * (a + b), 1 - 0.5F * (a + b), thin);
    out->shade = 1 + weave - 0.25F * thin;
}

/* Strands over and under. */
static void woven(const ph_spot *p, ph_surface *out)
{
    const float iu = ph_floor(p->u), iv = ph_floor(p->v), sum = iu + iv;
    const bool across = sum - 2 * ph_floor(sum * 0.5F) > 0.5F;
    const float along = (across ? p->u - iu : p->v - iv) - 0.5F, side = (across ? p->v - iv : p->u - iu) - 0.5F;
    const float gap = step_at(0.42F, fabsf(side), p->pixel);
    out->mix = across ? 0.75F : 0.2F;
    out->mix = ph_mix(out->mix, 0.5F, ph_smooth(0.4F, 0.9F, p->pixel));
    out->shade = (1 - 0.7F * gap) * (1.1F - 1.6F * along * along) * (1 - 0.8F * side * side);
    out->shade *= 0.9F + 0.2F * ph_hash01((int32_t)iu, (int32_t)iv, p->seed);
    out->height = 0.5F * (0.25F - along * along) + 0.4F * (0.25F - side * side);
}

/* Year rings of a plank: distance to an axis that the cut nearly follows, stretched along u; knots here and there. */
static void wood(const ph_spot *p, ph_surface *out)
{
    const float u = p->u * 0.12F, bend = ph_clouds(u * 1.5F, p->v * 0.5F, 2, p->seed) * 1.1F;
    float second;
    uint32_t id = 0;
    const float knot = cells(u * 1.3F, p->v * 0.35F, p->seed + 5, &second, &id);
    const float pull = (id & 3) == 0 ? 0.9F * ph_smooth(0.5F, 0, knot) : 0;
    const float ring = ph_fract(p->v * 1.1F + bend + pull * 3);
    const float fibre = ph_noise(p->u * 1.5F, p->v * 14, p->seed + 2);
    out->mix = fade(ring * ring, 0.4F, p->pixel) * 0.8F + 0.12F * fibre + pull * 0.5F;
    out->shade = 1 + 0.08F * fibre;
}

static void honeycomb(const ph_spot *p, ph_surface *out)
{
    /* The nearer of two rectangular lattices of centres; distance to the hexagon's edge. */
    const float h = 1.7320508F;
    const float ax = p->u - ph_floor(p->u + 0.5F), ay = p->v - h * ph_floor(p->v / h + 0.5F);
    const float bu = p->u - 0.5F, bv = p->v - 0.5F * h;
    const float bx = bu - ph_floor(bu + 0.5F), by = bv - h * ph_floor(bv / h + 0.5F);
    const bool first = ax * ax + ay * ay < bx * bx + by * by;
    const float x = fabsf(first ? ax : bx), y = fabsf(first ? ay : by);
    const float edge = 0.5F - ph_max(x, 0.5F * x + 0.8660254F * y);
    out->mix = 1 - step_at(0.09F, edge, p->pixel);
    out->shade = 1 - 0.35F * ph_smooth(0.09F, 0.4F, edge);
    out->height = -0.35F * ph_smooth(0.05F, 0.3F, edge);
}

static void marble(const ph_spot *p, ph_surface *out)
{
    const float warp = ph_clouds(p->u * 0.6F, p->v * 0.6F, 4, p->seed);
    const float vein = fabsf(ph_sin(0.35F * p->u + 0.5F * p->v + 1.1F * warp));
    const float thin = fabsf(ph_clouds(p->u + 2 * warp, p->v, 3, p->seed + 8));
    out->mix = ph_clamp(ph_power2(1 - vein, 2) * 0.9F + ph_smooth(0.1F, 0, thin) * 0.5F + 0.15F * warp, 0, 1);
}

static void zigzag(const ph_spot *p, ph_surface *out)
{
    const float v = p->v + ph_fold(p->u * 0.5F) * 2;
    out->mix = fade(step_at(0.25F, ph_fold(v), 1.6F * p->pixel), 0.5F, p->pixel);
}

/* Foliage: a pointed leaf in every cell, turned its own way, the topmost seen; dark between them. */
static void leaves(const ph_spot *p, ph_surface *out)
{
    const int32_t iu = (int32_t)ph_floor(p->u), iv = (int32_t)ph_floor(p->v);
    const float depth = ph_noise(p->u * 0.35F, p->v * 0.35F, p->seed + 1);
    uint32_t top = 0;
    out->mix = 0;
    out->shade = 0.35F + 0.12F * depth;
    for (int32_t y = iv - 1; y <= iv + 1; y++)
        for (int32_t x = iu - 1; x <= iu + 1; x++) {
            const uint32_t h = ph_hash(x, y, p->seed);
            if (h <= top)
                continue;
            const float dx = p->u - (float)x - (float)(h & 255) / 256,
                        dy = p->v - (float)y - (float)(h >> 8 & 255) / 256;
            const float a = (float)(h >> 16 & 255) / 256, c = ph_cos(a), n = ph_sin(a);
            const float along = (dx * c + dy * n) * 1.15F, side = fabsf(dy * c - dx * n);
            const float wide = 0.42F * (1 - along * along);
            if (side >= wide)
                continue;
            top = h;
            const float tone = (float)(h >> 11 & 255) / 256;
            out->mix = tone;
            out->shade = (0.55F + 0.6F * tone + 0.25F * along) * (1 + 0.35F * depth) *
                         (1 - 0.3F * ph_smooth(0.7F, 1, side / wide));
            out->shade *= 1 + 0.25F * ph_smooth(0.06F, 0, side);
        }
    out->height = 0.15F * depth;
}

static void sand(const ph_spot *p, ph_surface *out)
{
    const float ripple = ph_sin(p->v + 0.5F * ph_clouds(p->u * 0.3F, p->v * 0.3F, 2, p->seed));
    const float grains = ph_noise(p->u * 11, p->v * 11, p->seed + 1);
    out->mix = 0.5F + 0.25F * ripple + 0.2F * ph_clouds(p->u * 0.2F, p->v * 0.2F, 3, p->seed + 2);
    out->shade = 1 + 0.1F * grains;
    out->height = fade(0.08F * ripple, 0, p->pixel) + (p->pixel < 0.15F ? 0.02F * grains : 0);
}

static void stone(const ph_spot *p, ph_surface *out)
{
    /* As many octaves as the pixels can show. */
    const float rough = ph_clouds(p->u, p->v, p->pixel < 0.015F ? 7 : 5, p->seed);
    out->mix = 0.5F + 0.5F * rough;
    out->shade = 1 + 0.3F * ph_clouds(p->u * 4, p->v * 4, 2, p->seed + 6);
    out->height = 0.35F * rough;
}

static void cloudy(const ph_spot *p, ph_surface *out)
{
    const float field = ph_clouds(p->u, p->v * 1.6F, 5, p->seed);
    out->mix = ph_smooth(-0.05F, 0.45F, field);
    out->shade = 1 - 0.12F * ph_smooth(0.2F, 0.8F, field);
}

ph_texture ph_texture_of(uint8_t label)
{
    static const ph_texture textures[PH_LABELS_END] = {
        [PH_STRIPES_ACROSS] = stripes,
        [PH_DOTS] = dots,
        [PH_CHECKS] = checks,
        [PH_BRICKS] = bricks,
        [PH_SCALES] = scales,
        [PH_FUR] = fur,
        [PH_WAVES] = waves,
        [PH_GRASS] = grass,
        [PH_SPIRAL] = spiral,
        [PH_CRACKS] = cracks,
        [PH_PLAID] = plaid,
        [PH_RINGS] = rings,
        [PH_WOVEN] = woven,
        [PH_WOOD] = wood,
        [PH_HONEYCOMB] = honeycomb,
        [PH_MARBLE] = marble,
        [PH_ZIGZAG] = zigzag,
        [PH_LEAVES] = leaves,
        [PH_SAND] = sand,
        [PH_STONE] = stone,
        [PH_CLOUDY] = cloudy,
    };
    return textures[label];
}
