/* The kernels of maximum pooling against loops, with ties, zeros of both signs, infinities and NaN, in every type:
 * values and the places that forward remembers, and gradients to the last bit. */
#include "card.h"
#include "kernels/cuda/launch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLANES = 2 };

typedef struct tensors {
    ph_cuda_pool pool;
    size_t in, out; /* values */
    float *x, *y, *dy, *dx;
    int *place;
} tensors;

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static float *floats(size_t count)
{
    float *p = calloc(count, sizeof *p);
    ck_assert_ptr_nonnull(p);
    return p;
}

/* Few different values, so that most windows hold equal maxima. */
static float some_value(uint32_t *state, bool wild)
{
    static const float strange[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f};
    return wild && draw(state) % 8 == 0 ? strange[draw(state) % 5] : (float)(draw(state) % 4) - 2.0f;
}

static size_t at(const ph_cuda_pool *p, bool out, int plane, int row, int column)
{
    const int height = out ? p->out_height : p->height, width = out ? p->out_width : p->width;
    return (((size_t)plane * (size_t)height + (size_t)row) * (size_t)width + (size_t)column) * (size_t)p->pitch;
}

static void window(tensors *t, int plane, int row, int column, int64_t c)
{
    const ph_cuda_pool *p = &t->pool;
    const size_t to = at(p, true, plane, row, column) + (size_t)c;
    size_t from = 0;
    float best = 0;
    int place = -1;
    for (int tap = 0; tap < p->kernel[0] * p->kernel[1]; tap++) {
        const int y = row * p->stride[0] - p->pad_begin[0] + tap / p->kernel[1];
        const int x = column * p->stride[1] - p->pad_begin[1] + tap % p->kernel[1];
        if (y < 0 || y >= p->height || x < 0 || x >= p->width)
            continue;
        const float value = t->x[at(p, false, plane, y, x) + (size_t)c];
        if (place < 0 || (!isnan(best) && !(value <= best))) {
            best = value;
            place = tap;
            from = at(p, false, plane, y, x) + (size_t)c;
        }
    }
    t->y[to] = best;
    t->place[to] = place;
    t->dx[from] += t->dy[to];
}

/* What the kernels have to give; the windows come in row-major order, which is that of the sums. */
static void reference(tensors *t)
{
    for (int plane = 0; plane < PLANES; plane++)
        for (int row = 0; row < t->pool.out_height; row++)
            for (int column = 0; column < t->pool.out_width; column++)
                for (int64_t c = 0; c < t->pool.channels; c++)
                    window(t, plane, row, column, c);
}

/* Values on the card, of the type; count is a multiple of 8. */
static void *values(ph_cuda_type type, const float *from, size_t count)
{
    float *plain;
    void *to;
    const ph_cuda_rows r = {1, (int64_t)count, (int64_t)count, 1, (int64_t)count};
    OK(cudaMalloc((void **)&plain, count * sizeof *plain));
    OK(cudaMalloc(&to, count * ph_cuda_type_size(type)));
    OK(cudaMemcpyAsync(plain, from, count * sizeof *plain, cudaMemcpyHostToDevice, stream));
    OK(ph_cuda_from_float(type, r, plain, to, 1, false, stream));
    OK(cudaStreamSynchronize(stream));
    OK(cudaFree(plain));
    return to;
}

static void fetch(ph_cuda_type type, const void *from, float *to, size_t count)
{
    float *plain;
    const ph_cuda_rows r = {1, (int64_t)count, (int64_t)count, 1, (int64_t)count};
    OK(cudaMalloc((void **)&plain, count * sizeof *plain));
    OK(ph_cuda_to_float(type, r, from, plain, 1, stream));
    OK(cudaMemcpyAsync(to, plain, count * sizeof *plain, cudaMemcpyDeviceToHost, stream));
    OK(cudaStreamSynchronize(stream));
    OK(cudaFree(plain));
}

static void same(const tensors *t, bool out, const float *got, const float *expected, const char *what)
{
    const size_t count = out ? t->out : t->in;
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(got[i] == expected[i] || (isnan(got[i]) && isnan(expected[i])),
                      "%dx%d by %d of %dx%d, pad %d %d, %d channels: %s[%zu] is %a, not %a", t->pool.kernel[0],
                      t->pool.kernel[1], t->pool.stride[0], t->pool.height, t->pool.width, t->pool.pad_begin[0],
                      t->pool.pad_begin[1], (int)t->pool.channels, what, i, got[i], expected[i]);
}

