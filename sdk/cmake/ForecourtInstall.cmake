# What `cmake --install` lays down: the program, and all that a plugin outside this tree needs to build and test. The
# build folder is laid out the same way, so find_package(Forecourt) takes either.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(sdk ${CMAKE_CURRENT_LIST_DIR}/..)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Forecourt)
set(built ${PROJECT_BINARY_DIR}/lib/cmake/Forecourt)

configure_package_config_file(${sdk}/cmake/ForecourtConfig.cmake.in ${built}/ForecourtConfig.cmake
  INSTALL_DESTINATION ${package})
# The ABI only grows, so a newer SDK of the same major serves what was written for an older one.
write_basic_package_version_file(${built}/ForecourtConfigVersion.cmake COMPATIBILITY SameMajorVersion)
configure_file(${sdk}/cmake/ForecourtAddPlugin.cmake ${built}/ForecourtAddPlugin.cmake COPYONLY)
configure_file(${sdk}/cmake/forecourt_plugin.map ${built}/forecourt_plugin.map COPYONLY)
file(RELATIVE_PATH FORECOURT_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${sdk}/cmake/forecourt-sdk.pc.in ${PROJECT_BINARY_DIR}/forecourt-sdk.pc @ONLY)

install(TARGETS forecourt EXPORT ForecourtTargets COMPONENT host)
install(TARGETS forecourt_sdk forecourt_testkit EXPORT ForecourtTargets LIBRARY COMPONENT sdk)
install(DIRECTORY ${sdk}/include/ ${sdk}/testkit/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(EXPORT ForecourtTargets NAMESPACE Forecourt:: DESTINATION ${package} COMPONENT sdk)
install(FILES ${built}/ForecourtConfig.cmake ${built}/ForecourtConfigVersion.cmake ${built}/ForecourtAddPlugin.cmake
  ${built}/forecourt_plugin.map DESTINATION ${package} COMPONENT sdk)
install(FILES ${PROJECT_BINARY_DIR}/forecourt-sdk.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT sdk)
export(EXPORT ForecourtTargets NAMESPACE Forecourt:: FILE ${built}/ForecourtTargets.cmake)
