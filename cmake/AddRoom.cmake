# SPDX-License-Identifier: Apache-2.0
#
# bongsu_room(NAME [USES room|library...])
#
# One static library from the *.cpp below this folder; `#include "NAME/x.h"` works for those that use it.
# A room takes every file of its folder, so adding an operator, a sink or a command is adding a file.
function(bongsu_room name)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")  # the program's, not the library's
  if(NOT sources)  # an empty room, while the house is being built
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(bongsu_${name} STATIC ${sources})
  target_include_directories(bongsu_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_include_directories(bongsu_${name} SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(bongsu_${name} PUBLIC ${ARG_USES} PRIVATE bongsu_warnings)
endfunction()

# bongsu_list_of_files(OUTPUT MACRO FOLDER SUFFIX)
#
# Writes generated/OUTPUT: a line MACRO(name) for each file FOLDER/nameSUFFIX. What includes it takes its list of things
# that are a file each from there, so that none can be forgotten, or lost by the linker.
function(bongsu_list_of_files output macro folder suffix)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*${suffix})
  set(lines)
  foreach(file ${files})
    string(REPLACE ${suffix} "" name ${file})
    string(APPEND lines "${macro}(${name})\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${output} CONTENT "${lines}")
endfunction()
