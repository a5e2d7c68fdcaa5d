# The maker of the sample network needs the ONNX writer and nothing of the library.
add_executable(make-edge-net samples/make_edge_net.c samples/edge_kernels.c samples/onnx_build.c)
target_link_libraries(make-edge-net PRIVATE phosphene-flags onnx-proto PkgConfig::PROTOBUFC m)
