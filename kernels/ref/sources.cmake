list(APPEND PH_SOURCES kernels/ref/act.c kernels/ref/binary.c kernels/ref/conv.c kernels/ref/engine.c kernels/ref/fft.c
     kernels/ref/matmul.c kernels/ref/norm.c kernels/ref/pad.c kernels/ref/pool.c kernels/ref/ref.c kernels/ref/ref_op.c
     kernels/ref/shape.c)
