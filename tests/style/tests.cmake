ph_script_test(style style 120 sh tests/style/check.sh)
ph_script_test(clang-tidy style 2400 sh tests/style/tidy.sh ${PROJECT_BINARY_DIR})
