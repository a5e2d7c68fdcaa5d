ph_test(render SOURCES render/test_render.c render/nets.c model/build_model.c base/backends.c TIMEOUT 300)
ph_test(step SOURCES render/test_step.c render/nets.c model/build_model.c)
if(PHOSPHENE_ONEDNN)
    ph_test(accuracy SOURCES render/test_accuracy.c TIMEOUT 900)
endif()
ph_test(options SOURCES render/test_options.c)
ph_test(settings SOURCES render/test_settings.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(render-memory SOURCES render/test_render_memory.c render/nets.c model/build_model.c base/fail_alloc.c
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
