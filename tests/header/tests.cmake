ph_script_test(headers style 60 sh tests/header/check.sh ${CMAKE_C_COMPILER} ${ONNX_GENERATED})
