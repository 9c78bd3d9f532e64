// Hand-made protobuf bytes for tests.
#ifndef SAMOYED_WIRE_WIRE_BYTES_H_
#define SAMOYED_WIRE_WIRE_BYTES_H_

#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "wire/varint.h"

namespace samoyed::wire {

inline std::string VarintBytes(uint64_t value) {
  char bytes[10];
  return std::string(bytes, static_cast<size_t>(WriteVarint(bytes, value)));
}
inline std::string TagBytes(uint32_t number, WireType type) { return VarintBytes(uint64_t{number} << 3 | static_cast<uint64_t>(type)); }
inline std::string IntField(uint32_t number, int64_t value) {
  return TagBytes(number, WireType::kVarint) + VarintBytes(static_cast<uint64_t>(value));
}
inline std::string BlockField(uint32_t number, std::string_view payload) {
  return TagBytes(number, WireType::kBytes) + VarintBytes(payload.size()) + std::string(payload);
}
inline std::string FloatField(uint32_t number, float value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return TagBytes(number, WireType::kFixed32) + std::string(bytes, sizeof bytes);
}
inline std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_WIRE_BYTES_H_
