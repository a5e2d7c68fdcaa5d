/* Whole real networks: activations and input gradients of a photograph against those of an independent float64
 * implementation. */
#include "reference.h"
#include "run_net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name, *model;
    int least_gradients; /* how many gradients are recorded at least */
    bool folded;         /* BatchNorms are folded into weights, which are float: not double throughout even on ref */
} networks[] = {
    {"squeezenet_v1.1", "../shared/models/squeezenet/squeezenet_v1.1.onnx", 2, false},
    {"mobilenet_v1_trunc", "../shared/models/mobilenet/mobilenet_v1_trunc.onnx", 2, true},
    {"bvlc_googlenet", "../shared/models/googlenet/bvlc_googlenet.onnx", 2, false},
    {"inceptionv1_caffe2", "../shared/models/inceptionv1/inceptionv1_caffe2.onnx", 4, false},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

static int present[NETWORKS], present_count; /* those whose files are here */

/* Some 60 layers of sums of up to 5000 terms in float: onnxruntime's own distance is up to 1.1e-5. */
static const double activation_tolerance = 1e-4;
/* Double against double, both rounded to float once. */
static const double double_tolerance = 1e-6;
/* In float, one or two of some million ReLUs come to lie on the other side of their kink than in double, and every one
 * of them moves the gradient by a step: changing all weights by up to one unit in the last place gave distances of
 * 2e-7 when none, and 5e-4 to 1.1e-2 when some did. What float costs where nothing flips, test_backends.c measures. */
static const double flip_tolerance = 2e-2;

/* In lower precision more of them flip, and the deeper the network the more; what stays is the direction, more or less.
 * Measured on an H200: gradients of the three networks, in tf32 0.979 to 0.999, fp16 0.941 to 0.999, bf16 0.61 to
 * 0.985, the lowest always that of the network with ReLU6; activations above 0.999. */
static const double least_cosine = 0.99, fast_cosine = 0.9, fast_cosine_bf16 = 0.5;

typedef struct distance {
    double l2, max; /* relative to the L2 norm and to the largest of what is expected */
    double cosine;
} distance;

/* What is allowed. */
typedef struct bounds {
    double activation, gradient; /* as distance.l2; infinite: no bound */
    double cosine;               /* of gradients; activations: least_cosine */
} bounds;

static distance measure(const float *got, const float *want, int64_t count)
{
    double error2 = 0, norm2 = 0, error = 0, largest = 0, dot = 0, got2 = 0;
    for (int64_t i = 0; i < count; i++) {
        const double e = isfinite(got[i]) ? (double)got[i] - (double)want[i] : (double)INFINITY;
        error2 += e * e;
        norm2 += (double)want[i] * (double)want[i];
        got2 += (double)got[i] * (double)got[i];
        dot += (double)got[i] * (double)want[i];
        error = fmax(error, fabs(e));
        largest = fmax(largest, fabs((double)want[i]));
    }
    ck_assert_msg(norm2 > 0, "all expected values are zero");
    return (distance){sqrt(error2 / norm2), error / largest, dot / sqrt(norm2 * got2)};
}

/* Where output o lies in the flat form. */
static int64_t offset_of(const ph_net *net, int output)
{
    int64_t offset = 0;
    for (int o = 0; o < output; o++)
        offset += ph_shape_count(&net->tensors[net->outputs[o]].shape);
    return offset;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(cJSON_IsNumber(item), "no number '%s' in the description", key);
    return item->valuedouble;
}

static void check(const ops_reference *r, const ops_session *s, const char *what, const char *name, distance d,
                  double l2, double max, double cosine)
{
    printf("%s, %s: %s %s %s: relative error L2 %.2g, max %.2g, cosine %.5f\n", s->backend->name, s->precision, r->name,
           what, name, d.l2, d.max, d.cosine);
    ck_assert_msg(d.l2 <= l2 && d.max <= max && d.cosine >= cosine,
                  "%s, %s: %s %s '%s': L2 %.3g, max %.3g, cosine %.4f; allowed %.3g, %.3g, %.2f", s->backend->name,
                  s->precision, r->name, what, name, d.l2, d.max, d.cosine, l2, max, cosine);
}

/* Every tensor's norm and extremes; all values where they are recorded. */
static int check_activations(const ops_reference *r, const ops_session *s, const float *output, bounds allowed)
{
    int compared = 0;
    const cJSON *section = cJSON_GetObjectItemCaseSensitive(r->description, "activations"), *entry;
    cJSON_ArrayForEach(entry, section)
    {
        const int o = ops_reference_output(r, entry->string);
        const float *got = output + offset_of(r->net, o);
        const int64_t count = ph_shape_count(&r->net->tensors[r->net->outputs[o]].shape);
        double norm2 = 0;
        for (int64_t i = 0; i < count; i++)
            norm2 += (double)got[i] * (double)got[i];
        const double want = number(entry, "l2"), error = fabs(sqrt(norm2) - want) / want;
        ck_assert_msg(error <= allowed.activation, "%s: %s '%s' has norm %.9g, expected %.9g", s->backend->name,
                      r->name, entry->string, sqrt(norm2), want);
        int64_t recorded = 0;
        float *values = ops_reference_values(r, "act", entry->string, &recorded);
        if (!values)
            continue;
        ck_assert_int_eq(recorded, count);
        check(r, s, "activation", entry->string, measure(got, values, count), allowed.activation, allowed.activation,
              least_cosine);
        free(values);
        compared++;
    }
    return compared;
}

/* The gradient fed in for an objective: 1/positions at each position of the channel (a logit has one position). */
static void seed(const ops_reference *r, const char *key, float *output_gradient)
{
    const int o = ops_reference_output(r, key);
    const ph_shape *shape = &r->net->tensors[r->net->outputs[o]].shape;
    const int64_t channel = strtoll(strrchr(key, ':') + 1, NULL, 10);
    const int64_t positions = ph_shape_count(shape) / (shape->dim[0] * shape->dim[1]);
    ck_assert_int_lt(channel, shape->dim[1]);
    for (int64_t i = 0; i < positions; i++)
        output_gradient[offset_of(r->net, o) + channel * positions + i] = 1.0F / (float)positions;
}

static int check_gradients(const ops_reference *r, ops_session *s, float *output, bounds allowed)
{
    int compared = 0;
    float *gradient = ops_floats(s->input_count);
    const cJSON *section = cJSON_GetObjectItemCaseSensitive(r->description, "gradients"), *entry;
    cJSON_ArrayForEach(entry, section)
    {
        int64_t recorded = 0;
        float *values = ops_reference_values(r, "grad", entry->string, &recorded);
        ck_assert_msg(values != NULL, "%s: no file for gradient '%s'", r->name, entry->string);
        ck_assert_int_eq(recorded, s->input_count);
        float *output_gradient = ops_floats(s->output_count);
        seed(r, entry->string, output_gradient);
        ops_forward(s, r->input, output);
        ops_backward(s, PH_RELU_NORMAL, output_gradient, gradient);
        check(r, s, "gradient", entry->string, measure(gradient, values, recorded), allowed.gradient,
              5 * allowed.gradient, allowed.cosine);
        free(values), free(output_gradient);
        compared++;
    }
    free(gradient);
    return compared;
}

static void check_network(const test_setup *setup, int which, bounds allowed)
{
    ops_reference r = ops_reference_open(networks[which].name, networks[which].model);
    ops_session s = ops_open(setup, 0, r.net, 1, networks[which].name);
    float *output = ops_floats(s.output_count);
    ops_forward(&s, r.input, output);
    ck_assert_int_ge(check_activations(&r, &s, output, allowed), 2);
    ck_assert_int_ge(check_gradients(&r, &s, output, allowed), networks[which].least_gradients);
    free(output);
    ops_close(&s);
    ops_reference_close(&r);
}

START_TEST(network)
{
    const test_setup *setup = test_setup_of(TEST_ALL, _i, present_count);
    const int which = present[_i % present_count];
    const bool in_double = strcmp(setup->backend->name, "ref") == 0 && !networks[which].folded;
    check_network(setup, which,
                  (bounds){activation_tolerance, in_double ? double_tolerance : flip_tolerance, least_cosine});
}
END_TEST

START_TEST(network_fast)
{
    const test_setup *setup = test_setup_of(TEST_FAST, _i, present_count);
    const double cosine = setup->precision == PH_PRECISION_BF16 ? fast_cosine_bf16 : fast_cosine;
    check_network(setup, present[_i % present_count], (bounds){INFINITY, INFINITY, cosine});
}
END_TEST

int main(void)
{
    struct stat info;
    if (stat(OPS_REFERENCES, &info) != 0) {
        printf("SKIP: " OPS_REFERENCES " is not there\n");
        return 77;
    }
    test_backends_find();
    for (int i = 0; i < NETWORKS; i++)
        if (stat(networks[i].model, &info) == 0)
            present[present_count++] = i;
        else
            printf("SKIP: %s is not there\n", networks[i].model);
    Suite *suite = suite_create("reference");
    TCase *all = tcase_create("networks");
    tcase_set_timeout(all, 600);
    test_backends_add(all, network, TEST_ALL, present_count);
    test_backends_add(all, network_fast, TEST_FAST, present_count);
    suite_add_tcase(suite, all);
    return test_backends_run(suite);
}
