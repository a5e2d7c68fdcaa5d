/* Parameters to picture: spectrum, colour and their adjoints, alone and as the chain that a step runs. */
#include "kernels/element/fft_cpu.h"
#include "stages.h"

static const float matrix[9] = {0.562829f,  0.194825f, 0.043295f,  0.584476f, 0.0f,
                                -0.108236f, 0.584476f, -0.194825f, 0.064942f};

static const struct {
    int width, height, planes;
} sizes[] = {{1, 1, 1}, {2, 3, 3}, {7, 5, 3}, {8, 6, 9}, {21, 17, 4}, {33, 40, 3}};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* One product each: half an ulp. */
static const double exact = 6e-8;

START_TEST(spectrum_scales)
{
    const int64_t columns = sizes[_i].width / 2 + 1, bins = sizes[_i].height * columns, planes = sizes[_i].planes;
    float *c = stages_random(1, 2 * planes * bins, -2, 2), *scale = stages_random(2, bins, 0.1f, 9);
    float *z = stages_output(2 * planes * bins), *d = stages_output(2 * planes * bins);
    double *want = stages_doubles(2 * planes * bins);
    RUN(spectrum, 2, planes * bins, {c, scale, z, bins});
    for (int64_t i = 0; i < 2 * planes * bins; i++)
        want[i] = (double)c[i] * (double)scale[i / 2 % bins];
    stages_near("spectrum", z, want, 2 * planes * bins, 0, exact);
    RUN(spectrum_vjp, 2, planes * bins, {c, scale, d, bins, sizes[_i].width, (int)columns});
    for (int64_t i = 0; i < 2 * planes * bins; i++) {
        const int64_t column = i / 2 % columns;
        if (column != 0 && 2 * column != sizes[_i].width)
            want[i] *= 2;
    }
    stages_near("spectrum_vjp", d, want, 2 * planes * bins, 0, exact);
    free(want);
    stages_free(c);
    stages_free(scale);
    stages_free(z);
    stages_free(d);
}
END_TEST

/* <c2r(scale c), y> = <c, spectrum_vjp(r2c(y))>. Both sides are sums of n products of size 1 of float32 results: n
 * 2^-24 times a few, relative to the sum of the products' sizes; bound 1e-6 of that. */
START_TEST(spectrum_adjoint)
{
    const int w = sizes[_i].width, h = sizes[_i].height, planes = sizes[_i].planes;
    const int64_t bins = (int64_t)h * (w / 2 + 1), pixels = (int64_t)w * h;
    float *c = stages_random(3, 2 * planes * bins, -1, 1), *scale = stages_random(4, bins, 0.1f, 2);
    float *y = stages_random(5, planes * pixels, -1, 1), *z = stages_output(2 * planes * bins);
    float *x = stages_output(planes * pixels), *d = stages_output(2 * planes * bins);
    ph_cpu_device_head head;
    ph_fft *fft = NULL;
    ck_assert_int_eq(ph_fft_cpu_new(stages_device(&head, 2), w, h, planes, &fft, NULL), PH_OK);
    RUN(spectrum, 2, planes * bins, {c, scale, z, bins});
    ck_assert_int_eq(ph_fft_cpu_c2r(fft, z, x, NULL), PH_OK);
    ck_assert_int_eq(ph_fft_cpu_r2c(fft, y, z, NULL), PH_OK);
    RUN(spectrum_vjp, 2, planes * bins, {z, scale, d, bins, w, w / 2 + 1});
    const double sizes_product = sqrt(stages_dot(x, x, planes * pixels) * stages_dot(y, y, planes * pixels));
    stages_equal("<Ac, y>", stages_dot(x, y, planes * pixels), stages_dot(c, d, 2 * planes * bins),
                 1e-6 * sizes_product);
    ph_fft_cpu_free(fft);
    stages_free(c);
    stages_free(scale);
    stages_free(y);
    stages_free(z);
    stages_free(x);
    stages_free(d);
}
END_TEST

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* pictures, channels, pixels, mix */
static const int colour_cases[][4] = {{1, 3, 35, 1}, {3, 3, 221, 1}, {1, 1, 17, 0},
                                      {3, 1, 64, 0}, {1, 4, 65, 0},  {3, 3, 1, 0}};
enum { COLOURS = sizeof colour_cases / sizeof *colour_cases };

