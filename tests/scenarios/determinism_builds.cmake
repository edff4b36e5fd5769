# Builds wavetank_digest with every compiler and optimisation level, and compares what they print.
#
#   cmake -DSOURCE_DIR=... -DWORK_DIR=... -P determinism_builds.cmake
#
# Takes minutes: `ctest -C Nightly -L nightly`.
cmake_minimum_required(VERSION 3.25)

set(samples)
foreach(seed RANGE 1 6)
  foreach(scenario everything torn-tail lost-fsync bit-rot power-cut-in-snapshot)
    list(APPEND samples ${scenario}:${seed})
  endforeach()
endforeach()

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "${what} failed:\n${output}")
  endif()
endfunction()

set(first)
foreach(compiler g++ clang++-16)
  find_program(found_${compiler} ${compiler})
  if(NOT found_${compiler})
    message(FATAL_ERROR "there is no ${compiler}")
  endif()
  foreach(level -O0 -O3)
    set(name ${compiler}${level})
    set(folder ${WORK_DIR}/${name})
    run("configuring ${name}" ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${folder} -G Ninja
        -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER=${compiler} -DCMAKE_CXX_FLAGS=${level}
        -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DWAVETANK_BENCH=OFF)
    run("building ${name}" ${CMAKE_COMMAND} --build ${folder} --target wavetank_digest)
    execute_process(COMMAND ${folder}/bin/wavetank_digest ${samples} RESULT_VARIABLE failed
                    OUTPUT_VARIABLE printed)
    if(failed)
      message(FATAL_ERROR "${name}: wavetank_digest ended with ${failed}")
    endif()
    message(STATUS "${name} has run")
    if(NOT first)
      set(first ${name})
      set(expected "${printed}")
      string(REGEX MATCHALL "0x" digests "${printed}")
      list(LENGTH digests count)
      list(LENGTH samples wanted)
      if(NOT count EQUAL wanted)
        message(FATAL_ERROR "${name} printed ${count} digests, want ${wanted}:\n${printed}")
      endif()
    elseif(NOT printed STREQUAL expected)
      message(FATAL_ERROR "${name} differs from ${first}:\n${printed}\n${first}:\n${expected}")
    endif()
  endforeach()
endforeach()
