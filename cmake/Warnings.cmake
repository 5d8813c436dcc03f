# SPDX-License-Identifier: Apache-2.0
# Warnings are errors, for our own code only: libraries come in as SYSTEM headers.
add_library(bongsu_warnings INTERFACE)
target_compile_options(bongsu_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wcast-align -Wconversion -Wdouble-promotion -Wformat=2 -Wimplicit-fallthrough -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wshadow -Wsign-conversion -Wunused)
