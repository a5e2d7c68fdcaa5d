# The reader is generated at build time from the onnx.proto that libonnx-dev installs.
get_filename_component(ONNX_PROTO_DIR ${ONNX_PROTO} DIRECTORY)
set(ONNX_GENERATED ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${ONNX_GENERATED})
add_custom_command(
    OUTPUT ${ONNX_GENERATED}/onnx.pb-c.c ${ONNX_GENERATED}/onnx.pb-c.h
    COMMAND ${PROTOC_C} --c_out=${ONNX_GENERATED} -I${ONNX_PROTO_DIR} ${ONNX_PROTO}
    DEPENDS ${ONNX_PROTO})
add_library(onnx-proto OBJECT ${ONNX_GENERATED}/onnx.pb-c.c ${ONNX_GENERATED}/onnx.pb-c.h)
target_include_directories(onnx-proto SYSTEM PUBLIC ${ONNX_GENERATED})
target_link_libraries(onnx-proto PUBLIC PkgConfig::PROTOBUFC)
