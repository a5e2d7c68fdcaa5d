list(APPEND PH_SOURCES kernels/element/element_cpu.c kernels/element/fft_cpu.c kernels/element/host_memory.c)

# The loops are compiled once per instruction set and chosen at run time (element_cpu.c). All variants give the same
# bits: no contraction (cmake/flags.cmake), no reassociation.
function(ph_element_variant name)
    add_library(element-${name} OBJECT kernels/element/element_loops.c kernels/element/fft_lanes.c)
    target_link_libraries(element-${name} PRIVATE phosphene-flags phosphene-dependencies)
    target_compile_definitions(element-${name} PRIVATE PH_VARIANT=${name})
    # Nobody reads floating-point exception flags here, and selects vectorize only without them; values are unchanged.
    # A loop that one compiler cannot vectorize is slower there, not wrong.
    target_compile_options(element-${name} PRIVATE ${ARGN} -fno-trapping-math
                           $<$<C_COMPILER_ID:Clang,AppleClang>:-Wno-pass-failed>)
    set(PH_ELEMENT_VARIANTS ${PH_ELEMENT_VARIANTS} element-${name} PARENT_SCOPE)
endfunction()

ph_element_variant(base)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    ph_element_variant(v3 -march=x86-64-v3)
    ph_element_variant(v4 -march=x86-64-v4)
    set_source_files_properties(kernels/element/element_cpu.c kernels/element/fft_cpu.c PROPERTIES
                                COMPILE_DEFINITIONS PH_X86_VARIANTS)
endif()
