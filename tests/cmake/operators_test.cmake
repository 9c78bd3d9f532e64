# cmake -DROOT=<source> -DSCRATCH=<folder> -DOPS=<list with , for ;> -P operators_test.cmake: the registry for SAMOYED_OPS, without a build.
cmake_minimum_required(VERSION 3.20)
set(CMAKE_SOURCE_DIR "${ROOT}")
set(CMAKE_BINARY_DIR "${SCRATCH}")
string(REPLACE "," ";" SAMOYED_OPS "${OPS}")
include("${ROOT}/cmake/Operators.cmake")
samoyed_generate_registry(registry excluded)
file(STRINGS "${registry}/registry_table.inc" rows REGEX "&kOp_")
message("${rows}")
