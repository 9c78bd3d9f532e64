#include "tensor/dtype.h"

namespace samoyed {
namespace {

struct DTypeRow {
  std::string_view name;
  int bits;
  DTypeClass kind;
};

constexpr DTypeRow kRows[kNumDTypes] = {
    {"undefined", 0, DTypeClass::kNone},
    {"float", 32, DTypeClass::kFloat},
    {"uint8", 8, DTypeClass::kUnsigned},
    {"int8", 8, DTypeClass::kSigned},
    {"uint16", 16, DTypeClass::kUnsigned},
    {"int16", 16, DTypeClass::kSigned},
    {"int32", 32, DTypeClass::kSigned},
    {"int64", 64, DTypeClass::kSigned},
    {"string", 0, DTypeClass::kString},
    {"bool", 8, DTypeClass::kBool},
    {"float16", 16, DTypeClass::kFloat},
    {"double", 64, DTypeClass::kFloat},
    {"uint32", 32, DTypeClass::kUnsigned},
    {"uint64", 64, DTypeClass::kUnsigned},
    {"complex64", 64, DTypeClass::kComplex},
    {"complex128", 128, DTypeClass::kComplex},
    {"bfloat16", 16, DTypeClass::kFloat},
    {"float8e4m3fn", 8, DTypeClass::kFloat},
    {"float8e4m3fnuz", 8, DTypeClass::kFloat},
    {"float8e5m2", 8, DTypeClass::kFloat},
    {"float8e5m2fnuz", 8, DTypeClass::kFloat},
    {"uint4", 4, DTypeClass::kUnsigned},
    {"int4", 4, DTypeClass::kSigned},
    {"float4e2m1", 4, DTypeClass::kFloat},
    {"float8e8m0", 8, DTypeClass::kFloat},
    {"uint2", 2, DTypeClass::kUnsigned},
    {"int2", 2, DTypeClass::kSigned},
    {"float6e2m3", 6, DTypeClass::kFloat},
    {"float6e3m2", 6, DTypeClass::kFloat},
};

const DTypeRow& RowOf(DType dtype) {
  const auto index = static_cast<int>(dtype);
  return kRows[index < kNumDTypes ? index : 0];
}

}  // namespace

int BitWidth(DType dtype) { return RowOf(dtype).bits; }
DTypeClass ClassOf(DType dtype) { return RowOf(dtype).kind; }
std::string_view NameOf(DType dtype) { return RowOf(dtype).name; }

std::optional<DType> DTypeFromName(std::string_view name) {
  for (int i = 1; i < kNumDTypes; ++i) {
    if (kRows[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

bool IsValidDType(int64_t number) { return number > 0 && number < kNumDTypes; }

}  // namespace samoyed
