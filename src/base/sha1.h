// SHA-1 (FIPS 180-4): the checksum that ONNX stores with external data. Finds damage, proves no origin.
#ifndef SAMOYED_BASE_SHA1_H_
#define SAMOYED_BASE_SHA1_H_

#include <cstddef>
#include <span>
#include <string>

namespace samoyed {

// 40 lower-case hexadecimal digits.
std::string Sha1Hex(std::span<const std::byte> bytes);

}  // namespace samoyed

#endif  // SAMOYED_BASE_SHA1_H_
