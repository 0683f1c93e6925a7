# The Debian packages: `forecourt`, the host as a service with the plugins of this tree, and `forecourt-sdk-dev`, what a
# plugin outside it builds with. Made by `./dev package`; the rules here are no part of `cmake --install`.
set(package_files ${PROJECT_SOURCE_DIR}/runtime/app/package)
set(plugin_folder lib/forecourt/plugins)

if(NOT FORECOURT_SANITIZE)
  # What the program says of itself cannot differ from what it does.
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/share/forecourt.1 ${PROJECT_BINARY_DIR}/share/forecourt.bash
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/share
    COMMAND forecourt manual > ${PROJECT_BINARY_DIR}/share/forecourt.1
    COMMAND forecourt completion > ${PROJECT_BINARY_DIR}/share/forecourt.bash
    DEPENDS forecourt VERBATIM)
  add_custom_target(forecourt_manual ALL
    DEPENDS ${PROJECT_BINARY_DIR}/share/forecourt.1 ${PROJECT_BINARY_DIR}/share/forecourt.bash)
endif()

set(service COMPONENT service EXCLUDE_FROM_ALL)
foreach(plugin hello payments membership coupons community)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/plugins/${plugin} DESTINATION ${plugin_folder} ${service}
    FILES_MATCHING PATTERN "*.so" PATTERN "*.json" PATTERN "*.sql" PATTERN CMakeFiles EXCLUDE)
  file(READ ${PROJECT_SOURCE_DIR}/manifests/${plugin}.json manifest)
  string(REPLACE "build/release/plugins/" "/usr/${plugin_folder}/" manifest "${manifest}")
  string(REGEX REPLACE "\n *\"[$]schema\"[^\n]*" "" manifest "${manifest}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/share/manifests/${plugin}.json CONTENT "${manifest}" @ONLY)
endforeach()
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/manifests DESTINATION /etc/forecourt ${service})
install(FILES ${package_files}/forecourt.json DESTINATION /etc/forecourt ${service})
install(FILES ${package_files}/forecourt.service DESTINATION /lib/systemd/system ${service})
install(FILES ${PROJECT_BINARY_DIR}/share/forecourt.1 DESTINATION share/man/man1 ${service})
install(FILES ${PROJECT_BINARY_DIR}/share/forecourt.bash DESTINATION share/bash-completion/completions
  RENAME forecourt ${service})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/forecourt RENAME copyright ${service})
install(DIRECTORY ${PROJECT_BINARY_DIR}/assets/node_modules/swagger-ui-dist/ DESTINATION share/forecourt/docs
  ${service} OPTIONAL FILES_MATCHING PATTERN "swagger-ui.css" PATTERN "swagger-ui-bundle.js" PATTERN "favicon-32x32.png"
  PATTERN "LICENSE")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME forecourt)
set(CPACK_PACKAGE_VENDOR Forecourt)
set(CPACK_PACKAGE_CONTACT "Forecourt <forecourt@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL host service sdk)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_HOST_GROUP runtime)
set(CPACK_COMPONENT_SERVICE_GROUP runtime)
set(CPACK_COMPONENT_SDK_GROUP development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME forecourt)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "tzdata, ca-certificates")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "Runs plugins for groups of car dealers behind one HTTP gateway
Membership, coupons, customer communities and verified payments, and what a
group writes itself: each plugin gets an API, a database and events.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${package_files}/conffiles;${package_files}/postinst;${package_files}/prerm")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME forecourt-sdk-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "forecourt (= ${PROJECT_VERSION}), cmake (>= 3.25)")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "What a plugin of Forecourt builds and tests with
The C ABI, the C++20 layer over it, the CMake call and the testkit: a host
inside a test's process.")
include(CPack)
