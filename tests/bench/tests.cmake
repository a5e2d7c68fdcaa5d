# Not tests: programs that measure. Built on request (cmake --build . --target bench-net).
if(PHOSPHENE_ONEDNN)
    add_executable(bench-net EXCLUDE_FROM_ALL bench/bench_net.c bench/floor.c)
    target_link_libraries(bench-net PRIVATE phosphene-static onnx-proto)
    add_executable(bench-dream EXCLUDE_FROM_ALL bench/bench_dream.c bench/floor.c)
    target_link_libraries(bench-dream PRIVATE phosphene-static onnx-proto)
endif()

add_executable(bench-stages EXCLUDE_FROM_ALL bench/bench_stages.c)
target_link_libraries(bench-stages PRIVATE phosphene-static)

if(PH_CUDA_FOUND)
    foreach(what nodes engines)
        add_executable(bench-cuda-${what} EXCLUDE_FROM_ALL bench/bench_cuda_${what}.c)
        target_link_libraries(bench-cuda-${what} PRIVATE phosphene-static onnx-proto)
    endforeach()
endif()

add_executable(bench-gpu EXCLUDE_FROM_ALL bench/bench_gpu.c bench/measure.c bench/roofline.c bench/ceiling.c)
target_link_libraries(bench-gpu PRIVATE phosphene-static onnx-proto)

add_executable(bench-channels EXCLUDE_FROM_ALL bench/bench_channels.c)
target_link_libraries(bench-channels PRIVATE phosphene-static)
