#include "shape.h"

#include "distance.h"
#include "texture.h"

/* The pixels that a shape may touch. */
typedef struct area {
    int left, top, right, bottom; /* right, bottom: one past */
} area;

ph_paint ph_plain(ph_stage *s, ph_rgb colour)
{
    return (ph_paint){.base = colour, .second = colour, .scale = 1, .grain = 0.1F, .seed = ph_next(s)};
}

ph_paint ph_textured(ph_stage *s, uint8_t texture, ph_rgb base, ph_rgb second, float scale)
{
    return (ph_paint){
        .base = base, .second = second, .texture = texture, .scale = scale, .grain = 0.1F, .seed = ph_next(s)};
}

static int between(float x, int low, int high)
{
    return x <= (float)low ? low : x >= (float)high ? high : (int)x;
}

/* Where the shapes lie, with `margin` pixels around. */
static area find_area(const ph_stage *s, const ph_shape *shapes, int count, float margin)
{
    float box[4] = {1e9F, 1e9F, -1e9F, -1e9F}, pixels[4] = {1e9F, 1e9F, -1e9F, -1e9F};
    for (int i = 0; i < count; i++)
        if (shapes[i].op == PH_ADD)
            ph_bounds(&shapes[i], box);
    for (int corner = 0; corner < 4; corner++) {
        const ph_point p = ph_to_pixel(&s->frame, box[corner & 1 ? 2 : 0], box[corner & 2 ? 3 : 1]);
        pixels[0] = ph_min(pixels[0], p.x);
        pixels[1] = ph_min(pixels[1], p.y);
        pixels[2] = ph_max(pixels[2], p.x);
        pixels[3] = ph_max(pixels[3], p.y);
    }
    return (area){between(pixels[0] - margin, 0, s->width), between(pixels[1] - margin, 0, s->height),
                  between(pixels[2] + margin + 1, 0, s->width), between(pixels[3] + margin + 1, 0, s->height)};
}

/* Local coordinates of the pixels of a row; returns the local size of a pixel in the row's middle: by area, and along
 * the longer side of a pixel's image in *stretch. */
static float place_row(const ph_frame *inverse, const area *a, int y, float *u, float *v, float *stretch)
{
    const float *m = inverse->m, py = (float)y + 0.5F;
#pragma omp simd
    for (int i = 0; i < a->right - a->left; i++) {
        const float px = (float)(a->left + i) + 0.5F, w = 1 / (m[6] * px + m[7] * py + m[8]);
        u[i] = (m[0] * px + m[1] * py + m[2]) * w;
        v[i] = (m[3] * px + m[4] * py + m[5]) * w;
    }
    const float cx = 0.5F * (float)(a->left + a->right), w = 1 / (m[6] * cx + m[7] * py + m[8]);
    const float cu = (m[0] * cx + m[1] * py + m[2]) * w, cv = (m[3] * cx + m[4] * py + m[5]) * w;
    const float ux = (m[0] - cu * m[6]) * w, vx = (m[3] - cv * m[6]) * w;
    const float uy = (m[1] - cu * m[7]) * w, vy = (m[4] - cv * m[7]) * w;
    *stretch = sqrtf(ph_max(ux * ux + vx * vx, uy * uy + vy * vy));
    return sqrtf(fabsf(ux * vy - uy * vx)) + 1e-12F;
}

static void combine(const ph_shape *shape, const float *e, int n, float *d)
{
    const float k = shape->join, ik = k > 0 ? 1 / k : 0;
    if (shape->op == PH_CUT) {
#pragma omp simd
        for (int i = 0; i < n; i++)
            d[i] = ph_max(d[i], -e[i]);
    } else if (shape->op == PH_CLIP) {
#pragma omp simd
        for (int i = 0; i < n; i++)
            d[i] = ph_max(d[i], e[i]);
    } else {
#pragma omp simd
        for (int i = 0; i < n; i++) {
            const float h = ph_max(k - fabsf(d[i] - e[i]), 0);
            d[i] = ph_min(d[i], e[i]) - h * h * 0.25F * ik;
        }
    }
}

/* The ragged edge, and local units to pixels. */
static void finish_row(const ph_paint *paint, const float *u, const float *v, float size, int n, float *d)
{
    const float per = paint->ragged > 0 ? 0.5F / paint->ragged : 0;
    for (int i = 0; i < n && per > 0; i++)
        if (fabsf(d[i]) < 3 * paint->ragged)
            d[i] += 1.2F * paint->ragged * ph_clouds(u[i] * per, v[i] * per, 2, paint->seed);
#pragma omp simd
    for (int i = 0; i < n; i++)
        d[i] /= size;
}

