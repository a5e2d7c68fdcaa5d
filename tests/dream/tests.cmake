# Dreams: tiles, the ascent, octaves, and what the library promises of them.
ph_test(dream-golden SOURCES dream/test_golden.c dream/rig.c golden/npy.c base/backends.c)
ph_test(dream-tiling SOURCES dream/test_tiling.c)
set(PH_DREAM_COMMON dream/quick.c image/scratch.c render/nets.c model/build_model.c base/backends.c)
ph_test(dream-canvas SOURCES dream/test_canvas.c dream/rig.c ${PH_DREAM_COMMON})
ph_test(dream SOURCES dream/test_dream.c ${PH_DREAM_COMMON})
ph_test(dream-way SOURCES dream/test_way.c ${PH_DREAM_COMMON})
ph_test(dream-memory SOURCES dream/test_dream_memory.c image/scratch.c render/nets.c model/build_model.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
# Sanitizers reserve more address space than the test allows.
if(NOT PH_SANITIZE)
    ph_script_test(dream-large slow 600 sh tests/dream/large.sh $<TARGET_FILE:phosphene> ${PH_EDGE_NET}
                   $<TARGET_FILE:make-pictures> $<TARGET_FILE:cli-inspect>)
endif()
