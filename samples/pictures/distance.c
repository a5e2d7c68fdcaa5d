/* The formulas are those of Quilez, "2D distance functions" (2019), but for the ellipse: near the edge the first-order
 * distance k0 (k0 - 1) / |grad k0|, towards the middle a cone without crease. */
#include "distance.h"

int ph_corners(const ph_shape *shape, ph_point corners[PH_VERTICES])
{
    const bool closed = shape->kind == PH_POLYGON;
    const int n = shape->count, edges = closed ? n : n - 1;
    int total = 0;
    if (!shape->smooth) {
        for (; total < n; total++)
            corners[total] = shape->points[total];
        return total;
    }
    for (int i = 0; i < edges; i++) {
        const int before = i > 0 ? i - 1 : closed ? n - 1 : 0;
        const int after = i + 2 < n ? i + 2 : closed ? (i + 2) % n : n - 1;
        const ph_point p0 = shape->points[before], p1 = shape->points[i];
        const ph_point p2 = shape->points[(i + 1) % n], p3 = shape->points[after];
        for (int k = 0; k < 4; k++) {
            const float t = (float)k * 0.25F, t2 = t * t, t3 = t2 * t;
            const float a = -0.5F * t3 + t2 - 0.5F * t, b = 1.5F * t3 - 2.5F * t2 + 1;
            const float c = -1.5F * t3 + 2 * t2 + 0.5F * t, d = 0.5F * t3 - 0.5F * t2;
            corners[total++] =
                (ph_point){a * p0.x + b * p1.x + c * p2.x + d * p3.x, a * p0.y + b * p1.y + c * p2.y + d * p3.y};
        }
    }
    if (!closed)
        corners[total++] = shape->points[n - 1];
    return total;
}

static void grow(float box[4], float x, float y, float rx, float ry)
{
    box[0] = ph_min(box[0], x - rx);
    box[1] = ph_min(box[1], y - ry);
    box[2] = ph_max(box[2], x + rx);
    box[3] = ph_max(box[3], y + ry);
}

void ph_bounds(const ph_shape *shape, float box[4])
{
    switch (shape->kind) {
    case PH_ELLIPSE: {
        const float c = shape->c, d = shape->d, a = shape->a, b = shape->b;
        grow(box, shape->x, shape->y, sqrtf(a * a * c * c + b * b * d * d), sqrtf(a * a * d * d + b * b * c * c));
        break;
    }
    case PH_BOX_SHAPE:
        grow(box, shape->x, shape->y, shape->a, shape->b);
        break;
    case PH_CAPSULE:
        grow(box, shape->x, shape->y, shape->c, shape->c);
        grow(box, shape->a, shape->b, shape->d, shape->d);
        break;
    case PH_ARC:
        grow(box, shape->x, shape->y, shape->a + shape->b, shape->a + shape->b);
        break;
    default: {
        /* A Catmull-Rom spline overshoots its points, by less than an eighth of its longest edge. */
        float own[4] = {1e9F, 1e9F, -1e9F, -1e9F};
        for (int i = 0; i < shape->count; i++)
            grow(own, shape->points[i].x, shape->points[i].y, 0, 0);
        const float loose = shape->smooth ? 0.1F * ph_max(own[2] - own[0], own[3] - own[1]) : 0;
        if (shape->kind == PH_CREST)
            own[3] = shape->c;
        const float extra = loose + (shape->kind == PH_CURVE ? ph_max(shape->c, shape->d) : 0);
        grow(box, own[0], own[1], extra, extra);
        grow(box, own[2], own[3], extra, extra);
    }
    }
}

static void ellipse(const ph_shape *s, const float *u, const float *v, int n, float *d)
{
    const float small = ph_min(s->a, s->b), ia = 1 / s->a, ib = 1 / s->b;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        const float x0 = u[i] - s->x, y0 = v[i] - s->y;
        const float x = (x0 * s->c + y0 * s->d) * ia, y = (y0 * s->c - x0 * s->d) * ib;
        const float k0 = sqrtf(x * x + y * y), k1 = sqrtf(x * x * ia * ia + y * y * ib * ib) + 1e-9F;
        const float slope = k0 / k1, w = ph_min(k0 * k0 * k0 * k0, 1);
        d[i] = (k0 - 1) * (small + (slope - small) * w);
    }
}

static void box(const ph_shape *s, const float *u, const float *v, int n, float *d)
{
#pragma omp simd
    for (int i = 0; i < n; i++) {
        const float x = fabsf(u[i] - s->x) - s->a + s->c, y = fabsf(v[i] - s->y) - s->b + s->c;
        const float ox = ph_max(x, 0), oy = ph_max(y, 0);
        d[i] = sqrtf(ox * ox + oy * oy) + ph_min(ph_max(x, y), 0) - s->c;
    }
}

