/* cuFFT: batches of 2-D real transforms, unnormalized, by the definition of the DFT along each axis.
 *
 * A C2R transform takes for granted that the columns 0 and (even width) width/2 are Hermitian along the other axis too:
 * here it reads rows 0 … height/2 of them and makes up the rest, so that a spectrum without that symmetry gives other
 * pictures than numpy.fft.irfft2 does. It leaves its input destroyed. */
#include "sim.h"

#include <cufft.h>
#include <math.h>
#include <stdlib.h>

typedef struct plan {
    int handle;
    bool made, automatic;
    cufftType type;
    int height, width, planes;
    size_t bytes;
    void *area;
    cudaStream_t stream;
    char ran; /* its address stands for the plan's code */
} plan;

enum { PLANS = 1 << 16 };
static plan *plans[PLANS]; /* handles count from 1 */

static plan *find(cufftHandle handle, const char *function)
{
    if (handle < 1 || handle >= PLANS || !plans[handle])
        sim_die("%s: %d is no plan of cuFFT, or not any more", function, handle);
    return plans[handle];
}

static void discard(void *object)
{
    plan *p = object;
    sim_forget(&p->ran);
    plans[p->handle] = NULL;
    free(p);
}

cufftResult cufftGetVersion(int *version)
{
    *version = CUFFT_VERSION;
    return (cufftResult)sim_call("cufftGetVersion", CUFFT_INTERNAL_ERROR);
}

cufftResult cufftCreate(cufftHandle *handle)
{
    const int code = sim_call("cufftCreate", CUFFT_INTERNAL_ERROR);
    if (code || !sim_usable())
        return code ? (cufftResult)code : CUFFT_INTERNAL_ERROR;
    sim_not_recording("cufftCreate");
    int index = 1;
    while (index < PLANS && plans[index])
        index++;
    if (index == PLANS)
        sim_die("cufftCreate: too many plans");
    plans[index] = sim_new(sizeof *plans[index]);
    *plans[index] = (plan){.handle = index, .automatic = true};
    sim_born(plans[index], "plan of cuFFT", discard);
    *handle = index;
    return CUFFT_SUCCESS;
}

cufftResult cufftDestroy(cufftHandle handle)
{
    const int code = sim_call("cufftDestroy", CUFFT_INTERNAL_ERROR);
    sim_not_recording("cufftDestroy");
    plan *p = find(handle, "cufftDestroy");
    sim_dies(p, "plan of cuFFT", "cufftDestroy");
    discard(p);
    return (cufftResult)code;
}

cufftResult cufftSetAutoAllocation(cufftHandle handle, int automatic)
{
    const int code = sim_call("cufftSetAutoAllocation", CUFFT_INTERNAL_ERROR);
    plan *p = find(handle, "cufftSetAutoAllocation");
    if (p->made)
        sim_die("cufftSetAutoAllocation: after the plan was made");
    p->automatic = automatic != 0;
    return (cufftResult)code;
}

cufftResult cufftMakePlanMany(cufftHandle handle, int rank, int *size, int *in_embed, int in_stride, int in_distance,
                              int *out_embed, int out_stride, int out_distance, cufftType type, int batch,
                              size_t *bytes)
{
    const int code = sim_call("cufftMakePlanMany", CUFFT_ALLOC_FAILED);
    if (code)
        return (cufftResult)code;
    sim_not_recording("cufftMakePlanMany");
    plan *p = find(handle, "cufftMakePlanMany");
    (void)in_stride, (void)in_distance, (void)out_stride, (void)out_distance; /* not looked at without embed */
    if (p->made)
        sim_die("cufftMakePlanMany: the plan is made already");
    if (rank != 2 || in_embed || out_embed || (type != CUFFT_R2C && type != CUFFT_C2R))
        sim_die("cufftMakePlanMany: only packed real transforms in two dimensions are simulated");
    if (p->automatic)
        sim_die("cufftMakePlanMany: the plan would allocate its memory: cufftSetAutoAllocation comes before");
    if (size[0] < 1 || size[1] < 1 || batch < 1)
        return CUFFT_INVALID_SIZE;
    p->height = size[0];
    p->width = size[1];
    p->planes = batch;
    p->type = type;
    p->bytes = (size_t)batch * (size_t)size[0] * ((size_t)size[1] / 2 + 1) * sizeof(cufftComplex);
    p->made = true;
    *bytes = p->bytes;
    return CUFFT_SUCCESS;
}

