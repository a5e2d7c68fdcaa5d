# The maker of the sample network needs the ONNX writer and nothing of the library.
add_executable(make-edge-net samples/make_edge_net.c samples/edge_kernels.c samples/onnx_build.c)
target_link_libraries(make-edge-net PRIVATE phosphene-flags onnx-proto PkgConfig::PROTOBUFC m)

# The labelled pictures that the sample networks learn from: a module for ctypes, and a program that writes them.
set(PH_PICTURES_SOURCES)
foreach(theme animals backdrop classes colour develop distance face home indoors insects land outside parts patterns
        pictures plants road shape stage texture town water)
    list(APPEND PH_PICTURES_SOURCES samples/pictures/${theme}.c)
endforeach()
add_library(pictures-objects OBJECT ${PH_PICTURES_SOURCES})
target_link_libraries(pictures-objects PUBLIC phosphene-flags OpenMP::OpenMP_C m)
add_library(sample-pictures MODULE $<TARGET_OBJECTS:pictures-objects>)
target_link_libraries(sample-pictures PRIVATE phosphene-flags OpenMP::OpenMP_C m)
add_executable(make-pictures samples/make_pictures.c samples/broden.c $<TARGET_OBJECTS:pictures-objects>)
target_link_libraries(make-pictures PRIVATE phosphene-static PkgConfig::POPT)

# One idea each, through the public interface alone; what a user would write.
foreach(idea neuron snapshots dream direction objective)
    add_executable(sample-${idea} samples/${idea}.c)
    target_link_libraries(sample-${idea} PRIVATE phosphene-flags phosphene-shared m)
endforeach()
