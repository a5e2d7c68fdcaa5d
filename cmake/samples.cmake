# The maker of the sample network needs the ONNX writer and nothing of the library.
add_executable(make-edge-net samples/make_edge_net.c samples/edge_kernels.c samples/onnx_build.c)
target_link_libraries(make-edge-net PRIVATE phosphene-flags onnx-proto PkgConfig::PROTOBUFC m)

# The labelled pictures that the sample networks learn from: a module for ctypes, and a program that writes them.
add_library(sample-pictures MODULE samples/pictures/classes.c samples/pictures/colour.c samples/pictures/develop.c
            samples/pictures/distance.c samples/pictures/patterns.c samples/pictures/pictures.c
            samples/pictures/shape.c samples/pictures/stage.c samples/pictures/texture.c)
target_link_libraries(sample-pictures PRIVATE phosphene-flags OpenMP::OpenMP_C m)
