/* Penalties: gradients against differences of the written-out sums, kinks avoided; the high-pass as an adjoint. */
#include "kernels/element/fft_cpu.h"
#include "stages.h"

typedef struct frame {
    int pictures, channels, width, height;
} frame;

static const frame frames[] = {{1, 3, 7, 5}, {3, 1, 6, 8}, {2, 4, 1, 5}, {1, 3, 9, 1}, {3, 3, 1, 1}, {1, 3, 2, 2}};
enum { FRAMES = sizeof frames / sizeof *frames };

/* Penalty weights of a case; blur apart, since its second half is held fixed. */
typedef struct weights {
    float tv, l1, l2, blur;
} weights;

static const float center = 0.4f;

/* 3x3 blur of plane p at (x, y): centre 1, others 1/2, over the weights inside. */
static double blurred(const double *p, int x, int y, int width, int height)
{
    double sum = 0, total = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height) {
                const double weight = dx == 0 && dy == 0 ? 1 : 0.5;
                sum += weight * p[(y + dy) * width + x + dx];
                total += weight;
            }
    return sum / total;
}

/* All sums of one picture; `fixed` holds blur3 of the picture at which the derivative is taken. */
static double penalty(const frame *f, const weights *w, const double *p, const double *fixed)
{
    double tv = 0, l1 = 0, l2 = 1e-6, blur = 0;
    for (int c = 0; c < f->channels; c++)
        for (int y = 0; y < f->height; y++)
            for (int x = 0; x < f->width; x++) {
                const int at = (c * f->height + y) * f->width + x;
                if (x + 1 < f->width)
                    tv += fabs(p[at + 1] - p[at]);
                if (y + 1 < f->height)
                    tv += fabs(p[at + f->width] - p[at]);
                l1 += fabs(p[at] - (double)center);
                l2 += (p[at] - 0.5) * (p[at] - 0.5);
                blur += 0.5 * (p[at] - fixed[at]) * (p[at] - fixed[at]);
            }
    return (double)w->tv * tv + (double)w->l1 * l1 + (double)w->l2 * sqrt(l2) + (double)w->blur * blur;
}

/* Values a 1024th apart that no two neighbours share and that avoid `center` and 1/2: steps of 1e-5 cross no kink. */
static float *picture_of(const frame *f, int64_t count)
{
    float *p = stages_output(count);
    for (int64_t i = 0; i < count; i++) {
        const int64_t x = i % f->width, y = i / f->width;
        p[i] = (float)(((x * 37 + y * 101 + 11) % 127) * 8 + (x + y) % 2 * 3 + 1) / 1024;
        ck_assert(fabsf(p[i] - center) > 1e-4f);
    }
    return p;
}

/* Central differences of h = 1e-5 on sums of up to 100: 1e-16 x 100 / 1e-5 = 1e-9. The third derivative of the root,
 * at most 1/norm^2 = 1e6 for a single grey pixel, times h^2/6: 2e-5 there, nothing elsewhere; the kernel's own
 * arithmetic is a dozen operations on numbers up to 10. */
START_TEST(gradient_is_the_derivative)
{
    static const weights all[] = {{2, 0, 0, 0}, {0, 3, 0, 0}, {0, 0, 2, 0}, {0, 0, 0, 5}, {1, -0.5f, 0.3f, 0.7f}};
    const frame *f = &frames[_i % FRAMES];
    const weights *w = &all[_i / FRAMES];
    const int n = f->channels * f->width * f->height, count = f->pictures * n;
    float *p = picture_of(f, count), *gradient = stages_random(1, count, -1, 1), *before = stages_copy(gradient, count);
    float norms[3];
    double *exact = stages_doubles(count), *fixed = stages_doubles(count), *want = stages_doubles(count), sums[3];
    for (int i = 0; i < count; i++)
        exact[i] = (double)p[i];
    for (int i = 0; i < count; i++) {
        const int plane = i / (f->width * f->height), at = i % (f->width * f->height);
        fixed[i] =
            blurred(exact + (int64_t)plane * f->width * f->height, at % f->width, at / f->width, f->width, f->height);
    }
    for (int i = 0; i < count; i++) {
        const int64_t start = i / n * n;
        const double h = 1e-5, here = exact[i];
        exact[i] = here + h;
        const double high = penalty(f, w, exact + start, fixed + start);
        exact[i] = here - h;
        const double low = penalty(f, w, exact + start, fixed + start);
        exact[i] = here;
        want[i] = (double)before[i] - (high - low) / (2 * h);
    }
    RUN(square_sums, 1, f->pictures, {p, sums, n, 1, 0.5f}); /* all fit one chunk */
    RUN(norm, 1, f->pictures, {sums, norms, 1, 1e-6f});
    RUN(penalty_vjp, 2, count,
        {p, gradient, w->l2 != 0 ? norms : NULL, f->channels, f->width, f->height, w->tv, w->l1, center, w->l2,
         w->blur});
    stages_near("penalty", gradient, want, count, 5e-6, 5e-6);
    free(exact);
    free(fixed);
    free(want);
    stages_free(p);
    stages_free(gradient);
    stages_free(before);
}
END_TEST

