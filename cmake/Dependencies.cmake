# SPDX-License-Identifier: Apache-2.0
# Everything comes from the distribution (Debian 12 and 13); scripts/setup installs it.
find_package(PkgConfig REQUIRED)
# As re2's and httplib's own flags have it: every file sees the same -pthread, and precompiled headers fit them all.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(tl-expected 1.0 REQUIRED)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf>=1.1)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(LIBCRYPTO REQUIRED IMPORTED_TARGET libcrypto)
if(BONGSU_TESTS)
  find_package(GTest 1.12 REQUIRED)
endif()
if(BONGSU_BENCH)
  find_package(benchmark 1.7 REQUIRED)
endif()

find_program(BONGSU_CLANG NAMES clang clang-19 clang-14 REQUIRED)
find_program(BONGSU_BPFTOOL NAMES bpftool PATHS /usr/sbin /sbin REQUIRED)
