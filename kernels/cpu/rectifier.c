#include "kernels/cpu/rectifier.h"
#include "kernels/cpu/loops.h"

/* True when the normal gradient is zero everywhere: seldom, so this mostly ends in the first chunk. */
static bool is_dead(const ph_rectifier *r)
{
    enum { CHUNK = 1024 };
    for (int64_t begin = 0; begin < r->count; begin += CHUNK) {
        const int64_t end = begin + CHUNK < r->count ? begin + CHUNK : r->count;
        int alive = 0;
        for (int64_t i = begin; i < end; i++)
            alive |= (r->x[i] > 0.0f) & (r->x[i] <= r->upper) & !(r->from[i] == 0.0f);
        if (alive)
            return false;
    }
    return true;
}

void ph_cpu_rectify(const ph_rectifier *r)
{
    const ph_rectify_loop loop = {.x = r->x,
                                  .from = r->from,
                                  .to = r->to,
                                  .upper = r->upper,
                                  .add = r->add,
                                  .redirected = r->mode == PH_RELU_REDIRECTED && is_dead(r)};
    ph_cpu_parallel(ph_cpu_best_loops()->rectify, &loop, r->count, 1);
}
