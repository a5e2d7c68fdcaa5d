/* Fewer operators for the same wanted tensors. Private to host/model. */
#ifndef PH_MODEL_SIMPLIFY_H
#define PH_MODEL_SIMPLIFY_H

#include "host/engine/net.h"
#include "host/model/lower.h"

/* Drops what no output needs and renumbers; `full`: simplifies before. The outputs keep their order, shapes and values;
 * they may become one tensor where they are equal. PH_NO_MEMORY. */
ph_status ph_net_simplify(ph_net *net, bool full, ph_error *err);

/* The passes. False: out of memory. A dropped operator gets the kind PH_OP_COUNT. */
bool ph_simplify_transposes(ph_net *net); /* moves Transposes towards the outputs, where inverse ones meet and cancel */
bool ph_simplify_reshapes(ph_net *net);   /* joins Reshapes of Reshapes, drops those that change nothing */
bool ph_simplify_folds(
    ph_net *net); /* AFFINE into CONV, DECONV, DENSE, AFFINE; biases into DENSE; then ReLU into CONV */

#endif
