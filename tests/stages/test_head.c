/* Objectives: their sums, values and seeds, each against the formula; seeds against differences of the value too. */
#include "stages.h"

enum { PICTURES = 3, CHANNELS = 5, VECTORS = 2, TERMS = 5 };

static const int position_counts[] = {1, 7, 8, 35, 203};
enum { COUNTS = sizeof position_counts / sizeof *position_counts };

/* Every kind, positions and averages, several per picture, unused slots between. */
static void make_terms(ph_head_term terms[PICTURES * TERMS], int positions)
{
    const int last = positions - 1, middle = positions / 2;
    const ph_head_term all[PICTURES * TERMS] = {
        {PH_HEAD_CHANNEL, 2, 0, -1, 1.5f},     {PH_HEAD_NONE, 0, 0, 0, 9},         {PH_HEAD_CHANNEL, 0, 0, last, -2},
        {PH_HEAD_SQUARE, 0, 0, -1, 0.5f},      {PH_HEAD_CHANNEL, 2, 0, middle, 1}, {PH_HEAD_DIRECTION, 0, 1, -1, 2},
        {PH_HEAD_DIRECTION, 0, 0, middle, -1}, {PH_HEAD_NONE, 3, 0, -1, 5},        {PH_HEAD_SQUARE, 0, 0, -1, -1},
        {PH_HEAD_SQUARE, 0, 0, 0, 0.25f},      {PH_HEAD_CHANNEL, 4, 0, -1, -1},    {PH_HEAD_NONE, 0, 0, -1, 1},
        {PH_HEAD_NONE, 0, 0, -1, 1},           {PH_HEAD_NONE, 0, 0, -1, 1},        {PH_HEAD_NONE, 0, 0, -1, 1},
    };
    for (int i = 0; i < PICTURES * TERMS; i++)
        terms[i] = all[i];
}

/* What a term is worth, in double, by its definition in head.h. */
static double term_value(const ph_head_term *t, const double *a, const float *vectors, int positions)
{
    double sum = 0;
    for (int c = 0; c < CHANNELS; c++)
        for (int p = 0; p < positions; p++) {
            const double x = a[c * positions + p];
            const double share = t->position < 0 ? 1.0 / positions : t->position == p;
            if (t->kind == PH_HEAD_CHANNEL && c == t->channel)
                sum += share * x;
            if (t->kind == PH_HEAD_DIRECTION)
                sum += share * x * (double)vectors[t->vector * CHANNELS + c];
            if (t->kind == PH_HEAD_SQUARE)
                sum += x * x / ((double)CHANNELS * positions);
        }
    return (double)t->weight * sum;
}

static double value_of(const ph_head_term *terms, const double *a, const float *vectors, int positions)
{
    double sum = 0;
    for (int t = 0; t < TERMS; t++)
        sum += term_value(&terms[t], a, vectors, positions);
    return sum;
}

/* Exact sums in double but for the order: 203 additions of 2^-53. */
START_TEST(channels_are_summed)
{
    const int n = position_counts[_i];
    float *a = stages_random(1, PICTURES * CHANNELS * n, -3, 3);
    double sums[PICTURES * CHANNELS * 2];
    RUN(head_channels, 2, PICTURES * CHANNELS, {a, sums, CHANNELS, n});
    for (int i = 0; i < PICTURES * CHANNELS; i++) {
        double sum = 0, squares = 0;
        for (int p = 0; p < n; p++) {
            const double x = (double)a[i * n + p];
            sum += x;
            squares += x * x;
        }
        stages_equal("sum", sums[2 * i], sum, 1e-12);
        stages_equal("squares", sums[2 * i + 1], squares, 1e-12);
    }
    stages_free(a);
}
END_TEST

