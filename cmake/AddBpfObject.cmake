# SPDX-License-Identifier: Apache-2.0
#
# bongsu_bpf_object(NAME ARCH SOURCES...)
#
# Compiles each source with clang for one architecture (x86 or arm64, libbpf's names), with a depfile, and
# merges the objects into ${CMAKE_CURRENT_BINARY_DIR}/NAME.bpf.o. The result's path is left in NAME_OBJECT.

# -target bpf drops the multiarch include folder, where asm/types.h lives on Debian.
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-multiarch OUTPUT_VARIABLE BONGSU_MULTIARCH
  OUTPUT_STRIP_TRAILING_WHITESPACE)

function(bongsu_bpf_object name arch)
  set(objects)
  foreach(source ${ARGN})
    get_filename_component(stem ${source} NAME_WE)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}/${stem}.bpf.o)
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/${name}
      COMMAND ${BONGSU_CLANG} -target bpf -mcpu=v2 -g -O2 -D__TARGET_ARCH_${arch} -Wall -Wextra -Wno-unused-parameter -Werror
        -fdebug-prefix-map=${CMAKE_SOURCE_DIR}=. -idirafter /usr/include/${BONGSU_MULTIARCH}
        -I${CMAKE_SOURCE_DIR}/bpf -MD -MT ${object} -MF ${object}.d -c ${source} -o ${object}
      # The compiler notes where it was run: not the build folder, whose name must not get into the program.
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      DEPENDS ${source}
      DEPFILE ${object}.d
      COMMENT "BPF ${arch} ${stem}"
      VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(merged ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  add_custom_command(
    OUTPUT ${merged}
    COMMAND ${BONGSU_BPFTOOL} gen object ${merged} ${objects}
    DEPENDS ${objects}
    COMMENT "BPF ${arch} ${name}: merging"
    VERBATIM)
  set(${name}_OBJECT ${merged} PARENT_SCOPE)
endfunction()

# bongsu_bpf_skeleton(NAME OBJECT HEADER)
function(bongsu_bpf_skeleton name object header)
  get_filename_component(folder ${header} DIRECTORY)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND sh -c "${BONGSU_BPFTOOL} gen skeleton ${object} name ${name} >${header}.new && mv ${header}.new ${header}"
    DEPENDS ${object}
    COMMENT "BPF skeleton ${name}"
    VERBATIM)
endfunction()
