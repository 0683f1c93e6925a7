# forecourt_add_plugin(NAME coupons SOURCES src/a.cpp ... [LINK libs...])
#
# Builds a plugin's bundle, the folder a manifest's `path` names:
#   <binary dir>/<NAME>.so  plugin.json  openapi.json  migrations/*.sql
# beside each other, from plugin.json, openapi.json and migrations/ in the current source folder. Sets the three
# guards against contamination between generations: hidden visibility, no unique symbols, version script.
set(FORECOURT_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/forecourt_plugin.map)

function(forecourt_add_plugin)
  cmake_parse_arguments(ARG "" "NAME;BUNDLE" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_BUNDLE)
    if(PROJECT_NAME STREQUAL forecourt)
      set(ARG_BUNDLE ${PROJECT_BINARY_DIR}/plugins/${ARG_NAME})
    else()
      set(ARG_BUNDLE ${PROJECT_BINARY_DIR}/${ARG_NAME})
    endif()
  endif()
  set(target forecourt_plugin_${ARG_NAME})
  add_library(${target} MODULE ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE Forecourt::sdk ${ARG_LINK})
  target_compile_options(${target} PRIVATE -fno-gnu-unique)
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    C_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    PREFIX ""
    OUTPUT_NAME ${ARG_NAME}
    LIBRARY_OUTPUT_DIRECTORY ${ARG_BUNDLE}
    LINK_DEPENDS ${FORECOURT_PLUGIN_MAP})
  target_link_options(${target} PRIVATE
    "LINKER:--version-script=${FORECOURT_PLUGIN_MAP}")
  if(NOT FORECOURT_SANITIZE)
    target_link_options(${target} PRIVATE LINKER:--no-undefined -static-libstdc++ -static-libgcc)
  endif()
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql)
  set(copies)
  foreach(file ${CMAKE_CURRENT_SOURCE_DIR}/plugin.json ${CMAKE_CURRENT_SOURCE_DIR}/openapi.json ${files})
    file(RELATIVE_PATH name ${CMAKE_CURRENT_SOURCE_DIR} ${file})
    add_custom_command(OUTPUT ${ARG_BUNDLE}/${name}
      COMMAND ${CMAKE_COMMAND} -E copy ${file} ${ARG_BUNDLE}/${name}
      DEPENDS ${file})
    list(APPEND copies ${ARG_BUNDLE}/${name})
  endforeach()
  add_custom_target(${target}_bundle ALL DEPENDS ${copies})
  add_dependencies(${target} ${target}_bundle)
  set_target_properties(${target} PROPERTIES FORECOURT_BUNDLE ${ARG_BUNDLE})
endfunction()
