# The command line, tested from outside: sh scripts with a network of their own and a small program that looks at results.
add_executable(make-tiny-net cli/make_tiny_net.c ../samples/onnx_build.c)
target_link_libraries(make-tiny-net PRIVATE phosphene-flags onnx-proto PkgConfig::PROTOBUFC)
add_executable(cli-inspect cli/inspect.c)
target_link_libraries(cli-inspect PRIVATE phosphene-flags PkgConfig::CJSON PkgConfig::PNG)
set(PH_TINY_NET ${CMAKE_CURRENT_BINARY_DIR}/tiny.onnx)
add_custom_command(OUTPUT ${PH_TINY_NET} COMMAND make-tiny-net ${PH_TINY_NET} DEPENDS make-tiny-net)
add_custom_target(tiny-net ALL DEPENDS ${PH_TINY_NET})

foreach(theme classify dream help interrupt misuse models output repeat targets)
    ph_script_test(cli-${theme} fast 120 sh tests/cli/${theme}.sh $<TARGET_FILE:phosphene> ${PH_TINY_NET}
                   $<TARGET_FILE:cli-inspect>)
endforeach()
ph_script_test(cli-real slow 300 sh tests/cli/real.sh $<TARGET_FILE:phosphene> ${PH_TINY_NET}
               $<TARGET_FILE:cli-inspect>)
