/* Norms and ascent rules against their formulas in double, over many steps. */
#include "stages.h"

enum { STEPS = 50 };

/* pictures, length: below, at and above a chunk. */
static const int lengths[][2] = {{1, 1}, {3, 5}, {2, PH_CHUNK}, {3, PH_CHUNK + 1}, {1, 5 * PH_CHUNK - 3}};

START_TEST(norm_is_the_formula)
{
    const int pictures = lengths[_i][0], length = lengths[_i][1], chunks = (length + PH_CHUNK - 1) / PH_CHUNK;
    float *x = stages_random(1, pictures * length, -1, 2), *norm = stages_output(pictures);
    double *sums = stages_doubles(pictures * chunks), want[3];
    RUN(square_sums, 2, pictures * chunks, {x, sums, length, chunks, 0.5f});
    RUN(norm, 1, pictures, {sums, norm, chunks, 0.25f});
    for (int b = 0; b < pictures; b++) {
        double sum = 0.25;
        for (int i = 0; i < length; i++)
            sum += ((double)x[b * length + i] - 0.5) * ((double)x[b * length + i] - 0.5);
        want[b] = sqrt(sum);
    }
    stages_near("norm", norm, want, pictures, 0, 6.1e-8); /* in double, rounded once */
    free(sums);
    stages_free(x);
    stages_free(norm);
}
END_TEST

START_TEST(ascent_is_the_formula)
{
    enum { LENGTH = 37, PICTURES = 3 };
    const ph_step_state state = {.lr = 0.3f};
    float *x = stages_random(2, PICTURES * LENGTH, -1, 1), *g = stages_random(3, PICTURES * LENGTH, -1, 1);
    const float norms[PICTURES] = {2.5f, 0, 1e-3f};
    double want[PICTURES * LENGTH];
    for (int i = 0; i < PICTURES * LENGTH; i++) {
        const double norm = (double)norms[i / LENGTH];
        want[i] = (double)x[i] + (norm > 0 ? (double)state.lr * (double)g[i] / norm : 0);
    }
    RUN(ascent, 2, PICTURES * LENGTH, {&state, x, g, norms, LENGTH});
    stages_near("ascent", x, want, PICTURES * LENGTH, 6e-8, 2.4e-7); /* four roundings */
    stages_free(x);
    stages_free(g);
}
END_TEST

/* Adam in double, on `count` numbers; v is shared by `group` neighbours; `filter` may be NULL. */
typedef struct reference {
    int count, group;
    double *x, *m, *v;
    const double *filter; /* one per group, or NULL */
} reference;

static void reference_step(const reference *r, const float *g, const ph_step_state *s, double beta1, double beta2)
{
    for (int i = 0; i < r->count; i += r->group) {
        double square = 0;
        for (int k = 0; k < r->group; k++)
            square += (double)g[i + k] * (double)g[i + k] / r->group;
        double *v = &r->v[i / r->group];
        *v = beta2 * *v + (1 - beta2) * square;
        for (int k = 0; k < r->group; k++) {
            double *m = &r->m[i + k];
            *m = beta1 * *m + (1 - beta1) * (double)g[i + k];
            const double move =
                (*m / (1 - pow(beta1, s->step + 1))) / (sqrt(*v / (1 - pow(beta2, s->step + 1))) + (double)1e-8f);
            r->x[i + k] += (r->filter ? r->filter[i / r->group] : 1) * (double)s->lr * move;
        }
    }
}

static reference reference_new(const float *x, int count, int group)
{
    reference r = {count, group, stages_doubles(count), stages_doubles(count), stages_doubles(count), NULL};
    for (int i = 0; i < count; i++)
        r.x[i] = (double)x[i];
    return r;
}

static void reference_free(reference *r)
{
    free(r->x);
    free(r->m);
    free(r->v);
}

