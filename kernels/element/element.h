/* The table of per-element kernels that each backend expands from element.def: OpenMP loops on the CPU, grid-stride
 * kernels on the GPU. Themes: schedule.h (what changes with the step), spectrum.h and colour.h (parameters to picture),
 * warp.h, head.h (objectives), optimizer.h, penalty.h; tile.h, climb.h, pyramid.h and guide.h for dreams;
 * philox.h below them all. */
#ifndef PH_ELEMENT_H
#define PH_ELEMENT_H

#include "kernels/element/climb.h"
#include "kernels/element/colour.h"
#include "kernels/element/guide.h"
#include "kernels/element/head.h"
#include "kernels/element/optimizer.h"
#include "kernels/element/penalty.h"
#include "kernels/element/pyramid.h"
#include "kernels/element/schedule.h"
#include "kernels/element/spectrum.h"
#include "kernels/element/tile.h"
#include "kernels/element/warp.h"
#include "phosphene.h"

struct ph_device;

typedef struct ph_element_kernels {
#define PH_ELEMENT(name)                                                                                               \
    ph_status (*name)(struct ph_device * device, int64_t count, ph_##name##_args args, ph_error * err);
#include "kernels/element/element.def"
#undef PH_ELEMENT
} ph_element_kernels;

#endif
