# list(APPEND PH_SOURCES host/model/….c)
list(APPEND PH_SOURCES host/model/graph.c host/model/label_list.c host/model/layers.c host/model/layers_walk.c
     host/model/name_table.c host/model/onnx_array.c host/model/onnx_external.c host/model/onnx_guess.c
     host/model/onnx_node.c host/model/onnx_read.c host/model/onnx_scan.c host/model/preprocess.c
     host/model/sidecar.c host/model/topology.c)
list(APPEND PH_SOURCES host/model/affine.c host/model/constant.c host/model/lower.c host/model/lower_activation.c
     host/model/lower_arithmetic.c host/model/lower_constant.c host/model/lower_conv.c host/model/lower_dense.c
     host/model/lower_emit.c host/model/lower_move.c host/model/lower_norm.c host/model/lower_pick.c
     host/model/lower_pool.c host/model/lower_rules.c host/model/lower_size.c host/model/lower_window.c
     host/model/lowering.c host/model/shape_rules.c host/model/simplify.c host/model/simplify_fold.c
     host/model/simplify_transpose.c)
