/* The one place that knows which backends this build has. */
#include "host/base/status.h"
#include "host/engine/backend.h"
#include "kernels/ref/ref.h"
#ifdef PH_WITH_CUDA
#include "kernels/cuda/cuda.h"
#endif
#ifdef PH_WITH_ONEDNN
#include "kernels/cpu/cpu.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct registry_entry {
    const char *name;
    const ph_backend *backend; /* NULL: not compiled in */
    const char *how_to_get;
} registry_entry;

static const registry_entry registry[] = {
#ifdef PH_WITH_CUDA
    {"cuda", &ph_backend_cuda, ""},
#else
    {"cuda", NULL, "build with -DPHOSPHENE_CUDA=ON"},
#endif
#ifdef PH_WITH_ONEDNN
    {"cpu", &ph_backend_cpu, ""},
#else
    {"cpu", NULL, "build with -DPHOSPHENE_ONEDNN=ON"},
#endif
    {"ref", &ph_backend_ref, ""},
};

enum { REGISTRY_COUNT = sizeof registry / sizeof *registry };

int ph_registry_count(void)
{
    return REGISTRY_COUNT;
}

const char *ph_registry_name(int index, const ph_backend **backend)
{
    *backend = registry[index].backend;
    return registry[index].name;
}

int ph_backend_count(void)
{
    return REGISTRY_COUNT;
}

ph_status ph_backend_get(int index, ph_backend_info *info, ph_error *err)
{
    if (!info || index < 0 || index >= REGISTRY_COUNT)
        return ph_fail(err, PH_MISUSE, "there is no backend number %d", index);
    const registry_entry *entry = &registry[index];
    *info = (ph_backend_info){.name = entry->name, .compiled = entry->backend != NULL};
    if (!entry->backend) {
        snprintf(info->description, sizeof info->description, "not compiled in: %s", entry->how_to_get);
        return PH_OK;
    }
    ph_error why = {0};
    info->available = entry->backend->probe(info->description, sizeof info->description, &why) == PH_OK;
    if (!info->available)
        snprintf(info->description, sizeof info->description, "%.*s", (int)sizeof info->description - 1, why.message);
    return PH_OK;
}

static const char *const precision_names[] = {
    [PH_PRECISION_AUTO] = "auto", [PH_PRECISION_FP32] = "fp32", [PH_PRECISION_TF32] = "tf32",
    [PH_PRECISION_FP16] = "fp16", [PH_PRECISION_BF16] = "bf16",
};

bool ph_precision_named(const char *name, ph_precision *precision)
{
    for (int i = 0; i < (int)(sizeof precision_names / sizeof *precision_names); i++)
        if (strcmp(name, precision_names[i]) == 0) {
            *precision = (ph_precision)i;
            return true;
        }
    return false;
}

const char *ph_precision_name(ph_precision precision)
{
    return precision_names[precision];
}

static ph_status open_backend(const ph_backend *backend, const ph_device_options *options, ph_device **out,
                              ph_error *err)
{
    if (!backend->precisions && options->precision != PH_PRECISION_AUTO && options->precision != PH_PRECISION_FP32)
        return ph_fail(err, PH_UNSUPPORTED, "the %s backend computes in fp32 only: leave --precision auto",
                       backend->name);
    return backend->open(options, out, err);
}

static ph_status open_auto(const ph_device_options *options, ph_device **out, char *notice, size_t size, ph_error *err)
{
    ph_error why = {0};
    for (int i = 0; i < REGISTRY_COUNT; i++) {
        if (!registry[i].backend)
            continue;
        ph_error failure = {0};
        if (open_backend(registry[i].backend, options, out, &failure) != PH_OK) {
            if (!why.status)
                why = failure;
            continue;
        }
        if (why.status && notice)
            snprintf(notice, size, "using the %s backend: %s", registry[i].name, why.message);
        return PH_OK;
    }
    return ph_fail(err, PH_BACKEND, "no backend can be used on this machine: %s", why.message);
}

/* "NAME" or "NAME:N" against one entry; false when the name is another. */
static bool spec_matches(const char *spec, const char *name, long *ordinal)
{
    const size_t length = strlen(name);
    *ordinal = 0;
    if (strncmp(spec, name, length) != 0)
        return false;
    if (!spec[length])
        return true;
    char *end = NULL;
    if (spec[length] != ':' || spec[length + 1] < '0' || spec[length + 1] > '9')
        return false;
    *ordinal = strtol(spec + length + 1, &end, 10);
    return !*end && *ordinal < 1024;
}

ph_status ph_device_open(const char *spec, const ph_device_options *options, ph_device **out, char *notice, size_t size,
                         ph_error *err)
{
    ph_device_options chosen = options ? *options : (ph_device_options){0};
    *out = NULL;
    if (notice && size)
        *notice = '\0';
    if (!spec || !*spec || strcmp(spec, "auto") == 0)
        return open_auto(&chosen, out, notice, size, err);
    for (int i = 0; i < REGISTRY_COUNT; i++) {
        long ordinal;
        if (!spec_matches(spec, registry[i].name, &ordinal))
            continue;
        if (!registry[i].backend)
            return ph_fail(err, PH_BACKEND, "the %s backend is not compiled in: %s", registry[i].name,
                           registry[i].how_to_get);
        chosen.ordinal = (int)ordinal;
        return open_backend(registry[i].backend, &chosen, out, err);
    }
    char names[64] = "auto";
    for (int i = 0; i < REGISTRY_COUNT; i++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, ", %s", registry[i].name);
    }
    return ph_fail(err, PH_MISUSE, "unknown backend '%s': choose one of %s", spec, names);
}

const ph_backend *ph_device_backend(const ph_device *device)
{
    return ((const ph_device_head *)(const void *)device)->backend;
}

void ph_device_close(ph_device **device)
{
    if (!device || !*device)
        return;
    ph_device_backend(*device)->close(*device);
    *device = NULL;
}
