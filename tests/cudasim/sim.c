#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

sim_state sim;

void sim_die(const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fflush(stdout);
    fprintf(stderr, "cudasim: %s\n", line);
    fflush(stderr);
    abort();
}

void *sim_new(size_t bytes)
{
    void *memory = NULL;
    if (posix_memalign(&memory, 64, bytes ? bytes : 1))
        sim_die("no host memory for %zu bytes", bytes);
    return memset(memory, 0, bytes);
}

void *sim_grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity ? 2 * *capacity : 64;
    void *larger = sim_new(*capacity * size);
    if (count)
        memcpy(larger, list, count * size);
    free(list);
    return larger;
}

/* ---- objects ------------------------------------------------------------------------------------------------------
 */

typedef struct object {
    void *address;
    const char *kind;
    void (*discard)(void *address);
} object;

static struct {
    object *list;
    size_t count, capacity;
} objects;

static object *find(const void *address, const char *kind)
{
    for (size_t i = objects.count; i-- > 0;)
        if (objects.list[i].address == address && strcmp(objects.list[i].kind, kind) == 0)
            return &objects.list[i];
    return NULL;
}

void sim_born(void *address, const char *kind, void (*discard)(void *))
{
    objects.list = sim_grow(objects.list, objects.count, &objects.capacity, sizeof *objects.list);
    objects.list[objects.count++] = (object){address, kind, discard};
    sim.counts.live++;
}

void sim_alive(const void *address, const char *kind, const char *function)
{
    if (!find(address, kind))
        sim_die("%s: %p is not a %s, or not any more", function, address, kind);
}

void sim_dies(const void *address, const char *kind, const char *function)
{
    sim_alive(address, kind, function);
    object *found = find(address, kind);
    *found = objects.list[--objects.count];
    sim.counts.live--;
}

/* ---- settings -----------------------------------------------------------------------------------------------------
 */

static void set(const char *key, const char *value)
{
    const long long number = strtoll(value, NULL, 10);
    if (strcmp(key, "devices") == 0)
        sim.devices = (int)number;
    else if (strcmp(key, "driver") == 0)
        sim.driver = (int)number;
    else if (strcmp(key, "compute") == 0)
        sim.compute = (int)number;
    else if (strcmp(key, "memory") == 0)
        sim.memory = number;
    else if (strcmp(key, "code") == 0)
        sim.fail_code = number;
    else if (strcmp(key, "fail") == 0) {
        const char *colon = strrchr(value, ':');
        if (!colon || atoll(colon + 1) < 1)
            sim_die("setting fail=%s: expected NAME:N with N from 1 on", value);
        snprintf(sim.fail_name, sizeof sim.fail_name, "%.*s", (int)(colon - value), value);
        sim.fail_at = atoll(colon + 1);
    } else
        sim_die("unknown setting '%s'", key);
}

void cudasim_configure(const char *settings)
{
    if (sim.sticky) {
        while (objects.count) {
            const object last = objects.list[--objects.count];
            sim.counts.live--;
            last.discard(last.address);
        }
        sim_memory_discard();
    }
    if (sim.counts.memory || sim.counts.live)
        sim_die("%d objects (%lld bytes) of the card are left", sim.counts.live, (long long)sim.counts.memory);
    const char *blocking = getenv("CUDA_LAUNCH_BLOCKING");
    sim = (sim_state){.devices = 1, .driver = 13000, .compute = 90, .memory = (int64_t)8 << 30};
    sim.blocking = blocking && *blocking == '1';
    char copy[512];
    snprintf(copy, sizeof copy, "%s", settings ? settings : "");
    for (char *next = NULL, *key = strtok_r(copy, ",", &next); key; key = strtok_r(NULL, ",", &next)) {
        char *value = strchr(key, '=');
        if (!value)
            sim_die("setting '%s': expected key=value", key);
        *value = '\0';
        set(key, value + 1);
    }
}

cudasim_counts cudasim_count(void)
{
    cudasim_counts counts = sim.counts;
    counts.dead = sim.sticky != cudaSuccess;
    return counts;
}

void cudasim_break(void)
{
    sim.sticky = cudaErrorIllegalAddress;
}

int sim_call(const char *name, int usual)
{
    if (!sim.devices && !sim.memory)
        cudasim_configure(getenv("CUDASIM"));
    sim.counts.calls++;
    if (!sim.fail_at || (strcmp(sim.fail_name, "any") != 0 && strcmp(sim.fail_name, name) != 0) || --sim.fail_at)
        return 0;
    sim.counts.failed++;
    return sim.fail_code ? (int)sim.fail_code : usual;
}