/* Where neighbours are equal the sign is 0: a flat picture has no gradient of tv, l1 (at its centre), l2 and blur. */
START_TEST(flat_pictures_rest)
{
    enum { W = 6, H = 4 };
    float *p = stages_random(2, W * H, 0.5f, 0.5f), *gradient = stages_random(3, W * H, 0, 0);
    const float norm = 1e-3f;
    RUN(penalty_vjp, 1, W * H, {p, gradient, &norm, 1, W, H, 1, 1, 0.5f, 1, 1});
    for (int i = 0; i < W * H; i++)
        ck_assert(gradient[i] == 0.0f);
    stages_free(p);
    stages_free(gradient);
}
END_TEST

START_TEST(high_pass_is_the_formula)
{
    enum { PLANES = 3, BINS = 29 };
    float *z = stages_random(4, 2 * PLANES * BINS, -1, 1), *frequency = stages_random(5, BINS, 0, 0.7f);
    frequency[3] = 0.25f; /* at the cut-off itself: out */
    double want[2 * PLANES * BINS];
    for (int i = 0; i < 2 * PLANES * BINS; i++)
        want[i] = frequency[i / 2 % BINS] > 0.25f ? (double)z[i] * (double)0.3f : 0;
    RUN(high_pass, 2, PLANES * BINS, {z, frequency, BINS, 0.25f, 0.3f});
    stages_near("high_pass", z, want, 2 * PLANES * BINS, 0, 6e-8);
    stages_free(z);
    stages_free(frequency);
}
END_TEST

/* r2c, high_pass by 2/pixels, c2r: linear and its own adjoint, and <p, F p> is twice the energy above the cut-off,
 * sum |P|^2 / pixels, with columns that stand for two counted twice. Float transforms: 1e-6 of the norms. */
START_TEST(high_pass_is_the_gradient_of_energy)
{
    const int w = frames[_i].width + 6, h = frames[_i].height + 5, columns = w / 2 + 1;
    const int64_t pixels = (int64_t)w * h, bins = (int64_t)h * columns;
    float *p = stages_random(6, 2 * pixels, -1, 1), *out = stages_output(2 * pixels), *z = stages_output(4 * bins);
    float *frequency = stages_output(bins);
    for (int64_t i = 0; i < bins; i++) {
        const double fy = (double)(i / columns) / h, fx = (double)(i % columns) / w;
        frequency[i] = (float)hypot(fx, fy > 0.5 ? fy - 1 : fy);
    }
    ph_cpu_device_head head;
    ph_fft *fft = NULL;
    ck_assert_int_eq(ph_fft_cpu_new(stages_device(&head, 1), w, h, 2, &fft, NULL), PH_OK);
    ck_assert_int_eq(ph_fft_cpu_r2c(fft, p, z, NULL), PH_OK);
    double energy = 0;
    for (int64_t i = 0; i < bins; i++) {
        const int64_t column = i % columns;
        if (frequency[i] > 0.25f)
            energy += (column == 0 || 2 * column == w ? 1 : 2) * stages_dot(z + 2 * i, z + 2 * i, 2) / (double)pixels;
    }
    RUN(high_pass, 1, 2 * bins, {z, frequency, bins, 0.25f, 2.0f / (float)pixels});
    ck_assert_int_eq(ph_fft_cpu_c2r(fft, z, out, NULL), PH_OK);
    ph_fft_cpu_free(fft);
    const double bound = 1e-6 * (double)pixels;
    stages_equal("<p, Fp>", stages_dot(p, out, pixels), 2 * energy, bound);
    stages_equal("<q, Fp>", stages_dot(p + pixels, out, pixels), stages_dot(p, out + pixels, pixels), bound);
    stages_free(p);
    stages_free(out);
    stages_free(z);
    stages_free(frequency);
}
END_TEST

START_TEST(add_scaled_is_the_formula)
{
    enum { COUNT = 1003 };
    float *to = stages_random(7, COUNT, -1, 1), *from = stages_random(8, COUNT, -1, 1);
    double want[COUNT];
    for (int i = 0; i < COUNT; i++)
        want[i] = (double)to[i] + (double)-0.7f * (double)from[i];
    RUN(add_scaled, 2, COUNT, {to, from, -0.7f});
    stages_near("add_scaled", to, want, COUNT, 1.2e-7, 6e-8); /* two roundings */
    stages_free(to);
    stages_free(from);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, gradient_is_the_derivative, 0, 5 * FRAMES);
    tcase_add_test(tcase, flat_pictures_rest);
    tcase_add_test(tcase, high_pass_is_the_formula);
    tcase_add_loop_test(tcase, high_pass_is_the_gradient_of_energy, 0, FRAMES);
    tcase_add_test(tcase, add_scaled_is_the_formula);
}

int main(void)
{
    return stages_main("penalty", add);
}
