# SPDX-License-Identifier: Apache-2.0
#
# Counts are written as a program ends by exit(3). `run` ends by _Exit(), which the linker sends through coverage_exit.c.
if(BONGSU_COVERAGE)
  add_compile_options(--coverage -O1 -fprofile-update=atomic)
  add_link_options(--coverage -Wl,--wrap=_Exit)
  add_library(bongsu_coverage_exit OBJECT ${CMAKE_SOURCE_DIR}/cmake/coverage_exit.c)
  link_libraries(bongsu_coverage_exit)
endif()
