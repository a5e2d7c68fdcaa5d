# The samples: what they make is checked here, that they build by the build itself.
ph_test(samples-pictures SOURCES samples/test_pictures.c ${PH_WRAP_ALLOC} $<TARGET_OBJECTS:pictures-objects>
        LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_test(samples-broden SOURCES samples/test_broden.c ../samples/broden.c ${PH_WRAP_ALLOC}
        $<TARGET_OBJECTS:pictures-objects> LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_script_test(samples-programs fast 120 sh tests/samples/programs.sh ${PROJECT_BINARY_DIR} ${PH_EDGE_NET}
               $<TARGET_FILE:make-pictures>)
ph_script_test(samples-make-pictures fast 120 sh tests/samples/make_pictures.sh $<TARGET_FILE:make-pictures>)
ph_script_test(samples-quickstart slow 300 sh tests/samples/quickstart.sh ${PROJECT_BINARY_DIR})
set(PH_WITNESSES samples/witnesses.c image/scratch.c $<TARGET_OBJECTS:pictures-objects>)
ph_test(samples-networks SOURCES samples/test_networks.c ${PH_WITNESSES})
ph_test(samples-ground-truth SOURCES samples/test_ground_truth.c ${PH_WITNESSES} TIMEOUT 1200)
ph_test(samples-dissection SOURCES samples/test_dissection.c samples/dissection.c samples/labelled.c
        $<TARGET_OBJECTS:pictures-objects> TIMEOUT 300)
