# The operators of every backend: ref against differences of itself, the others against ref, all against recorded data.
set(PH_OPS_COMMON base/backends.c ops/build_net.c ops/build_op.c ops/cases.c ops/run_net.c ops/statement.c)
ph_test(ops-ref SOURCES ops/test_ref.c ${PH_OPS_COMMON})
ph_test(ops-backends SOURCES ops/test_backends.c ${PH_OPS_COMMON})
ph_test(ops-values SOURCES ops/test_values.c ${PH_OPS_COMMON})
ph_test(ops-relu SOURCES ops/test_relu.c ${PH_OPS_COMMON})
ph_test(ops-networks SOURCES ops/test_networks.c ${PH_OPS_COMMON} TIMEOUT 600)
ph_test(ops-fft SOURCES ops/test_fft.c ${PH_OPS_COMMON})
ph_test(ops-memory SOURCES ops/test_memory.c ${PH_OPS_COMMON} base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(ops-conformance SOURCES ops/conformance.c ops/replay.c ops/tensor_file.c base/backends.c TIMEOUT 600)
ph_test(ops-reference SOURCES ops/test_reference.c ops/reference.c ops/tensor_file.c ops/run_net.c base/backends.c TIMEOUT 600)
