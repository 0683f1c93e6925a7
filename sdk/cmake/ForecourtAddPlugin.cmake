# forecourt_add_plugin(NAME coupons SOURCES src/a.cpp ... [LINK libs...] [BUNDLE folder] [FOLDER folder])
#
# Builds a plugin's bundle, the folder a manifest's `path` names:
#   <NAME>.so  plugin.json  openapi.json  migrations/*.sql
# beside each other in BUNDLE (default: <build>/<NAME>), from plugin.json, openapi.json and migrations/ of FOLDER
# (default: the current source folder). The same call serves Forecourt's own tree and a plugin's.
#
# What a library needs to stand beside another version of itself is set here: hidden visibility, no unique symbols, a
# version script that exports the entry alone, its own C++ runtime, no symbol left undefined. Once enable_testing()
# has been called, a test named <NAME>.check has the host look at the bundle.
set(FORECOURT_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/forecourt_plugin.map)

function(forecourt_add_plugin)
  cmake_parse_arguments(ARG "" "NAME;BUNDLE;FOLDER" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_NAME OR NOT ARG_SOURCES OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "forecourt_add_plugin(NAME <id> SOURCES <files> [LINK <libraries>] [BUNDLE <folder>] "
                        "[FOLDER <folder>]): got '${ARGN}'")
  endif()
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  if(NOT ARG_BUNDLE)
    if(PROJECT_NAME STREQUAL forecourt)
      set(ARG_BUNDLE ${PROJECT_BINARY_DIR}/plugins/${ARG_NAME})
    else()
      set(ARG_BUNDLE ${PROJECT_BINARY_DIR}/${ARG_NAME})
    endif()
  endif()

  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)

  set(target forecourt_plugin_${ARG_NAME})
  add_library(${target} MODULE ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE Forecourt::sdk ${ARG_LINK})
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    C_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    PREFIX ""
    OUTPUT_NAME ${ARG_NAME}
    LIBRARY_OUTPUT_DIRECTORY ${ARG_BUNDLE}
    LINK_DEPENDS ${FORECOURT_PLUGIN_MAP}
    FORECOURT_BUNDLE ${ARG_BUNDLE})
  target_link_options(${target} PRIVATE LINKER:--version-script=${FORECOURT_PLUGIN_MAP})
  set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
  if(FORECOURT_SANITIZE OR flags MATCHES "-fsanitize")
    # It finds the sanitizer's runtime in the program that loads it.
    target_link_options(${target} PRIVATE -fno-sanitize=all)
  else()
    target_link_options(${target} PRIVATE LINKER:--no-undefined -static-libstdc++ -static-libgcc)
  endif()

  forecourt_copy_into_bundle(${target} ${ARG_FOLDER} ${ARG_BUNDLE})
  # A host without sanitizers cannot load a library with them; the testkit in a sanitized test can.
  if(CMAKE_TESTING_ENABLED AND (FORECOURT_SANITIZE OR NOT flags MATCHES "-fsanitize"))
    forecourt_check_plugin(${ARG_NAME})
  endif()
endfunction()

# The bundle holds what the source folder holds: a migration that is gone there goes here too.
function(forecourt_copy_into_bundle target folder bundle)
  file(GLOB migrations CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/migrations/*.sql)
  file(GLOB present RELATIVE ${bundle} ${bundle}/migrations/*.sql)
  foreach(name ${present})
    if(NOT name IN_LIST migrations)
      file(REMOVE ${bundle}/${name})
    endif()
  endforeach()
  set(copies)
  foreach(name plugin.json openapi.json ${migrations})
    add_custom_command(OUTPUT ${bundle}/${name}
      COMMAND ${CMAKE_COMMAND} -E copy ${folder}/${name} ${bundle}/${name}
      DEPENDS ${folder}/${name}
      VERBATIM)
    list(APPEND copies ${bundle}/${name})
  endforeach()
  add_custom_target(${target}_bundle ALL DEPENDS ${copies})
  add_dependencies(${target} ${target}_bundle)
endfunction()

# The smoke test of a plugin that forecourt_add_plugin made.
function(forecourt_check_plugin name)
  if(TARGET Forecourt::forecourt)
    set(program $<TARGET_FILE:Forecourt::forecourt>)
  elseif(TARGET forecourt)
    set(program $<TARGET_FILE:forecourt>)
  else()
    return()
  endif()
  add_test(NAME ${name}.check
    COMMAND ${program} check $<TARGET_PROPERTY:forecourt_plugin_${name},FORECOURT_BUNDLE>)
  set_tests_properties(${name}.check PROPERTIES TIMEOUT 60)
endfunction()
