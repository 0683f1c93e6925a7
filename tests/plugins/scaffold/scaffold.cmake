# cmake -DBUILD= -DWORK= -DGENERATOR= -DCXX= -DCCACHE= -P scaffold.cmake
set(prefix ${WORK}/prefix)
set(home ${WORK}/elsewhere)
set(plugin ${home}/test-drives)
file(REMOVE_RECURSE ${prefix} ${home})
file(MAKE_DIRECTORY ${home})

function(run what)
  cmake_parse_arguments(ARG "" "IN;EXPECT" "COMMAND" ${ARGN})
  execute_process(COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${ARG_IN}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(ARG_EXPECT STREQUAL FAILURE)
    if(status EQUAL 0)
      message(FATAL_ERROR "${what} was not refused:\n${output}")
    endif()
  elseif(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed (${status}):\n${output}")
  endif()
endfunction()

run("install" IN ${BUILD} COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
set(forecourt ${prefix}/bin/forecourt)

run("a name that cannot be" IN ${home} EXPECT FAILURE COMMAND ${forecourt} new Test_Drives)
run("new" IN ${home} COMMAND ${forecourt} new test-drives)
run("new over what is there" IN ${home} EXPECT FAILURE COMMAND ${forecourt} new test-drives)
file(GLOB_RECURSE files ${plugin}/*)
foreach(file ${files})
  file(READ ${file} text)
  if(text MATCHES "[Ss]tarter" OR file MATCHES "[Ss]tarter")
    message(FATAL_ERROR "${file} still speaks of the template's own name")
  endif()
endforeach()

if(CCACHE)
  set(ENV{CMAKE_CXX_COMPILER_LAUNCHER} ${CCACHE})
  set(ENV{CCACHE_NOHASHDIR} 1)
endif()
# The preset's folder and build type; unoptimised, so that the test stays short.
run("configure" IN ${plugin} COMMAND ${CMAKE_COMMAND} --preset debug -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS_DEBUG=-g1
  -DCMAKE_PREFIX_PATH=${prefix})
run("build" IN ${plugin} COMMAND ${CMAKE_COMMAND} --build --preset debug)
run("ctest" IN ${plugin} COMMAND ${CMAKE_CTEST_COMMAND} --preset debug)
run("check" IN ${plugin} COMMAND ${forecourt} check build/debug/test-drives)
# A host of its own, started beside it: the plugin runs there.
file(WRITE ${home}/serve.sh [=[
forecourt=$1
export FORECOURT_DATA=$2 FORECOURT_LISTEN=127.0.0.1:0 FORECOURT_LOG_LEVEL=warn
"$forecourt" serve > "$2.log" 2>&1 &
host=$!
trap 'kill $host; wait $host' EXIT
for i in $(seq 300); do
  "$forecourt" plugins | grep -q "test-drives.*running" && exit 0
  kill -0 $host 2> /dev/null || break
  sleep 0.1
done
cat "$2.log"
"$forecourt" plugins
exit 1
]=])
run("apply" IN ${plugin} COMMAND ${CMAKE_COMMAND} -E env FORECOURT_DATA=${home}/data
  ${forecourt} apply manifests/test-drives.json)
run("serve" IN ${plugin} COMMAND sh ${home}/serve.sh ${forecourt} ${home}/data)

# No header of the host's own libraries is installed or needed.
file(GLOB_RECURSE headers ${prefix}/include/*)
foreach(header ${headers})
  file(STRINGS ${header} foreign REGEX "#include <(boost|rapidjson|spdlog|sqlite3|openssl)")
  if(foreign)
    message(FATAL_ERROR "${header}: ${foreign}")
  endif()
endforeach()
find_program(pkg_config pkg-config)
if(pkg_config)
  file(GLOB_RECURSE pc ${prefix}/*/forecourt-sdk.pc)
  cmake_path(GET pc PARENT_PATH pc_folder)
  run("pkg-config" IN ${home}
    COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_folder} ${pkg_config} --cflags forecourt-sdk)
endif()
