/* The table of the hot loops. This file is compiled once per instruction set; PH_VARIANT names the one at hand. */
#include "kernels/cpu/loops_act.h"
#include "kernels/cpu/loops_lrn.h"
#include "kernels/cpu/loops_pool.h"
#include "kernels/cpu/loops_product.h"
#include "kernels/cpu/loops_rows.h"
#include "kernels/cpu/loops_tables.h"

const ph_cpu_loops PH_LOOPS_TABLE(PH_VARIANT) = {
#define PH_LOOP(name) .name = name,
#include "kernels/cpu/loops.def"
#undef PH_LOOP
};
