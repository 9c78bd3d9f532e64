// The one place where sizes are added and multiplied: a dimension read from outside can be anything.
#ifndef SAMOYED_BASE_CHECKED_H_
#define SAMOYED_BASE_CHECKED_H_

#include <cstdint>
#include <limits>
#include <optional>

namespace samoyed {

// The sum or product, or nothing when it does not fit.
template <typename T>
[[nodiscard]] constexpr std::optional<T> CheckedAdd(T a, T b) {
  T out;
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}
template <typename T>
[[nodiscard]] constexpr std::optional<T> CheckedSub(T a, T b) {
  T out;
  if (__builtin_sub_overflow(a, b, &out)) return std::nullopt;
  return out;
}
template <typename T>
[[nodiscard]] constexpr std::optional<T> CheckedMul(T a, T b) {
  T out;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}

// `index` counted from the end when negative; nothing when outside [-size, size).
[[nodiscard]] constexpr std::optional<int64_t> NormalizeIndex(int64_t index, int64_t size) {
  if (index < 0) index += size;  // cannot overflow: size >= 0
  if (index < 0 || index >= size) return std::nullopt;
  return index;
}

// Integer arithmetic whose edge cases C++ leaves undefined: two's complement wrap-around.
template <typename T>
constexpr T WrapAdd(T a, T b) { T out; (void)__builtin_add_overflow(a, b, &out); return out; }
template <typename T>
constexpr T WrapSub(T a, T b) { T out; (void)__builtin_sub_overflow(a, b, &out); return out; }
template <typename T>
constexpr T WrapMul(T a, T b) { T out; (void)__builtin_mul_overflow(a, b, &out); return out; }

}  // namespace samoyed

#endif  // SAMOYED_BASE_CHECKED_H_
