# The CUDA backend: nvcc, the runtime (static: the program starts without CUDA's), cuBLAS, cuFFT and cuDNN's graph API.
# PHOSPHENE_CUDA=AUTO takes it when all are there and says why when not; ON insists; OFF does without.
set(PH_CUDA_FOUND FALSE)
add_library(phosphene-cuda INTERFACE) # what the backend needs; empty without it

# Machine code for every generation that nvcc 13 knows and people have, and PTX for those to come.
set(PH_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90-real 100-real 120)

macro(ph_no_cuda reason)
    if(PHOSPHENE_CUDA STREQUAL "ON")
        message(FATAL_ERROR "the CUDA backend cannot be built: ${reason} (or configure with -DPHOSPHENE_CUDA=OFF)")
    endif()
    message(STATUS "CUDA backend: not built: ${reason}")
endmacro()

# pip puts cuDNN beside Python's packages, without the unversioned name.
function(ph_find_cudnn)
    find_package(Python3 COMPONENTS Interpreter QUIET)
    if(Python3_FOUND)
        execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sysconfig; print(sysconfig.get_path('purelib'))"
                        OUTPUT_VARIABLE site OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    find_path(CUDNN_INCLUDE cudnn_graph.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ${site}/nvidia/cudnn/include)
    find_library(CUDNN_GRAPH NAMES cudnn_graph libcudnn_graph.so.9
                 HINTS ${CUDAToolkit_LIBRARY_DIR} ${site}/nvidia/cudnn/lib)
endfunction()

if(NOT PHOSPHENE_CUDA STREQUAL "OFF")
    include(CheckLanguage)
    check_language(CUDA)
    find_package(CUDAToolkit 13 QUIET)
    if(NOT CMAKE_CUDA_COMPILER)
        ph_no_cuda("nvcc not found: install the CUDA toolkit 13 or newer and put nvcc on the PATH")
    elseif(NOT CUDAToolkit_FOUND)
        ph_no_cuda("no CUDA toolkit of version 13 or newer found: set CUDAToolkit_ROOT to where it is")
    else()
        ph_find_cudnn()
        if(NOT CUDNN_INCLUDE OR NOT CUDNN_GRAPH)
            ph_no_cuda("cuDNN 9 not found: install cudnn9-cuda-13, or set CUDNN_INCLUDE and CUDNN_GRAPH")
        else()
            set(PH_CUDA_FOUND TRUE)
        endif()
    endif()
endif()

if(PH_CUDA_FOUND)
    if(NOT CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES ${PH_CUDA_ARCHITECTURES})
    endif()
    set(CMAKE_CUDA_STANDARD 17)
    set(CMAKE_CUDA_STANDARD_REQUIRED ON)
    enable_language(CUDA)
    include(kernels/cuda/sources.cmake)
    # The kernels need neither exceptions nor any other part of the C++ runtime, so C programs link them as they are.
    add_library(cuda-kernels OBJECT ${PH_CUDA_KERNEL_SOURCES})
    target_include_directories(cuda-kernels PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
    target_compile_options(cuda-kernels PRIVATE -fmad=false -lineinfo -Xptxas=-warn-spills
                           -Xcompiler=-fno-exceptions,-fno-rtti,-fno-threadsafe-statics,-ffp-contract=off
                           $<$<BOOL:${PH_WERROR}>:--Werror=all-warnings>)
    set_target_properties(cuda-kernels PROPERTIES CUDA_VISIBILITY_PRESET hidden)
    target_link_libraries(phosphene-cuda INTERFACE CUDA::cudart_static CUDA::cublas CUDA::cufft ${CUDNN_GRAPH})
    target_compile_definitions(phosphene-cuda INTERFACE PH_WITH_CUDA)
    target_include_directories(phosphene-cuda SYSTEM INTERFACE ${CUDNN_INCLUDE} ${CUDAToolkit_INCLUDE_DIRS})
    # cuDNN loads the rest of itself from where its first library lies.
    set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
    message(STATUS "CUDA backend: ${CMAKE_CUDA_COMPILER}, architectures ${CMAKE_CUDA_ARCHITECTURES}, ${CUDNN_GRAPH}")
endif()
