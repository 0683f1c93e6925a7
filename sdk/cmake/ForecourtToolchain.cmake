# Warnings, sanitizers, ccache and the third-party libraries, each as one target.

find_program(FORECOURT_CCACHE ccache)
if(FORECOURT_CCACHE)
  # Build folders and clones share one cache: where they lie is not part of the key.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1
      CCACHE_BASEDIR=${CMAKE_CURRENT_SOURCE_DIR}
      CCACHE_SLOPPINESS=pch_defines,time_macros ${FORECOURT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_library(forecourt_warnings INTERFACE)
target_compile_options(forecourt_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow=local;-Wnon-virtual-dtor;-Woverloaded-virtual>
  $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wpedantic>)

if(FORECOURT_SANITIZE)
  add_compile_options(-fsanitize=${FORECOURT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # RapidJSON's stack starts from a null pointer, which clang calls an overflow.
    add_compile_options(-fno-sanitize=pointer-overflow)
  endif()
  add_link_options(-fsanitize=${FORECOURT_SANITIZE})
  add_compile_definitions(FORECOURT_SANITIZED=1)
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)

# Header-only libraries as system includes: their warnings are not ours.
add_library(forecourt_rapidjson INTERFACE)
target_compile_definitions(forecourt_rapidjson INTERFACE RAPIDJSON_HAS_STDSTRING=1)
add_library(forecourt_asio INTERFACE)
target_compile_definitions(forecourt_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
                           BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(forecourt_asio INTERFACE Threads::Threads)

# One static library of the runtime: `runtime/<name>`, its sources listed by hand, its links the dependency
# diagram of docs/ARCHITECTURE.md.
function(forecourt_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(forecourt_${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(forecourt_${NAME} PUBLIC ${PROJECT_SOURCE_DIR}/runtime)
  target_link_libraries(forecourt_${NAME} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} forecourt_warnings)
endfunction()
