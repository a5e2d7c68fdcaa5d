#include "host/image/resample.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <math.h>

/* Per output position the first input position and `taps` weights, zero beyond the end. */
typedef struct axis {
    int count, taps;
    int *first;    /* [count] */
    float *weight; /* [count, taps] */
} axis;

static void axis_free(axis *a)
{
    ph_free(a->first);
    ph_free(a->weight);
}

/* Output i of `full` sees the input around (i + 1/2) s - 1/2, s = size/full, through a triangle of half width
 * max(s, 1): weight 1 - |distance| / half width. */
static ph_status axis_new(axis *a, int size, int full, int start, int count, ph_error *err)
{
    const double ratio = (double)size / full, half = ratio > 1 ? ratio : 1;
    *a = (axis){.count = count, .taps = (int)ceil(half) * 2 + 1};
    a->first = ph_alloc((size_t)count, sizeof *a->first);
    a->weight = a->first ? ph_alloc((size_t)count * (size_t)a->taps, sizeof *a->weight) : NULL;
    if (!a->weight) {
        axis_free(a);
        return ph_fail_memory(err, (size_t)count * (size_t)a->taps * sizeof *a->weight, "the resize weights");
    }
    for (int i = 0; i < count; i++) {
        const double centre = (start + i + 0.5) * ratio - 0.5;
        const int first = (int)fmax(ceil(centre - half), 0);
        float *weight = a->weight + (size_t)i * (size_t)a->taps;
        double sum = 0;
        for (int k = 0; k < a->taps && first + k < size; k++)
            sum += fmax(1 - fabs(first + k - centre) / half, 0);
        for (int k = 0; k < a->taps && first + k < size; k++)
            weight[k] = (float)(fmax(1 - fabs(first + k - centre) / half, 0) / sum);
        a->first[i] = first;
    }
    return PH_OK;
}

/* One row: width x channels from from_width x channels. */
static void resample_row(const axis *a, const float *from, int from_width, int channels, float *to)
{
    for (int x = 0; x < a->count; x++) {
        const float *weight = a->weight + (size_t)x * (size_t)a->taps;
        for (int c = 0; c < channels; c++) {
            float sum = 0;
            for (int k = 0; k < a->taps && a->first[x] + k < from_width; k++)
                sum += weight[k] * from[(size_t)(a->first[x] + k) * (size_t)channels + (size_t)c];
            to[(size_t)x * (size_t)channels + (size_t)c] = sum;
        }
    }
}

/* Rows are resized in x as the sum in y meets them; a ring of `taps` rows holds those still needed. */
static void resample_rows(const ph_resample *job, const axis *horizontal, const axis *vertical, float *ring)
{
    const size_t row = (size_t)job->width * (size_t)job->channels;
    int done = vertical->first[0];
    for (int y = 0; y < job->height; y++) {
        float *to = job->to + (size_t)y * row;
        const float *weight = vertical->weight + (size_t)y * (size_t)vertical->taps;
        const int first = vertical->first[y];
        const int end = first + vertical->taps < job->from_height ? first + vertical->taps : job->from_height;
        for (done = done > first ? done : first; done < end; done++)
            resample_row(horizontal, job->from + (size_t)done * (size_t)job->from_width * (size_t)job->channels,
                         job->from_width, job->channels, ring + (size_t)(done % vertical->taps) * row);
        for (size_t i = 0; i < row; i++)
            to[i] = 0;
        for (int source = first; source < end; source++) {
            const float *line = ring + (size_t)(source % vertical->taps) * row;
            for (size_t i = 0; i < row; i++)
                to[i] += weight[source - first] * line[i];
        }
    }
}

ph_status ph_resample_run(const ph_resample *job, ph_error *err)
{
    axis horizontal, vertical;
    PH_TRY(axis_new(&horizontal, job->from_width, job->full_width, job->left, job->width, err));
    ph_status status = axis_new(&vertical, job->from_height, job->full_height, job->top, job->height, err);
    if (status == PH_OK) {
        const size_t row = (size_t)job->width * (size_t)job->channels;
        float *ring = ph_alloc((size_t)vertical.taps, row * sizeof *ring);
        if (ring)
            resample_rows(job, &horizontal, &vertical, ring);
        else
            status = ph_fail_memory(err, (size_t)vertical.taps * row * sizeof *ring, "the resized rows");
        ph_free(ring);
        axis_free(&vertical);
    }
    axis_free(&horizontal);
    return status;
}
