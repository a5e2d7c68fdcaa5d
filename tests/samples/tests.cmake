# The samples: what they make is checked here, that they build by the build itself.
ph_test(samples-pictures SOURCES samples/test_pictures.c ${PH_WRAP_ALLOC} $<TARGET_OBJECTS:pictures-objects>
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
