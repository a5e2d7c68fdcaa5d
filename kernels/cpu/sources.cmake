if(PHOSPHENE_ONEDNN)
    list(APPEND PH_SOURCES kernels/cpu/act.c kernels/cpu/affine.c kernels/cpu/binary.c kernels/cpu/concat.c kernels/cpu/conv.c
         kernels/cpu/convert.c kernels/cpu/cpu.c kernels/cpu/dense.c kernels/cpu/edge.c kernels/cpu/edge_choose.c
         kernels/cpu/engine.c kernels/cpu/flow.c kernels/cpu/gather.c kernels/cpu/loops_choice.c kernels/cpu/lrn.c
         kernels/cpu/matmul.c kernels/cpu/memory.c kernels/cpu/plan.c kernels/cpu/pool.c kernels/cpu/rectifier.c
         kernels/cpu/softmax.c kernels/cpu/threads.c kernels/cpu/transposed.c kernels/cpu/views.c)

    # As kernels/element does: the hot loops once per instruction set, chosen at run time.
    function(ph_cpu_loops_variant name)
        add_library(cpu-loops-${name} OBJECT kernels/cpu/loops.c)
        target_link_libraries(cpu-loops-${name} PRIVATE phosphene-flags phosphene-dependencies)
        target_compile_definitions(cpu-loops-${name} PRIVATE PH_VARIANT=${name})
        target_compile_options(cpu-loops-${name} PRIVATE ${ARGN})
        set(PH_ELEMENT_VARIANTS ${PH_ELEMENT_VARIANTS} cpu-loops-${name} PARENT_SCOPE)
    endfunction()

    ph_cpu_loops_variant(base)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
        ph_cpu_loops_variant(v3 -march=x86-64-v3)
        ph_cpu_loops_variant(v4 -march=x86-64-v4 -mprefer-vector-width=512)
        set_source_files_properties(kernels/cpu/loops_choice.c PROPERTIES COMPILE_DEFINITIONS PH_X86_VARIANTS)
    endif()
endif()