cufftResult cufftSetWorkArea(cufftHandle handle, void *area)
{
    const int code = sim_call("cufftSetWorkArea", CUFFT_INTERNAL_ERROR);
    plan *p = find(handle, "cufftSetWorkArea");
    if (!p->made)
        sim_die("cufftSetWorkArea: before the plan was made");
    sim_memory_check(area, p->bytes, false, "cufftSetWorkArea");
    if ((uintptr_t)area % 16)
        sim_die("cufftSetWorkArea: %p is not aligned", area);
    p->area = area;
    return (cufftResult)code;
}

cufftResult cufftSetStream(cufftHandle handle, cudaStream_t stream)
{
    const int code = sim_call("cufftSetStream", CUFFT_INTERNAL_ERROR);
    plan *p = find(handle, "cufftSetStream");
    sim_alive(stream, "stream", "cufftSetStream");
    p->stream = stream;
    return (cufftResult)code;
}

/* ---- transforms ---------------------------------------------------------------------------------------------------
 */

typedef struct complex_value {
    double re, im;
} complex_value;

/* out[k] = sum over j of in[j] e^(sign 2 pi i j k / count). `unit` holds e^(2 pi i j / count). */
static void transform(const complex_value *in, complex_value *out, int count, int sign, const complex_value *unit)
{
    for (int k = 0; k < count; k++) {
        complex_value sum = {0, 0};
        for (int j = 0, at = 0; j < count; j++, at = (at + k) % count) {
            const double c = unit[at].re, s = sign * unit[at].im;
            sum.re += in[j].re * c - in[j].im * s;
            sum.im += in[j].re * s + in[j].im * c;
        }
        out[k] = sum;
    }
}

static complex_value *units(int count)
{
    complex_value *unit = sim_new((size_t)count * sizeof *unit);
    for (int j = 0; j < count; j++) {
        const double angle = 2 * 3.14159265358979323846 * j / count;
        unit[j] = (complex_value){cos(angle), sin(angle)};
    }
    return unit;
}

typedef struct work {
    plan p;
    void *from, *to;
} work;

typedef struct lines {
    complex_value *in, *out, *of_width, *of_height, *plane;
} lines;

/* The rows beyond height/2 of a column that must be Hermitian follow from those before. */
static void mirror(complex_value *plane, int height, int columns, int column)
{
    for (int y = 0; y <= height / 2; y++) {
        complex_value *z = &plane[y * columns + column];
        const int other = y ? height - y : 0;
        if (other == y)
            z->im = 0;
        else
            plane[other * columns + column] = (complex_value){z->re, -z->im};
    }
}

static void complex_to_real(const plan *p, const float *spectrum, float *picture, const lines *l)
{
    const int H = p->height, W = p->width, columns = W / 2 + 1;
    for (int i = 0; i < H * columns; i++)
        l->plane[i] = (complex_value){(double)spectrum[2 * i], (double)spectrum[2 * i + 1]};
    mirror(l->plane, H, columns, 0);
    if (W % 2 == 0)
        mirror(l->plane, H, columns, W / 2);
    for (int x = 0; x < columns; x++) {
        for (int y = 0; y < H; y++)
            l->in[y] = l->plane[y * columns + x];
        transform(l->in, l->out, H, 1, l->of_height);
        for (int y = 0; y < H; y++)
            l->plane[y * columns + x] = l->out[y];
    }
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            const complex_value z = l->plane[y * columns + (x < columns ? x : W - x)];
            l->in[x] = (complex_value){z.re, x < columns ? z.im : -z.im};
        }
        transform(l->in, l->out, W, 1, l->of_width);
        for (int x = 0; x < W; x++)
            picture[y * W + x] = (float)l->out[x].re;
    }
}

