/* Target expressions: what they mean on a small graph, what is said about wrong ones, and 100000 random ones. */
#include "host/base/alloc.h"
#include "host/objective/target.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"
#include "tests/model/build_model.h"
#include "tests/objective/toy.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static toy net, bare; /* with and without Softmax */

static void set_up(void)
{
    toy_make(&net, true);
    toy_make(&bare, false);
    scratch_make();
}

static void tear_down(void)
{
    toy_free(&net);
    toy_free(&bare);
    scratch_delete();
}

static ph_status parse(const toy *on, const char *text, bool negative, ph_target **target, char notice[256],
                       ph_error *err)
{
    return ph_target_parse(on->graph, on->shapes, &on->preprocess, text, negative, target, notice, 256, err);
}

/* ---- Meaning ---------------------------------------------------------------------------------------------------- */

enum { LAYER = PH_UNIT_LAYER, CHANNEL = PH_UNIT_CHANNEL, WHOLE = -1, CENTRE = -2 };

/* One term each. y, x: WHOLE = everywhere, CENTRE = centre. */
static const struct {
    const char *text, *value;
    int kind;
    int64_t channel;
    double weight;
    int y, x;
} units[] = {
    {"mixed", "mixed_out", LAYER, -1, 1, WHOLE, WHOLE},
    {"mixed_out", "mixed_out", LAYER, -1, 1, WHOLE, WHOLE},
    {"  mixed  ", "mixed_out", LAYER, -1, 1, WHOLE, WHOLE},
    {"mixed:7", "mixed_out", CHANNEL, 7, 1, WHOLE, WHOLE},
    {"mixed:007", "mixed_out", CHANNEL, 7, 1, WHOLE, WHOLE},
    {"mixed:7@8,0", "mixed_out", CHANNEL, 7, 1, 8, 0},
    {"mixed:7@", "mixed_out", CHANNEL, 7, 1, CENTRE, CENTRE},
    {"2*mixed:7", "mixed_out", CHANNEL, 7, 2, WHOLE, WHOLE},
    {".5 * mixed:7 ", "mixed_out", CHANNEL, 7, .5, WHOLE, WHOLE},
    {"-1e-3*odd:3:7", "odd:3", CHANNEL, 7, -1e-3, WHOLE, WHOLE},
    {"-odd:3:7", "odd:3", CHANNEL, 7, -1, WHOLE, WHOLE},
    {"+mixed:7", "mixed_out", CHANNEL, 7, 1, WHOLE, WHOLE},
    {"#4:1", "mixed_out", CHANNEL, 1, 1, WHOLE, WHOLE},
    {"logits:5@0,0", "logits", CHANNEL, 5, 1, 0, 0},
    {"pool:1@", "pooled", CHANNEL, 1, 1, CENTRE, CENTRE},
    /* The longest prefix that names a layer wins; quotes force. */
    {"odd:3", "odd:3", LAYER, -1, 1, WHOLE, WHOLE},
    {"odd:3:3", "odd:3", CHANNEL, 3, 1, WHOLE, WHOLE},
    {"\"odd\":4", "odd:3", CHANNEL, 4, 1, WHOLE, WHOLE},
    {"odd:4", "odd:3", CHANNEL, 4, 1, WHOLE, WHOLE},
    {"odd-1", "odd-1:0", LAYER, -1, 1, WHOLE, WHOLE},
    {"odd-1:0", "odd-1:0", LAYER, -1, 1, WHOLE, WHOLE},
    {"odd-1:0:0", "odd-1:0", CHANNEL, 0, 1, WHOLE, WHOLE},
    {"'odd-1':0", "odd-1:0", CHANNEL, 0, 1, WHOLE, WHOLE},
    {"tw+x:2", "tw+x", CHANNEL, 2, 1, WHOLE, WHOLE},
    {"two words:2", "tw+x", CHANNEL, 2, 1, WHOLE, WHOLE},
    {"a/conv:1", "a_pre", CHANNEL, 1, 1, WHOLE, WHOLE},
    /* Classes */
    {"class:3", "logits", CHANNEL, 3, 1, WHOLE, WHOLE},
    {"prob:3", "probabilities", CHANNEL, 3, 1, WHOLE, WHOLE},
    {"-2*prob:3", "probabilities", CHANNEL, 3, -2, WHOLE, WHOLE},
    {"-class:3", "logits", CHANNEL, 3, -1, WHOLE, WHOLE},
    {"class:TENCH", "logits", CHANNEL, 0, 1, WHOLE, WHOLE},
    {"class:tinca tinca", "logits", CHANNEL, 0, 1, WHOLE, WHOLE},
    {"class:tench, tinca tinca ", "logits", CHANNEL, 0, 1, WHOLE, WHOLE},
    {"class:crane", "logits", CHANNEL, 1, 1, WHOLE, WHOLE},        /* a whole label before a synonym */
    {"class:gold", "logits", CHANNEL, 3, 1, WHOLE, WHOLE},         /* a part of one label */
    {"class:3-toed sloth", "logits", CHANNEL, 4, 1, WHOLE, WHOLE}, /* a longer label before the index 3 */
    {"class:\"ai\"", "logits", CHANNEL, 4, 1, WHOLE, WHOLE},
    {"class:jack-o'-lantern", "logits", CHANNEL, 5, 1, WHOLE, WHOLE},
    {"prob:lantern", "probabilities", CHANNEL, 5, 1, WHOLE, WHOLE},
};

