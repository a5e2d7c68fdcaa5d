ph_script_test(symbols install 30 sh tests/install/symbols.sh $<TARGET_FILE:phosphene-shared>
               $<TARGET_FILE:phosphene-static>)
ph_script_test(install install 180 sh tests/install/install.sh ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER} ${PH_EDGE_NET}
               conv2:0)