/* Fills s->distance (pixels) over the area. */
static void measure(ph_stage *s, const ph_paint *paint, const ph_shape *shapes, int count, const area *a)
{
    const ph_frame inverse = ph_inverse(&s->frame);
    const int n = a->right - a->left;
    float *u = s->rows, *v = u + s->width, *e = v + s->width, stretch;
    for (int k = 0; k < count; k++) {
        ph_point corners[PH_VERTICES];
        const int corner_count =
            shapes[k].kind == PH_POLYGON || shapes[k].kind == PH_CURVE ? ph_corners(&shapes[k], corners) : 0;
        for (int y = a->top; y < a->bottom; y++) {
            float *d = s->distance + (size_t)y * (size_t)s->width + a->left;
            const float size = place_row(&inverse, a, y, u, v, &stretch);
            ph_distances(&shapes[k], corners, corner_count, u, v, n, k == 0 ? d : e);
            if (k > 0)
                combine(&shapes[k], e, n, d);
            if (k == count - 1)
                finish_row(paint, u, v, size, n, d);
        }
    }
}

/* Colour and relief (pixels) of the surface in a row. */
static void cover_row(ph_stage *s, const ph_paint *paint, const area *a, int y, float size, float stretch, float rim,
                      float border)
{
    const ph_texture texture = ph_texture_of(paint->texture);
    const float *u = s->rows, *v = u + s->width, c = ph_cos(paint->turns), n = ph_sin(paint->turns);
    const float per = 1 / paint->scale;
    const bool runs = paint->from < paint->to || paint->from > paint->to;
    const size_t start = (size_t)y * (size_t)s->width + (size_t)a->left;
    const float *d = s->distance + start;
    float *albedo = s->albedo + 3 * start, *relief = s->relief + start;
    for (int i = 0; i < a->right - a->left; i++, albedo += 3) {
        const float t = rim > 0 ? ph_clamp(1 + d[i] / rim, 0, 1) : 0;
        relief[i] = t < 1 ? 0.9F * rim * sqrtf(1 - t * t) : 0;
        if (paint->barrel > 0) {
            const float x = ph_clamp(u[i] / paint->barrel, -1, 1);
            relief[i] += 0.9F * paint->barrel / size * sqrtf(1 - x * x);
        }
        if (d[i] >= border)
            continue;
        ph_surface surface = {0, 1, 0};
        if (texture) {
            const ph_spot spot = {(u[i] * c + v[i] * n) * per, (v[i] * c - u[i] * n) * per, stretch * per, paint->seed};
            texture(&spot, &surface);
            relief[i] += surface.height * paint->scale / size;
        }
        if (paint->grain > 0)
            surface.shade *= 1 + paint->grain * ph_noise(u[i] * 9, v[i] * 9, paint->seed);
        ph_rgb base = paint->base;
        if (runs)
            base = ph_blend(base, paint->third, ph_smooth(paint->from, paint->to, v[i]));
        const ph_rgb colour = ph_times(ph_blend(base, paint->second, surface.mix), surface.shade);
        albedo[0] = colour.r;
        albedo[1] = colour.g;
        albedo[2] = colour.b;
    }
}

/* Light on a surface whose relief rises by (gx, gy): Lambert, 1 when it faces us, plus Blinn's highlight. */
static ph_rgb lit(const ph_stage *s, const ph_paint *paint, const float *albedo, float gx, float gy)
{
    const float *l = s->light, length = 1 / sqrtf(1 + gx * gx + gy * gy);
    const float facing = (l[2] - gx * l[0] - gy * l[1]) * length;
    const float direct = ph_clamp(facing / l[2], 0, 1.6F), sky = (0.8F + 0.25F * gy * length) + 0.2F * (length - 1);
    ph_rgb out = {albedo[0] * (s->sun.r * direct + s->sky.r * 1.25F * sky),
                  albedo[1] * (s->sun.g * direct + s->sky.g * 1.25F * sky),
                  albedo[2] * (s->sun.b * direct + s->sky.b * 1.25F * sky)};
    if (paint->gloss > 0) {
        const float hz = l[2] + 1, half = 1 / sqrtf(l[0] * l[0] + l[1] * l[1] + hz * hz);
        const float shine = ph_clamp((hz - gx * l[0] - gy * l[1]) * length * half, 0, 1);
        const float light = paint->gloss * (ph_power2(shine, 5) + 0.15F * ph_power2(shine, 2) * (1 - length));
        out = (ph_rgb){out.r + light * s->sun.r, out.g + light * s->sun.g, out.b + light * s->sun.b};
    }
    return out;
}

static float coverage(float d, float soft)
{
    return soft > 0 ? ph_smooth(0.5F + 0.5F * soft, -0.5F - 0.5F * soft, d) : ph_clamp(0.5F - d, 0, 1);
}

/* A shape lying on another of the same thing takes a little light from it around its edge. */
static void occlude(const ph_stage *s, size_t pixel, float d, float reach)
{
    if (s->thing == 0 || s->object[pixel] != s->thing || d > reach)
        return;
    const float k = 1 - 0.35F * (1 - d / reach) * (1 - d / reach);
    for (int c = 0; c < 3; c++)
        s->rgb[3 * pixel + (size_t)c] *= k;
}

