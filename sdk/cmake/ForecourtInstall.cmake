# What `cmake --install` lays down: the program, and all that a plugin outside this tree needs to build and test.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Forecourt)
set(sdk ${CMAKE_CURRENT_LIST_DIR}/..)

install(DIRECTORY ${sdk}/include/ ${sdk}/testkit/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS forecourt forecourt_sdk forecourt_testkit EXPORT ForecourtTargets)
install(EXPORT ForecourtTargets NAMESPACE Forecourt:: DESTINATION ${package})
install(FILES ${sdk}/cmake/ForecourtAddPlugin.cmake ${sdk}/cmake/forecourt_plugin.map DESTINATION ${package})

configure_package_config_file(${sdk}/cmake/ForecourtConfig.cmake.in ${PROJECT_BINARY_DIR}/ForecourtConfig.cmake
  INSTALL_DESTINATION ${package})
# The ABI only grows, so a newer SDK of the same major serves what was written for an older one.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ForecourtConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ForecourtConfig.cmake ${PROJECT_BINARY_DIR}/ForecourtConfigVersion.cmake
  DESTINATION ${package})

configure_file(${sdk}/cmake/forecourt-sdk.pc.in ${PROJECT_BINARY_DIR}/forecourt-sdk.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/forecourt-sdk.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
