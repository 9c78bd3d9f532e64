// Any bytes as a model: checked, loaded and, where it loads, run on made-up inputs, with the fast kernels and with the reference.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "check/checker.h"
#include "exec/session.h"
#include "providers/cpu/cpu.h"
#include "providers/reference/reference.h"
#include "tensor/convert.h"
#include "wire/reader.h"

namespace {

using namespace samoyed;  // NOLINT

constexpr int64_t kMaxElements = 1 << 16;  // of one input
constexpr double kMilliseconds = 2000;

// Small numbers that repeat: good as values, as indices and as sizes alike.
Result<Value> MadeUp(const Type& type) {
  if (!type.is_tensor() || !type.shape) return Unsupported("only tensors of known rank are made up");
  std::vector<int64_t> dims;
  for (const Dim& d : *type.shape) dims.push_back(d.known() ? d.value : 2);
  const Shape shape(dims);
  SAMOYED_ASSIGN_OR_RETURN(const int64_t n, shape.CheckedNumElements());
  if (n > kMaxElements) return Unsupported("size");
  SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(type.dtype, shape));
  if (type.dtype == DType::kString) return Value(std::move(tensor));
  std::vector<int64_t> values(static_cast<size_t>(n));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(i % 7) - 2;
  StoreAll(tensor, values);
  return Value(std::move(tensor));
}

void LoadAndRun(std::span<const std::byte> bytes, bool fast) {
  SessionOptions options;
  options.threads = 1;
  options.timeout_ms = kMilliseconds;
  options.max_memory = 256 << 20;
  if (fast) options.providers.push_back(MakeCpuProvider());
  options.providers.push_back(MakeReferenceProvider());
  options.optimise = fast;
  const auto session = Session::LoadBytes(bytes, std::move(options));
  if (!session.ok()) return;
  std::vector<Value> inputs;
  for (const IoInfo& input : (*session)->inputs()) {
    if (input.has_default) break;
    auto value = MadeUp(input.type);
    if (!value.ok()) return;
    inputs.push_back(std::move(value).value());
  }
  for (int i = 0; i < 2; ++i) {
    if (!(*session)->Run(inputs).ok()) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto model = wire::ReadModel(bytes, nullptr, ""); model.ok()) {
    for (const bool full : {false, true}) (void)CheckModel(*model, {.full = full}).size();
  } else {
    return 0;
  }
  LoadAndRun(bytes, true);
  LoadAndRun(bytes, false);
  return 0;
}
