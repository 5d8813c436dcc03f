# SPDX-License-Identifier: Apache-2.0
#
# bongsu_precompile(TARGET): the test framework's headers are most of what a test file takes to compile. The first
# target that asks compiles them, the others share the result. Off in the tidy preset: clang-tidy sees plain files.
function(bongsu_precompile target)
  # A target whose flags differ compiles without it: slower, not wrong.
  set_target_properties(${target} PROPERTIES PCH_WARN_INVALID OFF)
  if(TARGET bongsu_precompiled)
    target_precompile_headers(${target} REUSE_FROM bongsu_precompiled)
  else()
    file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
    add_library(bongsu_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(bongsu_precompiled PRIVATE GTest::gmock Threads::Threads bongsu_warnings)
    target_precompile_headers(bongsu_precompiled PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    target_precompile_headers(${target} REUSE_FROM bongsu_precompiled)
  endif()
endfunction()