START_TEST(test_units)
{
    char notice[256];
    ph_target *target = NULL;
    ph_error err = {0};
    const ph_status status = parse(&net, units[_i].text, false, &target, notice, &err);
    ck_assert_msg(status == PH_OK, "%s: %s", units[_i].text, err.message);
    ck_assert_str_eq(target->text, units[_i].text);
    ck_assert_int_eq(target->term_count, 1);
    const ph_term *term = target->terms;
    ck_assert_str_eq(net.graph->values[term->value].name, units[_i].value);
    ck_assert_int_eq((int)term->kind, units[_i].kind);
    ck_assert_int_eq(term->channel, units[_i].channel);
    ck_assert(term->weight == units[_i].weight);
    ck_assert_int_eq(term->everywhere, units[_i].y == WHOLE);
    ck_assert_int_eq(term->centre, units[_i].y == CENTRE);
    if (units[_i].y >= 0) {
        ck_assert_int_eq(term->y, units[_i].y);
        ck_assert_int_eq(term->x, units[_i].x);
    }
    ck_assert_str_eq(notice, "");
    ph_target_free(&target);
    ck_assert_ptr_null(target);
    ph_target_free(&target);
}
END_TEST

START_TEST(test_terms)
{
    char notice[256];
    ph_target *target = NULL;
    ck_assert_int_eq(parse(&net, "a/conv:1 + 2*b/conv:3@1,2-.5*class:tench+class:jack-o'-lantern - odd-1:0", false,
                           &target, notice, NULL),
                     PH_OK);
    static const double weight[5] = {1, 2, -.5, 1, -1};
    static const char *const value[5] = {"a_pre", "b_pre", "logits", "logits", "odd-1:0"};
    ck_assert_int_eq(target->term_count, 5);
    for (int i = 0; i < 5; i++) {
        ck_assert(target->terms[i].weight == weight[i]);
        ck_assert_str_eq(net.graph->values[target->terms[i].value].name, value[i]);
    }
    ck_assert_int_eq(target->terms[3].channel, 5);
    ph_target_free(&target);
    ck_assert_int_eq(parse(&net, "a/conv:1-2*b/conv:3", true, &target, notice, NULL), PH_OK);
    ck_assert(target->negative && target->terms[0].weight == -1 && target->terms[1].weight == 2);
    ph_target_free(&target);
}
END_TEST

