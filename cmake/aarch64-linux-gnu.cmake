# Debian's cross compiler: apt-get install g++-aarch64-linux-gnu. Libraries of the target come from Debian's
# multi-arch packages (scripts/test-aarch64 unpacks them where the host cannot install them).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
if(DEFINED ENV{SAMOYED_AARCH64_ROOT})
  list(APPEND CMAKE_FIND_ROOT_PATH "$ENV{SAMOYED_AARCH64_ROOT}" "$ENV{SAMOYED_AARCH64_ROOT}/usr")
  add_compile_options("SHELL:-isystem $ENV{SAMOYED_AARCH64_ROOT}/usr/include" "SHELL:-isystem $ENV{SAMOYED_AARCH64_ROOT}/usr/include/aarch64-linux-gnu")
endif()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -cpu cortex-a72 -L /usr/aarch64-linux-gnu)
