# What a builder can choose, and what every target of ours is compiled with.
option(SAMOYED_BUILD_CLI "Build the samoyed command" ON)
option(SAMOYED_BUILD_TESTS "Build the tests" ON)
option(SAMOYED_BUILD_BENCH "Build the micro-benchmarks" OFF)
set(SAMOYED_OPS "" CACHE STRING "Operators to build, separated by semicolons (Conv;Relu;ai.onnx.ml::Scaler); empty: all")
set(SAMOYED_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this it does not cache what uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(samoyed_flags INTERFACE)
target_compile_options(samoyed_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor
  # The same numbers on every machine: kernels ask for fused multiply-add where they want it.
  -ffp-contract=off)
target_compile_definitions(samoyed_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(SAMOYED_SANITIZE)
  target_compile_options(samoyed_flags INTERFACE -fsanitize=${SAMOYED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(samoyed_flags INTERFACE -fsanitize=${SAMOYED_SANITIZE})
endif()