static void real_to_complex(const plan *p, const float *picture, float *spectrum, const lines *l)
{
    const int H = p->height, W = p->width, columns = W / 2 + 1;
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++)
            l->in[x] = (complex_value){(double)picture[y * W + x], 0};
        transform(l->in, l->out, W, -1, l->of_width);
        for (int x = 0; x < columns; x++)
            l->plane[y * columns + x] = l->out[x];
    }
    for (int x = 0; x < columns; x++) {
        for (int y = 0; y < H; y++)
            l->in[y] = l->plane[y * columns + x];
        transform(l->in, l->out, H, -1, l->of_height);
        for (int y = 0; y < H; y++) {
            spectrum[2 * (y * columns + x)] = (float)l->out[y].re;
            spectrum[2 * (y * columns + x) + 1] = (float)l->out[y].im;
        }
    }
}

static void run(void *state)
{
    const work *w = state;
    const plan *p = &w->p;
    const int longest = p->width > p->height ? p->width : p->height;
    const size_t spectrum = (size_t)p->height * ((size_t)p->width / 2 + 1) * 2;
    const size_t picture = (size_t)p->height * (size_t)p->width, planes = (size_t)p->planes;
    const bool back = p->type == CUFFT_C2R;
    const size_t from = back ? spectrum : picture, to = back ? picture : spectrum;
    sim_memory_check(w->from, planes * from * sizeof(float), true, "a transform of cuFFT");
    sim_memory_check(w->to, planes * to * sizeof(float), false, "a transform of cuFFT");
    sim_memory_check(p->area, p->bytes, false, "the work area of cuFFT");
    sim_memory_spoil(p->area, p->bytes);
    const lines l = {sim_new((size_t)longest * sizeof *l.in), sim_new((size_t)longest * sizeof *l.out), units(p->width),
                     units(p->height), sim_new(spectrum * sizeof *l.plane)};
    for (size_t i = 0; i < planes; i++)
        (back ? complex_to_real : real_to_complex)(p, (float *)w->from + i * from, (float *)w->to + i * to, &l);
    sim_memory_written(w->to, planes * to * sizeof(float));
    if (back)
        sim_memory_spoil(w->from, planes * from * sizeof(float));
    free(l.in);
    free(l.out);
    free(l.of_width);
    free(l.of_height);
    free(l.plane);
    sim.counts.library++;
}

static cufftResult submit(cufftHandle handle, const char *name, cufftType type, void *from, void *to)
{
    const int code = sim_call(name, CUFFT_EXEC_FAILED);
    if (code || !sim_usable())
        return code ? (cufftResult)code : CUFFT_EXEC_FAILED;
    plan *p = find(handle, name);
    if (!p->made || p->type != type)
        sim_die("%s: the plan was made for something else", name);
    if (!p->area)
        sim_die("%s: the plan has no work area", name);
    if (!p->stream)
        sim_die("%s: the plan has no stream: it would run in the legacy default stream", name);
    if (from == to)
        sim_die("%s: transforms in place have another layout and are not simulated", name);
    if ((uintptr_t)from % 8 || (uintptr_t)to % 8)
        sim_die("%s: %p and %p must be aligned to 8 bytes", name, from, to);
    work *w = sim_new(sizeof *w);
    *w = (work){*p, from, to};
    sim_submit(p->stream, name, run, free, w, &p->ran);
    return CUFFT_SUCCESS;
}

cufftResult cufftExecC2R(cufftHandle handle, cufftComplex *from, cufftReal *to)
{
    return submit(handle, "cufftExecC2R", CUFFT_C2R, from, to);
}

cufftResult cufftExecR2C(cufftHandle handle, cufftReal *from, cufftComplex *to)
{
    return submit(handle, "cufftExecR2C", CUFFT_R2C, from, to);
}