/* A descending unit moves before its ReLU, through the concatenation to its branch, and says so; others stay. */
START_TEST(test_pre_activation)
{
    static const struct {
        const char *text;
        bool negative;
        const char *value;
        int64_t channel;
        const char *says; /* "" = no notice */
    } cases[] = {
        {"mixed:7", true, "b_pre", 3, "mixed_out:7"},
        {"-mixed:2", false, "a_pre", 2, "'a_pre:2'"},
        {"-mixed:2", true, "mixed_out", 2, ""},
        {"-2*a/relu:1@", false, "a_pre", 1, "a_pre:1"},
        {"a/conv:1", true, "a_pre", 1, ""},
        {"odd:3:7", true, "odd:3", 7, ""},
        {"a/relu", true, "a_out", -1, ""},
        {"a/relu:rand(1)", true, "a_pre", -1, "'a_pre'"},
        {"mixed:rand(1)", true, "mixed_out", -1, ""},
    };
    char notice[256];
    ph_target *target = NULL;
    ck_assert_int_eq(parse(&net, cases[_i].text, cases[_i].negative, &target, notice, NULL), PH_OK);
    ck_assert_str_eq(net.graph->values[target->terms[0].value].name, cases[_i].value);
    ck_assert_int_eq(target->terms[0].channel, cases[_i].channel);
    ck_assert_msg(*cases[_i].says ? strstr(notice, cases[_i].says) != NULL : *notice == '\0', "%s", notice);
    ph_target_free(&target);
}
END_TEST

START_TEST(test_directions)
{
    char notice[256], text[1100];
    ph_target *target = NULL;
    const char *path = scratch_path("a (1).txt");
    scratch_write(path, "1 2 3 4", 7);
    snprintf(text, sizeof text, "a/conv:dir(%s)@2,3 + 3*a/conv:dir(\"%s\") - a/conv:rand(5)@", path, path);
    ck_assert_int_eq(parse(&net, text, false, &target, notice, NULL), PH_OK);
    ck_assert_int_eq(target->term_count, 3);
    double norm = 0;
    for (int t = 0; t < 3; t++) {
        const ph_term *term = &target->terms[t];
        ck_assert_int_eq((int)term->kind, PH_UNIT_DIRECTION);
        ck_assert_int_eq(term->direction_length, 4);
        for (int i = 0; i < 4; i++)
            ck_assert(t == 2 || term->direction[i] == (float)(i + 1));
    }
    for (int i = 0; i < 4; i++)
        norm += (double)target->terms[2].direction[i] * (double)target->terms[2].direction[i];
    ck_assert(fabs(norm - 1) <= 1e-6); /* four floats rounded */
    ck_assert(!target->terms[0].everywhere && target->terms[0].y == 2 && target->terms[0].x == 3);
    ck_assert(target->terms[1].everywhere && target->terms[2].centre);
    ph_target_free(&target);
}
END_TEST

