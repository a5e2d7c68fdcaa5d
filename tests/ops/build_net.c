#include "build_net.h"
#include "build_op.h"
#include "host/base/alloc.h"

#include <check.h>
#include <string.h>

enum { MAX_TENSORS = 64, MAX_OPS = 64, MAX_OUTPUTS = 8 };

uint64_t ops_random(uint64_t *state)
{
    /* SplitMix64 (Steele, Lea, Flood 2014). */
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

double ops_uniform(uint64_t *state, double low, double high)
{
    return low + (high - low) * (double)(ops_random(state) >> 11) * 0x1p-53;
}

void ops_fill(float *out, int64_t count, ops_values values, bool distinct, uint64_t seed)
{
    uint64_t state = seed;
    for (int64_t i = 0; i < count; i++) {
        if (values == OPS_INTEGER)
            out[i] = (float)(int)(ops_random(&state) % 7) - 3;
        else if (values == OPS_REAL)
            out[i] = (float)ops_uniform(&state, -2, 2);
        else
            out[i] = (float)(2 * (distinct || count < 128 ? i - count / 2 : i % 128 - 64) + 1) / 32;
    }
    for (int64_t i = count - 1; values == OPS_DYADIC && i > 0; i--) {
        const int64_t other = (int64_t)(ops_random(&state) % (uint64_t)(i + 1));
        const float kept = out[i];
        out[i] = out[other];
        out[other] = kept;
    }
}

int ops_add_tensor(ops_net *n, const ph_shape *shape, const char *name)
{
    ph_net *net = n->net;
    ck_assert_msg(net->tensor_count < MAX_TENSORS, "too many tensors in: %s", n->text);
    char *copy = ph_net_alloc(net, strlen(name) + 1, 1);
    ck_assert_ptr_nonnull(copy);
    strcpy(copy, name);
    net->tensors[net->tensor_count] = (ph_tensor){.shape = *shape, .name = copy, .producer = -1};
    return net->tensor_count++;
}

int ops_find_tensor(const ops_net *n, const char *name)
{
    for (int t = n->net->tensor_count - 1; t >= 0; t--)
        if (strcmp(n->net->tensors[t].name, name) == 0)
            return t;
    return -1;
}

float *ops_weights(ops_net *n, int64_t count, int64_t terms, bool bias)
{
    float *out = ph_net_alloc(n->net, (size_t)count, sizeof *out);
    ck_assert_ptr_nonnull(out);
    for (int64_t i = 0; i < count; i++) {
        if (n->values == OPS_REAL)
            out[i] = (float)ops_uniform(&n->random, -1.7, 1.7) / sqrtf((float)terms);
        else
            out[i] = (float)(int)(ops_random(&n->random) % 5) - 2 + (bias && n->values == OPS_DYADIC ? 0x1p-6F : 0);
    }
    return out;
}

/* Constants keep away from zero: they may stand below a division line. */
static void add_constant(ops_net *n, const ops_statement *s)
{
    const ph_shape shape = ops_shape(s, s->words[3]);
    const int64_t count = ph_shape_count(&shape);
    float *values = ph_net_alloc(n->net, (size_t)count, sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (int64_t i = 0; i < count; i++) {
        const float sign = ops_random(&n->random) & 1 ? 1.0F : -1.0F;
        const double size =
            n->values == OPS_REAL ? ops_uniform(&n->random, 0.5, 1.5) : (double)(1 + ops_random(&n->random) % 3);
        values[i] = sign * (float)size;
    }
    n->net->tensors[ops_add_tensor(n, &shape, s->words[0])].constant = values;
}

static void add_wanted(ops_net *n, int tensor)
{
    ck_assert_msg(tensor >= 0 && n->net->output_count < MAX_OUTPUTS, "a wrong `want` in: %s", n->text);
    n->net->outputs[n->net->output_count++] = tensor;
    n->net->tensors[tensor].wanted = true;
}

static void add_op(ops_net *n, ops_statement *s)
{
    ph_net *net = n->net;
    ck_assert_msg(net->op_count < MAX_OPS, "too many operators in: %s", n->text);
    ph_op *op = &net->ops[net->op_count];
    op->in = ph_net_alloc(net, OPS_MAX_WORDS, sizeof *op->in);
    ck_assert_ptr_nonnull(op->in);
    for (int i = 3; i < s->count; i++) {
        const int tensor = ops_find_tensor(n, s->words[i]);
        if (tensor >= 0)
            op->in[op->in_count++] = tensor;
    }
    ck_assert_msg(op->in_count > 0, "%s has no input in: %s", s->words[0], n->text);
    const ph_shape shape = ops_build_op(n, s, op);
    op->out = ops_add_tensor(n, &shape, s->words[0]);
    op->name = net->tensors[op->out].name;
    net->tensors[op->out].producer = net->op_count++;
}

static void add_statement(ops_net *n, char *line)
{
    ops_statement s = {.text = n->text};
    ops_statement_cut(&s, line);
    if (s.count == 0)
        return;
    if (strcmp(s.words[0], "want") == 0) {
        for (int i = 1; i < s.count; i++)
            add_wanted(n, ops_find_tensor(n, s.words[i]));
        return;
    }
    ck_assert_msg(s.count >= 4 && strcmp(s.words[1], "=") == 0, "no statement: '%s' in: %s", s.words[0], n->text);
    if (strcmp(s.words[2], "input") == 0) {
        const ph_shape shape = ops_shape(&s, s.words[3]);
        n->net->input = ops_add_tensor(n, &shape, s.words[0]);
    } else if (strcmp(s.words[2], "const") == 0) {
        add_constant(n, &s);
    } else {
        add_op(n, &s);
    }
}

ops_net *ops_net_build(const char *text, ops_values values, uint64_t seed)
{
    ops_net *n = ph_alloc(1, sizeof *n);
    ck_assert_ptr_nonnull(n);
    *n = (ops_net){.values = values, .random = seed, .exact = true, .linear = true};
    ck_assert_uint_lt(strlen(text), sizeof n->text);
    strcpy(n->text, text);
    n->net = ph_alloc(1, sizeof *n->net);
    ck_assert_ptr_nonnull(n->net);
    n->net->tensors = ph_net_alloc(n->net, MAX_TENSORS, sizeof *n->net->tensors);
    n->net->ops = ph_net_alloc(n->net, MAX_OPS, sizeof *n->net->ops);
    n->net->outputs = ph_net_alloc(n->net, MAX_OUTPUTS, sizeof *n->net->outputs);
    ck_assert(n->net->tensors && n->net->ops && n->net->outputs);
    char lines[sizeof n->text];
    strcpy(lines, text);
    char *rest = NULL;
    for (char *line = strtok_r(lines, ";", &rest); line; line = strtok_r(NULL, ";", &rest))
        add_statement(n, line);
    if (n->net->output_count == 0)
        add_wanted(n, n->net->tensor_count - 1);
    return n;
}

void ops_net_free(ops_net *n)
{
    if (!n)
        return;
    ph_net_free(&n->net);
    ph_free(n);
}
