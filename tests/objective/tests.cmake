ph_test(target SOURCES objective/test_target.c objective/toy.c model/build_model.c image/scratch.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(label SOURCES objective/test_label.c)
ph_test(direction SOURCES objective/test_direction.c image/scratch.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(heads SOURCES objective/test_heads.c objective/toy.c model/build_model.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
