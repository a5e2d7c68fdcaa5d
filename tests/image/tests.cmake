set(PH_WRAP_ALLOC base/fail_alloc.c)
ph_test(image-png SOURCES image/test_png.c image/scratch.c ${PH_WRAP_ALLOC}
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(image-photo SOURCES image/test_photo.c image/scratch.c ${PH_WRAP_ALLOC}
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(image-start SOURCES image/test_start.c ${PH_WRAP_ALLOC} LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(image-finish SOURCES image/test_finish.c ${PH_WRAP_ALLOC} LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