/* Gradients of very different sizes, zeros among them: Adam's steps must not depend on the size. */
static float *gradient_of(int step, int count)
{
    float *g = stages_random(100 + (uint64_t)step, count, -1, 1);
    for (int i = 0; i < count; i++)
        g[i] *= i % 7 == 0 ? 0 : (float)pow(10, i % 5 * 2 - 5);
    return g;
}

/* Per step: x of size 1 is rounded once (6e-8), a move of at most 0.05 carries a dozen roundings (0.05 x 7e-7); 50
 * steps of both, all of one sign: 4.8e-6. (1 - beta is exact, the biases are computed in double.) */
static const double adam_tolerance = 4.8e-6;

START_TEST(adam_over_50_steps)
{
    enum { COUNT = 83 };
    float *x = stages_random(4, COUNT, -1, 1), *m = stages_output(COUNT), *v = stages_output(COUNT);
    for (int i = 0; i < COUNT; i++)
        m[i] = v[i] = 0;
    reference r = reference_new(x, COUNT, 1);
    ph_step_state state = {0};
    for (int t = 0; t < STEPS; t++) {
        float *g = gradient_of(t, COUNT);
        RUN(schedule, 1, 1, {&state, STEPS, 0, 0.05f, 0.9f, 0.999f, 0, 0});
        RUN(adam, 2, COUNT, {&state, x, g, m, v, 0.9f, 0.999f, 1e-8f});
        reference_step(&r, g, &state, (double)0.9f, (double)0.999f);
        RUN(advance, 1, 1, {&state});
        stages_free(g);
    }
    stages_near("adam", x, r.x, COUNT, adam_tolerance, 0);
    reference_free(&r);
    stages_free(x);
    stages_free(m);
    stages_free(v);
}
END_TEST

/* _i: bit 0 shared moment, bit 1 step filter. */
START_TEST(adam_complex_over_50_steps)
{
    enum { PLANES = 3, BINS = 41, COUNT = 2 * PLANES * BINS };
    const int shared = _i & 1;
    const float cutoff_from = _i & 2 ? 0.05f : 0;
    float *x = stages_random(5, COUNT, -1, 1), *m = stages_output(COUNT), *frequency = stages_random(6, BINS, 0, 0.7f);
    float *v = stages_output(shared ? COUNT / 2 : COUNT);
    for (int i = 0; i < COUNT; i++)
        m[i] = v[shared ? i / 2 : i] = 0;
    frequency[0] = 0;
    reference r = reference_new(x, COUNT, shared ? 2 : 1);
    double filter[COUNT];
    r.filter = filter;
    ph_step_state state = {0};
    for (int t = 0; t < STEPS; t++) {
        float *g = gradient_of(t, COUNT);
        RUN(schedule, 1, 1, {&state, STEPS, 1, 0.05f, 0.5f, 0.999f, cutoff_from, 2});
        RUN(adam_complex, 2, PLANES * BINS, {&state, x, g, m, v, frequency, BINS, 0.5f, 0.999f, 1e-8f, shared});
        for (int i = 0; i < COUNT / r.group; i++) {
            const double f = (double)frequency[i * r.group / 2 % BINS];
            filter[i] = _i & 2 ? 1 / (1 + pow(f / (double)state.cutoff, 4)) : 1;
        }
        reference_step(&r, g, &state, 0.5, (double)0.999f);
        RUN(advance, 1, 1, {&state});
        stages_free(g);
    }
    stages_near("adam_complex", x, r.x, COUNT, adam_tolerance, 0);
    reference_free(&r);
    stages_free(x);
    stages_free(m);
    stages_free(v);
    stages_free(frequency);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, norm_is_the_formula, 0, sizeof lengths / sizeof *lengths);
    tcase_add_test(tcase, ascent_is_the_formula);
    tcase_add_test(tcase, adam_over_50_steps);
    tcase_add_loop_test(tcase, adam_complex_over_50_steps, 0, 4);
}

int main(void)
{
    return stages_main("optimizer", add);
}
