# The CUDA backend on a simulated card: its C files as they are, its kernels compiled for the host, and the calls of
# CUDA's libraries from this folder. Needs the headers of CUDA and libcudnn_graph, but neither nvcc nor a card.
include(CheckLanguage)
check_language(CXX)
find_package(CUDAToolkit 13 QUIET)
find_path(CUDASIM_INCLUDE cuda_runtime_api.h HINTS ${CUDAToolkit_INCLUDE_DIRS} PATHS /usr/local/cuda/include)
ph_find_cudnn()

if(NOT CMAKE_CXX_COMPILER)
    set(CUDASIM_LACKS "a C++ compiler")
elseif(NOT CUDASIM_INCLUDE)
    set(CUDASIM_LACKS "the headers of the CUDA toolkit")
elseif(NOT CUDNN_INCLUDE OR NOT CUDNN_GRAPH)
    set(CUDASIM_LACKS "cuDNN 9")
endif()
if(CUDASIM_LACKS)
    message(STATUS "simulated card: no tests: ${CUDASIM_LACKS} not found")
    ph_script_test(cudasim fast 10 sh -c "echo 'SKIP: simulated card: ${CUDASIM_LACKS} not found'; exit 77")
    return()
endif()

enable_language(CXX)
if(NOT PH_CUDA_KERNEL_SOURCES)
    include(${PROJECT_SOURCE_DIR}/kernels/cuda/sources.cmake)
endif()
list(TRANSFORM PH_CUDA_C_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE CUDASIM_BACKEND)
list(TRANSFORM PH_CUDA_KERNEL_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE CUDASIM_KERNELS)

add_library(cudasim OBJECT cudasim/access.c cudasim/blas.c cudasim/cudnn.c cudasim/cudnn_plan.c cudasim/cudnn_run.c
            cudasim/fft.c cudasim/launch.c cudasim/memory.c cudasim/runtime.c cudasim/sim.c cudasim/stream.c
            cudasim/value.c)
# What stands for the card is not what is tested: always fast, and its threads' stacks are not the sanitizer's. A
# library, linked last, since the last option wins.
add_library(cudasim-flags INTERFACE)
target_compile_options(cudasim-flags INTERFACE -O2 -fno-sanitize=all)
target_link_libraries(cudasim PRIVATE phosphene-flags cudasim-flags)
target_include_directories(cudasim SYSTEM PRIVATE ${CUDASIM_INCLUDE} ${CUDNN_INCLUDE})
target_compile_definitions(cudasim PRIVATE _GNU_SOURCE SIM_CUDNN_LIBRARY="${CUDNN_GRAPH}")
set_source_files_properties(cudasim/cudnn_run.c PROPERTIES COMPILE_OPTIONS "-O3")

add_library(cudasim-backend OBJECT ${CUDASIM_BACKEND} ${PROJECT_SOURCE_DIR}/host/engine/registry.c)
target_link_libraries(cudasim-backend PRIVATE phosphene-flags phosphene-dependencies)
target_include_directories(cudasim-backend SYSTEM PRIVATE ${CUDASIM_INCLUDE} ${CUDNN_INCLUDE})
target_compile_definitions(cudasim-backend PRIVATE PH_WITH_CUDA)