static void on_the_card(ph_cuda_type type, tensors *t, bool add)
{
    uint8_t *index, *places = malloc(t->out);
    float *got = floats(t->in > t->out ? t->in : t->out), *expected = floats(t->in);
    void *x = values(type, t->x, t->in), *dy = values(type, t->dy, t->out), *y, *dx = values(type, t->x, t->in);
    ck_assert_ptr_nonnull(places);
    ck_assert_int_eq(ph_cuda_pool_index_bytes(t->pool), 1);
    OK(cudaMalloc((void **)&index, t->out));
    OK(cudaMalloc(&y, t->out * ph_cuda_type_size(type)));
    OK(ph_cuda_pool_forward(type, t->pool, x, y, NULL, stream));
    fetch(type, y, got, t->out);
    same(t, true, got, t->y, "y without places");
    OK(ph_cuda_pool_forward(type, t->pool, x, y, index, stream));
    fetch(type, y, got, t->out);
    same(t, true, got, t->y, "y");
    OK(cudaMemcpyAsync(places, index, t->out, cudaMemcpyDeviceToHost, stream));
    OK(ph_cuda_pool_backward(type, t->pool, index, dy, dx, add, stream));
    fetch(type, dx, got, t->in);
    for (size_t i = 0; i < t->out; i++)
        if ((int64_t)i % t->pool.pitch < t->pool.channels)
            ck_assert_msg(places[i] == t->place[i], "%d rows, %d columns: place[%zu] is %d, not %d", t->pool.height,
                          t->pool.width, i, places[i], t->place[i]);
    for (size_t i = 0; i < t->in; i++)
        expected[i] = add ? t->x[i] + t->dx[i] : t->dx[i];
    same(t, false, got, expected, "dx");
    void *const memory[] = {x, y, dx, dy, index};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        OK(cudaFree(memory[i]));
    free(places);
    free(got);
    free(expected);
}

static void try_one(const int shape[2], const int size[2], const int pad[2], int64_t channels, bool wild, uint32_t seed)
{
    tensors t = {.pool = {.planes = PLANES, .channels = channels, .pitch = (channels + 7) / 8 * 8}};
    int out[2];
    for (int i = 0; i < 2; i++) {
        t.pool.kernel[i] = shape[0];
        t.pool.stride[i] = shape[1];
        t.pool.dilation[i] = 1;
        t.pool.pad_begin[i] = pad[i];
        out[i] = (size[i] + pad[i] - 1) / shape[1] + 1; /* as many windows as reach the image */
    }
    t.pool.height = size[0], t.pool.width = size[1];
    t.pool.out_height = out[0], t.pool.out_width = out[1];
    t.in = at(&t.pool, false, PLANES, 0, 0), t.out = at(&t.pool, true, PLANES, 0, 0);
    t.x = floats(t.in), t.dx = floats(t.in), t.y = floats(t.out), t.dy = floats(t.out);
    t.place = calloc(t.out, sizeof *t.place);
    ck_assert_ptr_nonnull(t.place);
    for (size_t i = 0; i < t.in; i++)
        t.x[i] = (int64_t)i % t.pool.pitch < channels ? some_value(&seed, wild) : 0;
    for (size_t i = 0; i < t.out; i++)
        t.dy[i] = (int64_t)i % t.pool.pitch < channels ? (float)(draw(&seed) % 15) - 7.0f : 0;
    reference(&t);
    for (int type = PH_CUDA_FLOAT; type <= PH_CUDA_BFLOAT; type++)
        for (int add = 0; add < 2; add++)
            on_the_card((ph_cuda_type)type, &t, add);
    float *const memory[] = {t.x, t.y, t.dx, t.dy};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        free(memory[i]);
    free(t.place);
}

START_TEST(maxima)
{
    static const int shapes[][2] = {{3, 1}, {3, 2}, {2, 2}, {2, 1}}; /* the last one by the kernels for all windows */
    static const int sizes[][2] = {{1, 1}, {2, 3}, {5, 4}, {7, 9}, {6, 14}};
    static const int64_t channels[] = {3, 16, 72};
    uint32_t seed = 1;
    for (int pad = 0; pad < shapes[_i][0] * shapes[_i][0]; pad++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const int pads[2] = {pad / shapes[_i][0], pad % shapes[_i][0]};
            try_one(shapes[_i], sizes[s], pads, channels[seed % 3], seed % 2 == 0, seed);
            seed++;
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("maxima");
    TCase *tcase = tcase_create("maxima");
    tcase_add_checked_fixture(tcase, open_card, close_card);
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, maxima, 0, 4);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
