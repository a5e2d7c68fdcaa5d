#include "kernels/ref/fft.h"
#include "host/base/alloc.h"
#include "host/base/status.h"

#include <math.h>

typedef struct complex_value {
    double re, im;
} complex_value;

struct ph_fft {
    int64_t width, height, planes;
    int64_t columns;            /* of a spectrum: width/2 + 1 */
    complex_value *row_turn;    /* e^(2 pi i k / width), width entries */
    complex_value *column_turn; /* the same for height */
    complex_value *half;        /* one plane transformed along one axis: height x columns */
};

static complex_value *turns(int64_t n)
{
    complex_value *table = ph_alloc((size_t)n, sizeof *table);
    const double pi = acos(-1.0);
    for (int64_t k = 0; table && k < n; k++) {
        const double angle = 2 * pi * (double)k / (double)n;
        table[k] = (complex_value){cos(angle), sin(angle)};
    }
    return table;
}

ph_status ph_ref_fft_new(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err)
{
    (void)device;
    *out = NULL;
    if (width < 1 || height < 1 || planes < 0)
        return ph_fail(err, PH_MISUSE, "ref: a transform of %d planes of %dx%d is impossible: give sizes of at least 1",
                       planes, width, height);
    ph_fft *fft = ph_alloc(1, sizeof *fft);
    if (!fft)
        return ph_fail_memory(err, sizeof *fft, "a transform");
    fft->width = width;
    fft->height = height;
    fft->planes = planes;
    fft->columns = width / 2 + 1;
    fft->row_turn = turns(width);
    fft->column_turn = turns(height);
    fft->half = ph_alloc((size_t)(fft->height * fft->columns), sizeof *fft->half);
    if (!fft->row_turn || !fft->column_turn || !fft->half) {
        const size_t bytes = (size_t)(fft->width + fft->height + fft->height * fft->columns) * sizeof *fft->half;
        ph_ref_fft_free(fft);
        return ph_fail_memory(err, bytes, "the tables of a transform");
    }
    *out = fft;
    return PH_OK;
}

void ph_ref_fft_free(ph_fft *fft)
{
    if (!fft)
        return;
    ph_free(fft->row_turn);
    ph_free(fft->column_turn);
    ph_free(fft->half);
    ph_free(fft);
}

/* half[y][k] = sum over rows j of spectrum[j][k] e^(+2 pi i j y / height) */
static void inverse_columns(ph_fft *fft, const float *spectrum)
{
    for (int64_t y = 0; y < fft->height; y++)
        for (int64_t k = 0; k < fft->columns; k++) {
            complex_value sum = {0, 0};
            for (int64_t j = 0; j < fft->height; j++) {
                const float *z = spectrum + 2 * (j * fft->columns + k);
                const complex_value turn = fft->column_turn[j * y % fft->height];
                sum.re += (double)z[0] * turn.re - (double)z[1] * turn.im;
                sum.im += (double)z[0] * turn.im + (double)z[1] * turn.re;
            }
            fft->half[y * fft->columns + k] = sum;
        }
}

/* Columns k and width-k are conjugates, so each inner column counts twice. Columns 0 and width/2 are their own
 * partners: the Hermitian part of a column transforms to the real part of the column's transform. */
static void inverse_rows(const ph_fft *fft, float *plane)
{
    for (int64_t y = 0; y < fft->height; y++)
        for (int64_t x = 0; x < fft->width; x++) {
            double sum = 0;
            for (int64_t k = 0; k < fft->columns; k++) {
                const complex_value z = fft->half[y * fft->columns + k];
                const complex_value turn = fft->row_turn[k * x % fft->width];
                const bool own_partner = k == 0 || 2 * k == fft->width;
                sum += own_partner ? z.re * turn.re : 2 * (z.re * turn.re - z.im * turn.im);
            }
            plane[y * fft->width + x] = (float)sum;
        }
}

ph_status ph_ref_fft_c2r(ph_fft *fft, float *spectrum, float *planes, ph_error *err)
{
    (void)err;
    for (int64_t n = 0; n < fft->planes; n++) {
        inverse_columns(fft, spectrum + 2 * n * fft->height * fft->columns);
        inverse_rows(fft, planes + n * fft->height * fft->width);
    }
    return PH_OK;
}

/* half[y][k] = sum over x of plane[y][x] e^(-2 pi i k x / width) */
static void forward_rows(ph_fft *fft, const float *plane)
{
    for (int64_t y = 0; y < fft->height; y++)
        for (int64_t k = 0; k < fft->columns; k++) {
            complex_value sum = {0, 0};
            for (int64_t x = 0; x < fft->width; x++) {
                const complex_value turn = fft->row_turn[k * x % fft->width];
                sum.re += (double)plane[y * fft->width + x] * turn.re;
                sum.im -= (double)plane[y * fft->width + x] * turn.im;
            }
            fft->half[y * fft->columns + k] = sum;
        }
}

static void forward_columns(const ph_fft *fft, float *spectrum)
{
    for (int64_t j = 0; j < fft->height; j++)
        for (int64_t k = 0; k < fft->columns; k++) {
            complex_value sum = {0, 0};
            for (int64_t y = 0; y < fft->height; y++) {
                const complex_value z = fft->half[y * fft->columns + k];
                const complex_value turn = fft->column_turn[j * y % fft->height];
                sum.re += z.re * turn.re + z.im * turn.im;
                sum.im += z.im * turn.re - z.re * turn.im;
            }
            spectrum[2 * (j * fft->columns + k)] = (float)sum.re;
            spectrum[2 * (j * fft->columns + k) + 1] = (float)sum.im;
        }
}

ph_status ph_ref_fft_r2c(ph_fft *fft, const float *planes, float *spectrum, ph_error *err)
{
    (void)err;
    for (int64_t n = 0; n < fft->planes; n++) {
        forward_rows(fft, planes + n * fft->height * fft->width);
        forward_columns(fft, spectrum + 2 * n * fft->height * fft->columns);
    }
    return PH_OK;
}