# -fsanitize=thread makes the compiler call a function before every access to memory; here it is ours (access.c).
set_source_files_properties(${CUDASIM_KERNELS} PROPERTIES LANGUAGE CXX)
add_library(cudasim-kernels OBJECT ${CUDASIM_KERNELS})
target_include_directories(cudasim-kernels PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_include_directories(cudasim-kernels SYSTEM PRIVATE ${CUDASIM_INCLUDE})
target_compile_options(cudasim-kernels PRIVATE -std=c++17 -O1 -ffp-contract=off -fsanitize=thread -fno-exceptions
                       -fno-rtti -fno-threadsafe-statics -Wno-unknown-pragmas
                       -include ${CMAKE_CURRENT_SOURCE_DIR}/cudasim/device.h)

# A member that comes first in an archive is taken: the registry with CUDA in it, not the one of this build.
set(CUDASIM_OBJECTS $<TARGET_OBJECTS:cudasim> $<TARGET_OBJECTS:cudasim-backend> $<TARGET_OBJECTS:cudasim-kernels>)
foreach(part phosphene-objects onnx-proto ${PH_ELEMENT_VARIANTS})
    list(APPEND CUDASIM_OBJECTS $<TARGET_OBJECTS:${part}>)
endforeach()
add_library(phosphene-cudasim STATIC ${CUDASIM_OBJECTS})
target_link_libraries(phosphene-cudasim PUBLIC phosphene-flags phosphene-dependencies ${CMAKE_DL_LIBS})
target_include_directories(phosphene-cudasim INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/cudasim)

# ph_cudasim_test(NAME SOURCES … [TIMEOUT seconds] [LINK …]): as ph_test, on the simulated card.
function(ph_cudasim_test name)
    cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LINK" ${ARGN})
    set(label slow)
    if(NOT T_TIMEOUT)
        set(label fast)
        set(T_TIMEOUT 120)
    endif()
    if(PH_SANITIZE)
        math(EXPR T_TIMEOUT "${T_TIMEOUT} * 4")
    endif()
    add_executable(test-${name} ${T_SOURCES})
    target_link_libraries(test-${name} PRIVATE phosphene-cudasim onnx-proto PkgConfig::CHECK ${T_LINK} check-warnings)
    add_test(NAME ${name} COMMAND test-${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} SKIP_RETURN_CODE 77 LABELS ${label}
                         ENVIRONMENT "GOMP_SPINCOUNT=3000;PH_TEST_BACKEND=cuda")
endfunction()

set_source_files_properties(cudasim/kernels.cu PROPERTIES LANGUAGE CXX)
add_library(cudasim-test-kernels OBJECT cudasim/kernels.cu)
get_target_property(CUDASIM_KERNEL_OPTIONS cudasim-kernels COMPILE_OPTIONS)
target_compile_options(cudasim-test-kernels PRIVATE ${CUDASIM_KERNEL_OPTIONS})
target_include_directories(cudasim-test-kernels PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_include_directories(cudasim-test-kernels SYSTEM PRIVATE ${CUDASIM_INCLUDE})
foreach(suite sim misuse maxima convolution)
    ph_cudasim_test(cudasim-${suite} SOURCES cudasim/test_${suite}.c cudasim/card.c LINK cudasim-test-kernels)
    target_include_directories(test-cudasim-${suite} SYSTEM PRIVATE ${CUDASIM_INCLUDE} ${CUDNN_INCLUDE})
endforeach()

# Not the test kernels: their misuse is for the simulation to find.
if(PH_SANITIZE MATCHES undefined)
    target_compile_options(cudasim-kernels PRIVATE -fsanitize=undefined -fno-sanitize-recover=undefined)
endif()

# The parity suites, on the backend cuda alone.
foreach(suite backends values relu fft)
    ph_cudasim_test(cudasim-ops-${suite} SOURCES ops/test_${suite}.c ${PH_OPS_COMMON})
endforeach()
ph_cudasim_test(cudasim-ops-networks SOURCES ops/test_networks.c ${PH_OPS_COMMON} TIMEOUT 600)
ph_cudasim_test(cudasim-ops-memory SOURCES ops/test_memory.c ${PH_OPS_COMMON} base/fail_alloc.c
                LINK -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
ph_cudasim_test(cudasim-stages SOURCES stages/test_backends.c stages/rows.c stages/stages.c base/backends.c)
ph_cudasim_test(cudasim-render SOURCES render/test_render.c render/nets.c model/build_model.c base/backends.c)

ph_cudasim_test(cudasim-failures SOURCES cudasim/test_failures.c render/nets.c model/build_model.c ${PH_OPS_COMMON})
target_include_directories(test-cudasim-failures SYSTEM PRIVATE ${CUDASIM_INCLUDE})
ph_cudasim_test(cudasim-residual SOURCES cudasim/test_residual.c ops/build_net.c ops/build_op.c ops/statement.c)
target_include_directories(test-cudasim-residual SYSTEM PRIVATE ${CUDASIM_INCLUDE} ${CUDNN_INCLUDE})
ph_cudasim_test(cudasim-replay SOURCES cudasim/test_replay.c render/nets.c model/build_model.c)