/* Stripes are named by how they lie in the picture: across the direction in which v grows. */
static uint8_t name_texture(const ph_frame *f, const ph_paint *paint)
{
    if (paint->texture != PH_STRIPES_ACROSS)
        return paint->texture;
    const float x = -0.01F * ph_sin(paint->turns), y = 0.01F * ph_cos(paint->turns);
    const ph_point a = ph_to_pixel(f, 0, 0), along = ph_to_pixel(f, y, -x);
    const float dx = fabsf(along.x - a.x), dy = fabsf(along.y - a.y);
    return dx > 2.4F * dy ? PH_STRIPES_ACROSS : dy > 2.4F * dx ? PH_STRIPES_UPRIGHT : PH_STRIPES_SLANTED;
}

static void blend_row(ph_stage *s, const ph_paint *paint, const area *a, int y, float soft, float reach)
{
    const uint8_t texture = name_texture(paint->on_plane ? &s->plane : &s->frame, paint);
    const float opaque = 1 - paint->fade;
    for (int x = a->left; x < a->right; x++) {
        const size_t pixel = (size_t)y * (size_t)s->width + (size_t)x;
        const float d = s->distance[pixel], cover = coverage(d, soft);
        if (d > 0 && reach > 0)
            occlude(s, pixel, d, reach);
        if (cover <= 0)
            continue;
        const size_t left = x > a->left ? 1 : 0, right = x + 1 < a->right ? 1 : 0;
        const size_t up = y > a->top ? (size_t)s->width : 0, down = y + 1 < a->bottom ? (size_t)s->width : 0;
        const float gx = 0.5F * (s->relief[pixel + right] - s->relief[pixel - left]);
        const float gy = 0.5F * (s->relief[pixel + down] - s->relief[pixel - up]);
        const float *albedo = s->albedo + 3 * pixel;
        ph_rgb colour = lit(s, paint, albedo, gx, gy);
        colour = ph_blend(colour, (ph_rgb){albedo[0], albedo[1], albedo[2]}, paint->glow);
        float *rgb = s->rgb + 3 * pixel;
        rgb[0] = ph_mix(rgb[0], colour.r, cover * opaque);
        rgb[1] = ph_mix(rgb[1], colour.g, cover * opaque);
        rgb[2] = ph_mix(rgb[2], colour.b, cover * opaque);
        if (cover >= 0.5F && !paint->quiet) {
            s->object[pixel] = s->thing;
            s->part[pixel] = paint->part;
            s->matter[pixel] = texture;
        }
    }
}

static void cast(ph_stage *s, const area *a, float soft, float opaque)
{
    for (int y = a->top; y < a->bottom; y++)
        for (int x = a->left; x < a->right; x++) {
            const size_t pixel = (size_t)y * (size_t)s->width + (size_t)x;
            s->shadow[pixel] = ph_max(s->shadow[pixel], opaque * coverage(s->distance[pixel], soft));
        }
}

void ph_draw_shapes(ph_stage *s, const ph_paint *paint, const ph_shape *shapes, int count)
{
    const ph_frame inverse = ph_inverse(paint->on_plane ? &s->plane : &s->frame);
    const ph_point middle = ph_to_pixel(&s->frame, 0, 0), right = ph_to_pixel(&s->frame, 0.01F, 0);
    const ph_point below = ph_to_pixel(&s->frame, 0, 0.01F);
    const float scale =
        100 * sqrtf(fabsf((right.x - middle.x) * (below.y - middle.y) - (right.y - middle.y) * (below.x - middle.x)));
    const float reach = paint->quiet || paint->fade > 0 ? 0 : 0.05F * scale, soft = paint->soft * scale;
    const area a = find_area(s, shapes, count, ph_max(reach, 0.5F * soft) + 1.5F);
    if (a.left >= a.right || a.top >= a.bottom || (s->casting && paint->quiet))
        return;
    measure(s, paint, shapes, count, &a);
    if (s->casting) {
        cast(s, &a, soft, 1 - paint->fade);
        return;
    }
    for (int y = a.top; y < a.bottom; y++) {
        float stretch;
        const float size = place_row(&inverse, &a, y, s->rows, s->rows + s->width, &stretch);
        cover_row(s, paint, &a, y, size, stretch, paint->bulge * scale, 1 + 0.5F * soft);
    }
    for (int y = a.top; y < a.bottom; y++)
        blend_row(s, paint, &a, y, soft, reach);
}

void ph_fill(ph_stage *s, const ph_paint *paint)
{
    ph_draw(s, paint, ph_box(0, 0, ph_half_width(s) + 0.1F, ph_half_height(s) + 0.1F, 0));
}

void ph_draw_part(ph_stage *s, ph_paint paint, uint8_t part, ph_shape shape)
{
    paint.part = part;
    ph_draw_shapes(s, &paint, &shape, 1);
}