/* ---- What is said about wrong ones ------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    ph_status status;
    const char *says[2];
} wrong[] = {
    {"", PH_MISUSE, {"missing", "end"}},
    {"   ", PH_MISUSE, {"missing", "end"}},
    {"mixed:1 +", PH_MISUSE, {"missing", "end"}},
    {"mixed:1 mixed:2", PH_MISUSE, {"'+' or '-'", "mixed:2"}},
    {"mixed:1 + + mixed:2", PH_MISUSE, {"+ mixed:2", "missing"}},
    {"nothing:3", PH_MISUSE, {"'nothing'", ""}},
    {"conv:1", PH_MISUSE, {"'conv'", "a/conv"}},
    {"mixed:10", PH_MISUSE, {"0..9", "10"}},
    {"mixed:99999999999999999999", PH_MISUSE, {"0..9", "9999"}},
    {"mixed:-1", PH_MISUSE, {"0..9", "-1"}},
    {"mixed:", PH_MISUSE, {"0..9", "rand(SEED)"}},
    {"mixed:1.5", PH_MISUSE, {"0..9", "1.5"}},
    {"mixed:1x", PH_MISUSE, {"0..9", "1x"}},
    {"mixed:1@9,0", PH_MISUSE, {"@8,7", "@9,0"}},
    {"mixed:1@0,8", PH_MISUSE, {"@8,7", "@0,8"}},
    {"mixed:1@3", PH_MISUSE, {"@Y,X", "@3"}},
    {"mixed:1@-1,2", PH_MISUSE, {"'1,2'", ""}},
    {"mixed:1@1,", PH_MISUSE, {"@Y,X", ""}},
    {"mixed@1,2", PH_MISUSE, {"mixed_out:CHANNEL@1,2", ""}},
    {"logits:1@0,1", PH_MISUSE, {"@0,0", "@0,1"}},
    {"1e31*mixed:1", PH_MISUSE, {"1e31", "1e30"}},
    {"nan*mixed:1", PH_MISUSE, {"nan", ""}},
    {"1..2*mixed:1", PH_MISUSE, {"1..2", "not a number"}},
    {"mixed:rand(x)", PH_MISUSE, {"rand(SEED)", "x)"}},
    {"mixed:rand(1", PH_MISUSE, {"rand(SEED)", ""}},
    {"mixed:rand(-1)", PH_MISUSE, {"rand(SEED)", ""}},
    {"mixed:dir()", PH_MISUSE, {"dir(FILE)", ""}},
    {"mixed:dir(abc", PH_MISUSE, {"dir(FILE)", "abc"}},
    {"mixed:dir(/no/such.npy)", PH_IO, {"/no/such.npy", ""}},
    {"\"mixed:1", PH_MISUSE, {"closing \"", ""}},
    {"\"nothing\":1", PH_MISUSE, {"nothing", ""}},
    {"class:6", PH_MISUSE, {"0..5", "6"}},
    {"class:", PH_MISUSE, {"no class", ""}},
    {"class:tensh", PH_MISUSE, {"0 'tench", "tensh"}},
    {"class:n", PH_MISUSE, {"classes fit", "give the index"}},
    {"x:1", PH_MISUSE, {"'x'", ""}},
    {"wa", PH_MISUSE, {"'wa'", ""}},
};

START_TEST(test_wrong)
{
    char notice[256];
    ph_target *target = NULL;
    ph_error err = {0};
    ck_assert_msg(parse(&net, wrong[_i].text, false, &target, notice, &err) == wrong[_i].status, "%s: %d %s",
                  wrong[_i].text, (int)err.status, err.message);
    ck_assert_ptr_null(target);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(strstr(err.message, wrong[_i].says[i]), "%s: %s", wrong[_i].text, err.message);
}
END_TEST

START_TEST(test_wrong_network)
{
    char notice[256];
    ph_target *target = NULL;
    ph_error err = {0};
    ck_assert_int_eq(parse(&bare, "prob:1", false, &target, notice, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "class:"));
    ck_assert_int_eq(parse(&bare, "class:1", false, &target, notice, &err), PH_OK);
    ph_target_free(&target);
    ck_assert_int_eq(ph_target_parse(net.graph, net.shapes, NULL, "class:crane", false, &target, notice, 256, &err),
                     PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "--labels"));
    const int mixed = value_named(net.graph, "mixed_out");
    static const ph_shape shapes[] = {
        {-1, {0}}, {1, {10}}, {5, {1, 2, 3, 4, 5}}, {4, {2, 10, 9, 8}}, {4, {1, 10, 0, 8}}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        net.shapes[mixed] = shapes[i];
        ck_assert_int_eq(parse(&net, "mixed:0", false, &target, notice, &err), PH_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(err.message, "mixed_out"));
    }
    net.shapes[mixed] = (ph_shape){3, {1, 10, 9}};
    ck_assert_int_eq(parse(&net, "mixed:0@0,8", false, &target, notice, &err), PH_OK);
    ph_target_free(&target);
    ck_assert_int_eq(parse(&net, "mixed:0@1,0", false, &target, notice, &err), PH_MISUSE);
}
END_TEST

START_TEST(test_direction_length)
{
    char notice[256], text[1100];
    ph_target *target = NULL;
    ph_error err = {0};
    const char *path = scratch_path("three.txt");
    scratch_write(path, "1,2,3\n", 6);
    snprintf(text, sizeof text, "a/conv:dir(%s)", path);
    ck_assert_int_eq(parse(&net, text, false, &target, notice, &err), PH_FORMAT);
    ck_assert(strstr(err.message, "3 numbers") && strstr(err.message, "4 channels"));
}
END_TEST

/* ---- Hostile text ----------------------------------------------------------------------------------------------- */

START_TEST(test_long)
{
    enum { LONG = 20000 };
    static const char *const pieces[] = {"(", "mixed:1+",  "class:", ":",    "-", "\"",
                                         "9", "a/conv:1@", "@",      "\xff", " ", "*"};
    char *text = calloc(LONG + 1, 1), notice[256];
    ck_assert_ptr_nonnull(text);
    for (int allowed = 0; allowed < 2; allowed++) {
        const size_t length = allowed ? 16000 : LONG, piece = strlen(pieces[_i]);
        for (size_t i = 0; i < length; i++)
            text[i] = pieces[_i][i % piece];
        text[length] = '\0';
        ph_target *target = NULL;
        ph_error err = {0};
        ck_assert_int_eq(parse(&net, text, false, &target, notice, &err), PH_MISUSE);
        ck_assert_ptr_null(target);
    }
    free(text);
}
END_TEST

