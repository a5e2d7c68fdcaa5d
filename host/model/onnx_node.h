/* Nodes of an ONNX file to nodes of the graph. */
#ifndef PH_MODEL_ONNX_NODE_H
#define PH_MODEL_ONNX_NODE_H

#include "host/model/onnx_array.h"

/* Copies names, operator, domain and attributes; inputs and outputs become arrays of the right length, all -1. On
 * failure *node is partly filled and freed with the graph. PH_FORMAT, PH_IO (external data), PH_NO_MEMORY. */
ph_status ph_onnx_node(const Onnx__NodeProto *proto, ph_onnx_source *source, ph_node *node, ph_error *err);

#endif
