/* The generator against the known answers of its authors (Random123, kat_vectors), and what is made of its numbers. */
#include "stages.h"

typedef struct answer {
    uint32_t counter[4], key[2], want[4];
} answer;

static const answer answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(known_answers)
{
    const answer *a = &answers[_i];
    const ph_random counter = {{a->counter[0], a->counter[1], a->counter[2], a->counter[3]}};
    const ph_random got = ph_philox_4x32(counter, a->key[0], a->key[1]);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(got.x[i], a->want[i]);
}
END_TEST

/* Every part of the key matters: changing any one changes all four numbers (each stays equal by chance once in 2^32).
 */
START_TEST(every_part_counts)
{
    const ph_random base = ph_philox(7, PH_PURPOSE_WARP, 3, 5);
    const ph_random others[] = {
        ph_philox(8, PH_PURPOSE_WARP, 3, 5),      ph_philox(7 + (1ull << 32), PH_PURPOSE_WARP, 3, 5),
        ph_philox(7, PH_PURPOSE_INIT, 3, 5),      ph_philox(7, PH_PURPOSE_WARP, 4, 5),
        ph_philox(7, PH_PURPOSE_WARP, 3, 6),      ph_philox(7, PH_PURPOSE_WARP, 3, 5 + (1ull << 32)),
        ph_philox(7, PH_PURPOSE_DIRECTION, 3, 5), ph_philox(7, PH_PURPOSE_REDRAW, 3, 5)};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        for (int i = 0; i < 4; i++)
            ck_assert_uint_ne(base.x[i], others[k].x[i]);
}
END_TEST

START_TEST(uniform_numbers)
{
    ck_assert(ph_random_uniform(0) == 0.0f);
    ck_assert(ph_random_uniform(~0u) < 1.0f);
    for (int n = 1; n < 40; n++) {
        ck_assert_int_eq(ph_random_below(0, n), 0);
        ck_assert_int_eq(ph_random_below(~0u, n), n - 1);
    }
    /* 13 values, 52000 draws: chi-square with 12 degrees of freedom exceeds 32.9 once in 1000 seeds; this seed is
     * fixed. */
    int counts[13] = {0};
    for (uint64_t i = 0; i < 13000; i++) {
        const ph_random random = ph_philox(11, PH_PURPOSE_INIT, 0, i);
        for (int l = 0; l < 4; l++)
            counts[ph_random_below(random.x[l], 13)]++;
    }
    double chi = 0;
    for (int k = 0; k < 13; k++)
        chi += (counts[k] - 4000.0) * (counts[k] - 4000.0) / 4000.0;
    ck_assert_double_lt(chi, 32.9);
}
END_TEST

/* 200000 numbers: the standard errors of the first four moments are 0.0022, 0.0032, 0.0087, 0.022; bounds are 4 of
 * them. */
START_TEST(normal_numbers)
{
    enum { N = 100000 };
    double sum[5] = {0}, product = 0, largest = 0;
    for (uint64_t i = 0; i < N; i++) {
        const ph_random random = ph_philox(5, PH_PURPOSE_INIT, 0, i);
        double z[2];
        ph_random_normal(random.x[0], random.x[1], z);
        product += z[0] * z[1];
        for (int l = 0; l < 2; l++) {
            largest = fabs(z[l]) > largest ? fabs(z[l]) : largest;
            for (int p = 1; p <= 4; p++)
                sum[p] += pow(z[l], p) / (2.0 * N);
        }
    }
    stages_equal("mean", sum[1], 0, 0.009);
    stages_equal("variance", sum[2], 1, 0.013);
    stages_equal("third moment", sum[3], 0, 0.035);
    stages_equal("fourth moment", sum[4], 3, 0.088);
    stages_equal("correlation", product / N, 0, 0.013);
    ck_assert_double_gt(largest, 4); /* 12.7 expected beyond 4 */
    double z[2];
    ph_random_normal(0, 0, z);
    stages_equal("the largest possible", z[0], sqrt(66 * log(2)), 1e-12);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, known_answers, 0, sizeof answers / sizeof *answers);
    tcase_add_test(tcase, every_part_counts);
    tcase_add_test(tcase, uniform_numbers);
    tcase_add_test(tcase, normal_numbers);
}

int main(void)
{
    return stages_main("random", add);
}