/* The picture in double. */
static void naive_colour(const int *size, const double *planes, double *picture)
{
    const int channels = size[1], pixels = size[2];
    for (int b = 0; b < size[0]; b++)
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < pixels; i++) {
                const double *from = planes + (int64_t)b * channels * pixels + i;
                double x = from[c * pixels];
                if (size[3]) {
                    x = 0;
                    for (int j = 0; j < 3; j++)
                        x += (double)matrix[3 * c + j] * from[j * pixels];
                }
                picture[((int64_t)b * channels + c) * pixels + i] = sigmoid(x);
            }
}

/* Three float products and the sigmoid: 4e-7; absolute, since the sum may cancel. In place gives the same. */
START_TEST(colour_is_the_formula)
{
    const int *size = colour_cases[_i];
    const int64_t count = (int64_t)size[0] * size[1] * size[2];
    float *planes = stages_random(6, count, -5, 5), *picture = stages_output(count);
    double *in = stages_doubles(count), *want = stages_doubles(count);
    for (int64_t i = 0; i < count; i++)
        in[i] = (double)planes[i];
    naive_colour(size, in, want);
    ph_colour_args args = {planes, picture, size[2], size[1], size[3], {0}};
    for (int i = 0; i < 9; i++)
        args.matrix[i] = matrix[i];
    ph_cpu_device_head head;
    ck_assert_int_eq(stages_kernels()->colour(stages_device(&head, 2), size[0] * size[2], args, NULL), PH_OK);
    stages_near("colour", picture, want, count, 4e-7, 0);
    args.picture = planes;
    ck_assert_int_eq(stages_kernels()->colour(stages_device(&head, 2), size[0] * size[2], args, NULL), PH_OK);
    for (int64_t i = 0; i < count; i++)
        ck_assert(planes[i] == picture[i]);
    free(in);
    free(want);
    stages_free(planes);
    stages_free(picture);
}
END_TEST

/* Against central differences of the double formula, h = 1e-4: error h^2/6 times the third derivative, below 1e-9; the
 * kernel's own arithmetic is a dozen float operations on numbers up to 1: 1e-6. */
START_TEST(colour_vjp_is_the_derivative)
{
    const int *size = colour_cases[_i];
    const int64_t count = (int64_t)size[0] * size[1] * size[2];
    float *planes = stages_random(7, count, -2, 2), *picture = stages_output(count),
          *d = stages_random(8, count, -1, 1);
    float *got = stages_output(count);
    double *in = stages_doubles(count), *low = stages_doubles(count), *want = stages_doubles(count);
    double *high = stages_doubles(count);
    for (int64_t i = 0; i < count; i++)
        in[i] = (double)planes[i];
    naive_colour(size, in, low);
    for (int64_t i = 0; i < count; i++)
        picture[i] = (float)low[i];
    const double h = 1e-4;
    const int64_t pixels = size[2], channels = size[1];
    for (int64_t j = 0; j < channels; j++) { /* pixels are independent: one channel of all at once */
        for (int sign = -1; sign <= 1; sign += 2) {
            for (int64_t i = 0; i < count; i++)
                in[i] = (double)planes[i] + (i / pixels % channels == j ? sign * h : 0);
            naive_colour(size, in, sign < 0 ? low : high);
        }
        for (int64_t i = 0; i < count; i++)
            want[i / pixels / channels * channels * pixels + j * pixels + i % pixels] +=
                (double)d[i] * (high[i] - low[i]) / (2 * h);
    }
    ph_colour_vjp_args args = {picture, d, got, pixels, size[1], size[3], {0}};
    for (int i = 0; i < 9; i++)
        args.matrix[i] = matrix[i];
    ph_cpu_device_head head;
    ck_assert_int_eq(stages_kernels()->colour_vjp(stages_device(&head, 2), size[0] * pixels, args, NULL), PH_OK);
    stages_near("colour_vjp", got, want, count, 1e-6, 0);
    args.planes_gradient = d;
    ck_assert_int_eq(stages_kernels()->colour_vjp(stages_device(&head, 2), size[0] * pixels, args, NULL), PH_OK);
    for (int64_t i = 0; i < count; i++)
        ck_assert(d[i] == got[i]);
    free(in);
    free(low);
    free(high);
    free(want);
    stages_free(planes);
    stages_free(picture);
    stages_free(d);
    stages_free(got);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, spectrum_scales, 0, SIZES);
    tcase_add_loop_test(tcase, spectrum_adjoint, 0, SIZES);
    tcase_add_loop_test(tcase, colour_is_the_formula, 0, COLOURS);
    tcase_add_loop_test(tcase, colour_vjp_is_the_derivative, 0, COLOURS);
}

int main(void)
{
    return stages_main("parameters", add);
}
