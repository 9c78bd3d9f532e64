// Protobuf's variable-length integers, bounds-checked and without exceptions.
#ifndef SAMOYED_WIRE_VARINT_H_
#define SAMOYED_WIRE_VARINT_H_

#include <cstdint>
#include <string_view>

namespace samoyed::wire {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kStartGroup = 3, kEndGroup = 4, kFixed32 = 5 };

// Reads a varint at *p and moves *p behind it; false (and *p untouched) when it does not end before
// `end` or within the 10 bytes that a 64-bit number takes. Bits above the 64th are dropped.
inline bool ReadVarint(const char** p, const char* end, uint64_t* out) {
  const char* in = *p;
  if (in < end && static_cast<int8_t>(*in) >= 0) {
    *out = static_cast<uint8_t>(*in);
    *p = in + 1;
    return true;
  }
  uint64_t value = 0;
  for (int shift = 0; shift < 70 && in < end; shift += 7) {
    const auto byte = static_cast<uint8_t>(*in++);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *out = value;
      *p = in;
      return true;
    }
  }
  return false;
}

inline int VarintSize(uint64_t value) {
  int bytes = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++bytes;
  }
  return bytes;
}

// Writes at most 10 bytes and returns how many.
inline int WriteVarint(char* out, uint64_t value) {
  int n = 0;
  while (value >= 0x80) {
    out[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out[n++] = static_cast<char>(value);
  return n;
}

// How many varints a packed payload holds: the bytes that end one.
inline int64_t CountVarints(std::string_view packed) {
  int64_t count = 0;
  for (const char c : packed) count += static_cast<int8_t>(c) >= 0 ? 1 : 0;
  return count;
}

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_VARINT_H_