static void stick(float x0, float y0, float r0, float x1, float y1, float r1, const float *u, const float *v, int n,
                  float *d)
{
    const float ex = x1 - x0, ey = y1 - y0, scale = 1 / (ex * ex + ey * ey + 1e-12F);
#pragma omp simd
    for (int i = 0; i < n; i++) {
        const float x = u[i] - x0, y = v[i] - y0;
        const float t = ph_clamp((x * ex + y * ey) * scale, 0, 1);
        const float px = x - t * ex, py = y - t * ey;
        d[i] = ph_min(d[i], sqrtf(px * px + py * py) - (r0 + (r1 - r0) * t));
    }
}

static void arc(const ph_shape *s, const float *u, const float *v, int n, float *d)
{
    const float end_x = s->a * ph_cos(s->d), end_y = s->a * ph_sin(s->d), c = ph_cos(s->c), si = ph_sin(s->c);
    for (int i = 0; i < n; i++) {
        const float x0 = u[i] - s->x, y0 = v[i] - s->y;
        const float x = x0 * c + y0 * si, y = fabsf(y0 * c - x0 * si);
        /* Within the span the ring, beyond it the round end; half a turn to either side is the whole ring. */
        const bool inside = s->d >= 0.5F || ph_angle(x, y) < s->d;
        const float far =
            inside ? fabsf(sqrtf(x * x + y * y) - s->a) : sqrtf((x - end_x) * (x - end_x) + (y - end_y) * (y - end_y));
        d[i] = far - s->b;
    }
}

/* Nearest edge, and the sign by the number of edges that a ray to the right crosses. */
static void polygon(const ph_point *p, int count, const float *u, const float *v, int n, float *d)
{
    for (int i = 0; i < n; i++)
        d[i] = 1e12F;
    for (int k = 0, before = count - 1; k < count; before = k++) {
        const float ax = p[k].x, ay = p[k].y, ex = p[before].x - ax, ey = p[before].y - ay;
        const float scale = 1 / (ex * ex + ey * ey + 1e-12F), by = p[before].y;
#pragma omp simd
        for (int i = 0; i < n; i++) {
            const float x = u[i] - ax, y = v[i] - ay;
            const float t = ph_clamp((x * ex + y * ey) * scale, 0, 1);
            const float px = x - t * ex, py = y - t * ey, near = px * px + py * py, old = fabsf(d[i]);
            const float sign = d[i] < 0 ? -1.0F : 1.0F;
            const float side = ex * y - ey * x; /* > 0: left of the edge when it points down */
            const int crosses = ((ay > v[i]) != (by > v[i])) & ((side > 0) == (ey > 0));
            d[i] = ph_min(near, old) * (crosses ? -sign : sign);
        }
    }
#pragma omp simd
    for (int i = 0; i < n; i++) {
        const float far = sqrtf(fabsf(d[i]));
        d[i] = d[i] < 0 ? -far : far;
    }
}

/* Height below the skyline, shortened by its slope. */
static void crest(const ph_shape *s, const float *u, const float *v, int n, float *d)
{
    const float left = s->points[0].x, steps = (float)(s->count - 1), wide = s->points[s->count - 1].x - left;
    const float per = steps / wide;
    for (int i = 0; i < n; i++) {
        const float at = ph_clamp((u[i] - left) * per, 0, steps - 0.001F);
        const int k = (int)at;
        const float rise = s->points[k + 1].y - s->points[k].y, slope = rise * per;
        const float y = s->points[k].y + rise * (at - (float)k);
        d[i] = ph_max((y - v[i]) / sqrtf(1 + slope * slope), v[i] - s->c);
    }
}

void ph_distances(const ph_shape *s, const ph_point *corners, int corner_count, const float *u, const float *v, int n,
                  float *d)
{
    switch (s->kind) {
    case PH_ELLIPSE:
        ellipse(s, u, v, n, d);
        return;
    case PH_BOX_SHAPE:
        box(s, u, v, n, d);
        return;
    case PH_ARC:
        arc(s, u, v, n, d);
        return;
    case PH_CREST:
        crest(s, u, v, n, d);
        return;
    case PH_POLYGON:
        polygon(corners, corner_count, u, v, n, d);
        return;
    case PH_CAPSULE:
    case PH_CURVE:
        break;
    }
    for (int i = 0; i < n; i++)
        d[i] = 1e9F;
    if (s->kind == PH_CAPSULE) {
        stick(s->x, s->y, s->c, s->a, s->b, s->d, u, v, n, d);
        return;
    }
    for (int k = 0; k + 1 < corner_count; k++) {
        const float t0 = (float)k / (float)(corner_count - 1), t1 = (float)(k + 1) / (float)(corner_count - 1);
        stick(corners[k].x, corners[k].y, ph_mix(s->c, s->d, t0), corners[k + 1].x, corners[k + 1].y,
              ph_mix(s->c, s->d, t1), u, v, n, d);
    }
}
