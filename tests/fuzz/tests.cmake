# One program per fuzz target. Usually they replay the corpus, each file also with some bytes changed, as a test; with
# clang and -DPH_FUZZ=ON -DPH_SANITIZE=address,undefined,fuzzer-no-link they are libFuzzer programs instead.
option(PH_FUZZ "Build the fuzz targets for libFuzzer" OFF)

function(ph_fuzz_target name)
    if(PH_FUZZ)
        add_executable(fuzz-${name} fuzz/fuzz_${name}.c)
        target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(fuzz-${name} fuzz/fuzz_${name}.c fuzz/replay.c)
        ph_script_test(fuzz-${name} fast 300 fuzz-${name} ${ARGN})
    endif()
    target_link_libraries(fuzz-${name} PRIVATE phosphene-static)
    # memmem is no POSIX function.
    target_compile_definitions(fuzz-${name} PRIVATE _GNU_SOURCE)
endfunction()

ph_fuzz_target(model 30 tests/fuzz/corpus/model tests/golden/net.onnx)
ph_fuzz_target(target 100 tests/fuzz/corpus/target)
ph_fuzz_target(picture 30 tests/fuzz/corpus/picture)
ph_fuzz_target(settings 100 tests/fuzz/corpus/settings)
if(NOT PH_FUZZ)
    # Real broken files: once each, as they are.
    ph_script_test(fuzz-model-real fast 300 fuzz-model 0 tests/fuzz/corpus/model ../shared/models/malformed_onnx)
    ph_script_test(fuzz-picture-real fast 300 fuzz-picture 0 tests/fuzz/corpus/picture ../shared/images/png_suite
                   ../shared/images/jpeg_suite)
endif()
