# What `cmake --install` puts where: the program, the shared library, its header, and how others find them.
include(CMakePackageConfigHelpers)

install(TARGETS phosphene RUNTIME)
install(TARGETS phosphene-shared EXPORT PhospheneTargets LIBRARY)
install(FILES include/phosphene.h TYPE INCLUDE)
install(FILES LICENSE TYPE DOC)

set(PH_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Phosphene)
install(EXPORT PhospheneTargets NAMESPACE Phosphene:: DESTINATION ${PH_PACKAGE_DIR})
configure_package_config_file(cmake/PhospheneConfig.cmake.in ${PROJECT_BINARY_DIR}/PhospheneConfig.cmake
                              INSTALL_DESTINATION ${PH_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/PhospheneConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/PhospheneConfig.cmake ${PROJECT_BINARY_DIR}/PhospheneConfigVersion.cmake
        DESTINATION ${PH_PACKAGE_DIR})

# pcfiledir keeps the package movable: the prefix is found from where the .pc file lies.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
           OUTPUT_VARIABLE PH_PC_PREFIX)
configure_file(cmake/phosphene.pc.in phosphene.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/phosphene.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