/* Random strings of grammar pieces and of any bytes: a target or a message, nothing else. Fixed seed. */
START_TEST(test_random)
{
    static const char *const pieces[] = {"mixed",  "odd",   "a/conv", "conv",  "logits", ":",    ":",    "@",
                                         ",",      "+",     "-",      "*",     "0",      "1",    "7",    "12",
                                         "class:", "prob:", "crane",  "tench", "\"",     "'",    " ",    "1e9",
                                         "rand(",  "dir(",  ")",      "#3",    ".5",     "-1:0", "tw+x", "\xc3\xa4"};
    enum { STRINGS = 100000, PIECES = sizeof pieces / sizeof pieces[0] };
    uint64_t random = 88172645463325252u;
    int parsed = 0, bad = 0;
    for (int n = 0; n < STRINGS; n++) {
        char text[128] = "", notice[256];
        size_t length = 0;
        random ^= random << 13, random ^= random >> 7, random ^= random << 17; /* xorshift64, Marsaglia 2003 */
        const int count = (int)(random % 9);
        for (int i = 0; i < count; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            if (n % 3 == 2) {
                text[length++] = (char)(1 + (random >> 20) % 255);
                continue;
            }
            const char *piece = pieces[(random >> 20) % PIECES];
            memcpy(text + length, piece, strlen(piece));
            length += strlen(piece);
        }
        ph_target *target = NULL;
        ph_error err = {0};
        const ph_status status = parse(&net, text, n % 2, &target, notice, &err);
        parsed += status == PH_OK;
        bad += status == PH_OK ? !target || target->term_count < 1 || err.message[0] : target || !err.message[0];
        for (int t = 0; target && t < target->term_count; t++)
            bad += !isfinite((float)target->terms[t].weight) || target->terms[t].channel >= 10;
        ph_target_free(&target);
    }
    ck_assert_int_eq(bad, 0);
    ck_assert_int_gt(parsed, STRINGS / 200); /* enough get through for the test to mean something */
    ck_assert_int_lt(parsed, STRINGS / 2);
}
END_TEST

/* ---- Failing allocations ---------------------------------------------------------------------------------------- */

START_TEST(test_allocations)
{
    char notice[256], text[1100];
    scratch_write(scratch_path("v"), "1 2 3 4", 7);
    snprintf(text, sizeof text,
             "2*odd:3:1 - mixed:7 + a/conv:dir(%s) - a/relu:rand(3) + class:gold + prob:1 + a/conv + b/conv + pool:1",
             scratch_path("v"));
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        ph_target *target = NULL;
        ph_error err = {0};
        fail_alloc_at(n);
        const ph_status status = parse(&net, text, false, &target, notice, &err);
        hit = fail_alloc_stop();
        ck_assert_msg(status == (hit ? PH_NO_MEMORY : PH_OK), "allocation %ld: %s", n, err.message);
        ck_assert((target != NULL) == !hit);
        ph_target_free(&target);
    }
    ck_assert_int_gt(n, 15);
    for (hit = true, n = 1; hit; n++) { /* the lists in messages, too */
        ph_target *target = NULL;
        fail_alloc_at(n);
        const ph_status status = parse(&net, "class:n", false, &target, notice, NULL);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_MISUSE);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target");
    TCase *tcase = tcase_create("target");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 100);
    tcase_add_loop_test(tcase, test_units, 0, (int)(sizeof units / sizeof units[0]));
    tcase_add_test(tcase, test_terms);
    tcase_add_loop_test(tcase, test_pre_activation, 0, 9);
    tcase_add_test(tcase, test_directions);
    tcase_add_loop_test(tcase, test_wrong, 0, (int)(sizeof wrong / sizeof wrong[0]));
    tcase_add_test(tcase, test_wrong_network);
    tcase_add_test(tcase, test_direction_length);
    tcase_add_loop_test(tcase, test_long, 0, 12);
    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_allocations);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
