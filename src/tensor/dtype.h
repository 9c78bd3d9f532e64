// Element types. The numbers are those of onnx.TensorProto.DataType.
#ifndef SAMOYED_TENSOR_DTYPE_H_
#define SAMOYED_TENSOR_DTYPE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace samoyed {

enum class DType : uint8_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUint2 = 25,
  kInt2 = 26,
  kFloat6E2M3 = 27,
  kFloat6E3M2 = 28,
};
inline constexpr int kNumDTypes = 29;

// What arithmetic on a type means: which of the reference kernels' wide types it is computed in.
enum class DTypeClass : uint8_t { kNone, kFloat, kSigned, kUnsigned, kBool, kComplex, kString };

// Bits an element takes in memory; sub-byte types are packed, low bits first, as ONNX packs them.
// Zero for strings (whose elements are std::string objects) and for kUndefined.
int BitWidth(DType dtype);
DTypeClass ClassOf(DType dtype);
// "float", "uint8", "float8e4m3fn": the name in schemas' type strings, "tensor(float)".
std::string_view NameOf(DType dtype);
std::optional<DType> DTypeFromName(std::string_view name);
// False for numbers that are not an element type of the standard.
bool IsValidDType(int64_t number);

inline bool IsFloat(DType t) { return ClassOf(t) == DTypeClass::kFloat; }
inline bool IsInteger(DType t) { return ClassOf(t) == DTypeClass::kSigned || ClassOf(t) == DTypeClass::kUnsigned; }
inline bool IsSubByte(DType t) { return BitWidth(t) > 0 && BitWidth(t) < 8; }

// C++ element type -> DType, for the types that C++ has.
template <typename T> inline constexpr DType kDTypeOf = DType::kUndefined;
template <> inline constexpr DType kDTypeOf<float> = DType::kFloat;
template <> inline constexpr DType kDTypeOf<double> = DType::kDouble;
template <> inline constexpr DType kDTypeOf<uint8_t> = DType::kUint8;
template <> inline constexpr DType kDTypeOf<int8_t> = DType::kInt8;
template <> inline constexpr DType kDTypeOf<uint16_t> = DType::kUint16;
template <> inline constexpr DType kDTypeOf<int16_t> = DType::kInt16;
template <> inline constexpr DType kDTypeOf<uint32_t> = DType::kUint32;
template <> inline constexpr DType kDTypeOf<int32_t> = DType::kInt32;
template <> inline constexpr DType kDTypeOf<uint64_t> = DType::kUint64;
template <> inline constexpr DType kDTypeOf<int64_t> = DType::kInt64;
template <> inline constexpr DType kDTypeOf<bool> = DType::kBool;

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_DTYPE_H_
