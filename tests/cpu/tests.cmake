# What only the oneDNN backend has: its memory plan, its loops per instruction set, its engine.
if(PHOSPHENE_ONEDNN)
    ph_test(cpu-arena SOURCES cpu/test_arena.c base/fail_alloc.c LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
    ph_test(cpu-loops SOURCES cpu/test_loops.c)
    ph_test(cpu-engine SOURCES cpu/test_engine.c cpu/count_alloc.c ops/build_net.c ops/build_op.c ops/statement.c
            ops/cases.c LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
    ph_test(cpu-bits SOURCES cpu/test_bits.c TIMEOUT 600)
endif()
