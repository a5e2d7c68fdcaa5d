set(PH_CUDA_C_SOURCES
    kernels/cuda/convolution.c kernels/cuda/cuda.c kernels/cuda/device.c kernels/cuda/element.c kernels/cuda/encode.c
    kernels/cuda/engine.c kernels/cuda/error.c kernels/cuda/fft.c kernels/cuda/flow.c kernels/cuda/graph_description.c
    kernels/cuda/memory.c kernels/cuda/node_act.c kernels/cuda/node_binary.c kernels/cuda/node_concat.c
    kernels/cuda/node_conv.c kernels/cuda/node_convert.c kernels/cuda/node_dense.c kernels/cuda/node_matmul.c
    kernels/cuda/node_norm.c kernels/cuda/node_pool.c kernels/cuda/node_table.c kernels/cuda/plan.c
    kernels/cuda/recording.c kernels/cuda/rectify.c kernels/cuda/residual.c kernels/cuda/stem.c kernels/cuda/views.c)
set(PH_CUDA_KERNEL_SOURCES
    kernels/cuda/act.cu kernels/cuda/binary.cu kernels/cuda/block.cu kernels/cuda/copy.cu kernels/cuda/direct.cu
    kernels/cuda/element.cu kernels/cuda/join.cu kernels/cuda/lrn.cu kernels/cuda/maxima.cu kernels/cuda/pool.cu
    kernels/cuda/softmax.cu kernels/cuda/table.cu)
