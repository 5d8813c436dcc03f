# SPDX-License-Identifier: Apache-2.0
if(BONGSU_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(BONGSU_SANITIZE_THREAD)
  # -Wtsan: of fences the sanitizer sees nothing. The only one orders the reader of a ring against the kernel.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  add_link_options(-fsanitize=thread)
endif()
if(BONGSU_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