/* In double, rounded once to float; adding to what is there rounds what is there. */
START_TEST(value_is_the_formula)
{
    const int n = position_counts[_i], per_picture = CHANNELS * n;
    float *a = stages_random(2, PICTURES * per_picture, -3, 3), *vectors = stages_random(3, VECTORS * CHANNELS, -1, 1);
    float *objective = stages_output(PICTURES);
    double sums[PICTURES * CHANNELS * 2], *exact = stages_doubles(PICTURES * per_picture), want[PICTURES];
    ph_head_term terms[PICTURES * TERMS];
    make_terms(terms, n);
    for (int i = 0; i < PICTURES * per_picture; i++)
        exact[i] = (double)a[i];
    RUN(head_channels, 1, PICTURES * CHANNELS, {a, sums, CHANNELS, n});
    RUN(head_value, 1, PICTURES, {a, sums, terms, vectors, objective, CHANNELS, n, TERMS, 0});
    for (int b = 0; b < PICTURES; b++)
        want[b] = value_of(terms + b * TERMS, exact + b * per_picture, vectors, n);
    stages_near("value", objective, want, PICTURES, 1e-12, 6e-8);
    RUN(head_value, 1, PICTURES, {a, sums, terms, vectors, objective, CHANNELS, n, TERMS, 1});
    for (int b = 0; b < PICTURES; b++)
        want[b] *= 2;
    stages_near("accumulated", objective, want, PICTURES, 1e-12, 1.2e-7);
    free(exact);
    stages_free(a);
    stages_free(vectors);
    stages_free(objective);
}
END_TEST

/* Against central differences of the formula, which is quadratic: they are exact but for rounding, 1e-16 x value / h.
 * The seed itself is some ten float operations on numbers up to 4. */
START_TEST(seed_is_the_derivative)
{
    const int n = position_counts[_i], per_picture = CHANNELS * n;
    float *a = stages_random(4, PICTURES * per_picture, -3, 3), *vectors = stages_random(5, VECTORS * CHANNELS, -1, 1);
    float *seed = stages_output(PICTURES * per_picture);
    double *exact = stages_doubles(PICTURES * per_picture), *want = stages_doubles(PICTURES * per_picture);
    ph_head_term terms[PICTURES * TERMS];
    make_terms(terms, n);
    RUN(head_seed, 2, PICTURES * per_picture, {a, terms, vectors, seed, CHANNELS, n, TERMS});
    for (int i = 0; i < PICTURES * per_picture; i++)
        exact[i] = (double)a[i];
    for (int i = 0; i < PICTURES * per_picture; i++) {
        const int b = i / per_picture;
        const double h = 1e-3, here = exact[i];
        exact[i] = here + h;
        const double high = value_of(terms + b * TERMS, exact + b * per_picture, vectors, n);
        exact[i] = here - h;
        const double low = value_of(terms + b * TERMS, exact + b * per_picture, vectors, n);
        exact[i] = here;
        want[i] = (high - low) / (2 * h);
    }
    stages_near("seed", seed, want, PICTURES * per_picture, 2e-6, 0);
    free(exact);
    free(want);
    stages_free(a);
    stages_free(vectors);
    stages_free(seed);
}
END_TEST

START_TEST(course_is_recorded)
{
    enum { STEPS = 4 };
    float *course = stages_output(PICTURES * STEPS), objective[PICTURES];
    ph_step_state state = {0};
    for (state.step = 0; state.step < STEPS + 2; state.step++) { /* two too many: they must go nowhere */
        for (int b = 0; b < PICTURES; b++)
            objective[b] = (float)(10 * b + state.step);
        RUN(record, 1, PICTURES, {&state, objective, course, STEPS});
    }
    for (int i = 0; i < PICTURES * STEPS; i++)
        ck_assert(course[i] == (float)(i / STEPS * 10 + i % STEPS));
    stages_free(course);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, channels_are_summed, 0, COUNTS);
    tcase_add_loop_test(tcase, value_is_the_formula, 0, COUNTS);
    tcase_add_loop_test(tcase, seed_is_the_derivative, 0, COUNTS);
    tcase_add_test(tcase, course_is_recorded);
}

int main(void)
{
    return stages_main("head", add);
}
