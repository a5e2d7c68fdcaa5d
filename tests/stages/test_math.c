/* ph_exp against exp in double. */

#include "kernels/element/ph_math.h"
#include "stages.h"

static double ulp_of(double x)
{
    int exponent;
    frexp(x, &exponent);
    return ldexp(1, exponent - 24);
}

/* Every 1009th float of both signs over the whole interval, and its neighbour: the error bound and monotony that the
 * header states (all of them were tried once; the stride is prime, so all exponents and low bits take part). */
START_TEST(exp_is_near_and_monotone)
{
    const float ends[2] = {88.0f, -87.0f};
    const float end = ends[_i];
    double worst = 0;
    for (uint32_t bits = ph_bits_of_float(copysignf(0, end)); bits < ph_bits_of_float(end); bits += 1009) {
        const float x = ph_float_of_bits(bits), next = ph_float_of_bits(bits + 1);
        const double want = exp((double)x);
        const double error = fabs((double)ph_exp(x) - want) / ulp_of(want);
        ck_assert_msg(error <= 1.03, "ph_exp(%a) = %a, off by %g ulp", x, ph_exp(x), error);
        ck_assert_msg(next >= x ? ph_exp(next) >= ph_exp(x) : ph_exp(next) <= ph_exp(x), "not monotone at %a", x);
        worst = error > worst ? error : worst;
    }
    ck_assert_double_gt(worst, 0.4); /* something was measured: no float function is exact */
}
END_TEST

START_TEST(exp_at_the_ends)
{
    ck_assert(ph_exp(0.0f) == 1.0f);
    ck_assert(ph_exp(-0.0f) == 1.0f);
    ck_assert(ph_exp(1e30f) == ph_exp(88.0f));
    ck_assert(ph_exp(INFINITY) == ph_exp(88.0f));
    ck_assert(ph_exp(-INFINITY) == ph_exp(-87.0f));
    ck_assert(isnormal(ph_exp(-INFINITY)));
    ck_assert(isfinite(ph_exp(INFINITY)));
    ck_assert(isnan(ph_exp(NAN)));
}
END_TEST

/* exp, the sum and the quotient are each within about an ulp: 3 x 2^-23 in relative terms. Far left, where e^-x is cut
 * off, the value stays positive and below 1e-38. */
START_TEST(sigmoid_is_near)
{
    for (int i = -8000; i <= 8000; i++) {
        const float x = (float)i * 0.01f;
        const double want = 1 / (1 + exp(-(double)x));
        stages_equal("sigmoid", (double)ph_sigmoid(x), want, 3.6e-7 * want);
    }
    ck_assert(ph_sigmoid(0.0f) == 0.5f);
    ck_assert(ph_sigmoid(INFINITY) == 1.0f);
    ck_assert(ph_sigmoid(-INFINITY) > 0.0f && ph_sigmoid(-INFINITY) < 1e-38f);
    ck_assert(isnan(ph_sigmoid(NAN)));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, exp_is_near_and_monotone, 0, 2);
    tcase_add_test(tcase, exp_at_the_ends);
    tcase_add_test(tcase, sigmoid_is_near);
}

int main(void)
{
    return stages_main("math", add);
}
