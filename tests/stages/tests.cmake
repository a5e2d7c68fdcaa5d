# The per-element kernels and the CPU transform, against formulas in double.
foreach(suite random math parameters draw warp head optimizer penalty tile)
    ph_test(stages-${suite} SOURCES stages/test_${suite}.c stages/stages.c)
endforeach()
ph_test(stages-lanes SOURCES stages/test_lanes.c stages/stages.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(stages-variants SOURCES stages/test_variants.c stages/rows.c stages/stages.c)
ph_test(stages-backends SOURCES stages/test_backends.c stages/rows.c stages/stages.c base/backends.c)
