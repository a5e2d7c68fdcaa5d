ph_script_test(readme slow 300 sh tests/readme/run_readme.sh ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER} ${PH_EDGE_NET})
