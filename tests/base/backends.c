#include "tests/base/backends.h"
#include "kernels/ref/ref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8, SKIPPED = 77 };

static const ph_precision precisions[] = {PH_PRECISION_FP32, PH_PRECISION_TF32, PH_PRECISION_FP16, PH_PRECISION_BF16};
static const char *const precision_names[] = {"fp32", "tf32", "fp16", "bf16"};
enum { PRECISIONS = sizeof precisions / sizeof *precisions };

const test_setup test_ref = {&ph_backend_ref, PH_PRECISION_FP32, "fp32"};

typedef struct kept_device {
    test_setup setup;
    int threads; /* 0 for backends that have no choice of them */
    ph_device *device;
} kept_device;

static struct {
    test_setup members[TEST_RECORDS + 1][MOST]; /* of each group but TEST_OTHERS; ref comes last */
    int count[TEST_RECORDS + 1];
    int missing[TEST_RECORDS + 1]; /* what cannot be used here */
    bool with_ref, without_fork;
    int wanted, skipped; /* cases */
    kept_device kept[MOST];
    int kept_count;
} state;

static bool required(void)
{
    const char *text = getenv("PH_GPU_REQUIRED");
    return text && strcmp(text, "1") == 0;
}

/* Whether `name` stands in the list of PH_TEST_BACKEND. */
static bool selected(const char *name)
{
    const char *list = getenv("PH_TEST_BACKEND");
    const size_t length = strlen(name);
    while (list && *list) {
        const size_t part = strcspn(list, ",");
        if (part == length && strncmp(list, name, length) == 0)
            return true;
        list += part + (list[part] == ',');
    }
    const char *whole = getenv("PH_TEST_BACKEND");
    return !whole || !*whole;
}

/* An old card lacks some precisions. Any other failure to open is the tests'. */
static bool supports(const ph_backend *backend, ph_precision precision)
{
    const ph_device_options options = {.precision = precision};
    ph_device *device = NULL;
    ph_error err = {0};
    const ph_status status = backend->open(&options, &device, &err);
    backend->close(device);
    if (status == PH_UNSUPPORTED)
        printf("SKIP: backend %s: %s\n", backend->name, err.message);
    return status != PH_UNSUPPORTED;
}

static bool usable(const ph_backend *backend)
{
    char text[256];
    ph_error err = {0};
    if (backend->probe(text, sizeof text, &err) == PH_OK)
        return true;
    printf("SKIP: backend %s: %s\n", backend->name, err.message);
    return false;
}

/* A probe may start threads, which a later fork would lose: it happens in a child when the suite forks. */
static bool usable_in_child(const ph_backend *backend)
{
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const bool yes = usable(backend);
        fflush(stdout);
        _exit(yes ? 0 : 1);
    }
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void add(test_group group, test_setup setup)
{
    state.members[group][state.count[group]++] = setup;
}

static void take(const ph_backend *backend)
{
    const bool usable_here = state.without_fork ? usable(backend) : usable_in_child(backend);
    for (int p = 0; p < (backend->precisions ? PRECISIONS : 1); p++) {
        const bool good = usable_here && (p == 0 || supports(backend, precisions[p]));
        const test_setup setup = {backend, precisions[p], precision_names[p]};
        const test_group groups[] = {p ? TEST_FAST : TEST_ALL, TEST_RECORDS};
        for (int g = 0; g < (backend->record_begin ? 2 : 1); g++)
            if (good)
                add(groups[g], setup);
            else
                state.missing[groups[g]]++;
    }
}

void test_backends_find(void)
{
    const char *fork_wish = getenv("CK_FORK"); /* Check's own variable */
    int found = 0;
    state.without_fork = fork_wish && strcmp(fork_wish, "no") == 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < ph_registry_count(); i++) {
            const ph_backend *backend = NULL;
            const char *name = ph_registry_name(i, &backend);
            if (!backend || !selected(name))
                continue;
            if (pass == 0) {
                found++;
                state.with_ref |= strcmp(name, "ref") == 0;
                state.without_fork |= strcmp(name, "cuda") == 0;
            } else {
                take(backend);
            }
        }
    if (!found) {
        fprintf(stderr, "PH_TEST_BACKEND=%s: this build has no such backend\n", getenv("PH_TEST_BACKEND"));
        exit(EXIT_FAILURE);
    }
}

int test_setup_count(test_group group)
{
    return group == TEST_OTHERS ? state.count[TEST_ALL] - state.with_ref : state.count[group];
}

const test_setup *test_setup_of(test_group group, int index, int cases)
{
    if (index / cases >= test_setup_count(group))
        ck_abort_msg("loop index %d is beyond the backends", index);
    return &state.members[group == TEST_OTHERS ? TEST_ALL : group][index / cases];
}

void test_backends_add(TCase *tcase, const TTest *test, test_group group, int cases)
{
    const int count = cases * test_setup_count(group);
    tcase_add_loop_test(tcase, test, 0, count);
    state.wanted += count;
    state.skipped += cases * state.missing[group == TEST_OTHERS ? TEST_ALL : group];
}

static bool cuda_ran(void)
{
    for (int i = 0; i < state.count[TEST_ALL]; i++)
        if (strcmp(state.members[TEST_ALL][i].backend->name, "cuda") == 0)
            return true;
    return false;
}

int test_backends_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    if (state.without_fork)
        srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    const int ran = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (int i = 0; i < state.kept_count; i++)
        state.kept[i].setup.backend->close(state.kept[i].device);
    state.kept_count = 0;
    printf("cases: %d of %d ran, %d failed, %d skipped; on", ran, state.wanted, failed, state.skipped);
    for (int i = 0; i < state.count[TEST_ALL]; i++)
        printf(" %s", state.members[TEST_ALL][i].backend->name);
    printf("\n");
    if (required() && (!cuda_ran() || ran < state.wanted)) {
        printf("FAIL: PH_GPU_REQUIRED=1, but %s\n", cuda_ran() ? "not every case ran" : "the cuda backend did not run");
        return EXIT_FAILURE;
    }
    if (failed)
        return EXIT_FAILURE;
    return ran == 0 && state.skipped > 0 ? SKIPPED : EXIT_SUCCESS;
}

ph_device *test_device_open(const test_setup *setup, int threads)
{
    const int asked = strcmp(setup->backend->name, "cpu") == 0 ? threads : 0;
    for (int i = 0; i < state.kept_count; i++) {
        const kept_device *kept = &state.kept[i];
        if (kept->setup.backend == setup->backend && kept->setup.precision == setup->precision &&
            kept->threads == asked)
            return kept->device;
    }
    const ph_device_options options = {.threads = asked, .precision = setup->precision};
    ph_device *device = NULL;
    ph_error err = {0};
    if (setup->backend->open(&options, &device, &err) != PH_OK)
        ck_abort_msg("%s: %s", setup->backend->name, err.message);
    if (state.without_fork && state.kept_count < MOST)
        state.kept[state.kept_count++] = (kept_device){*setup, asked, device};
    return device;
}

void test_device_close(ph_device *device)
{
    for (int i = 0; i < state.kept_count; i++)
        if (state.kept[i].device == device)
            return;
    if (device)
        ph_device_backend(device)->close(device);
}
