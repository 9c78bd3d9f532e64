// Any bytes as a model or a tensor file: read, then everything that walks what was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "wire/data_files.h"
#include "wire/equal.h"
#include "wire/reader.h"
#include "wire/tensor_data.h"
#include "wire/text.h"
#include "wire/types.h"

namespace {

using namespace samoyed;        // NOLINT
using namespace samoyed::wire;  // NOLINT

// What is read and written must read as the same again.
template <typename Message>
void CheckRoundTrip(const Message& message) {
  const auto written = WriteMessage(message);
  if (!written.ok()) return;
  const auto again = ReadMessage<Message>(std::as_bytes(std::span(written->data(), written->size())), nullptr);
  if (!again.ok() || !Equal(message, *again)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  for (const TypeKind kind : {TypeKind::kTensor, TypeKind::kSparseTensor, TypeKind::kSequence, TypeKind::kOptional, TypeKind::kMap}) {
    (void)ReadValue(bytes, nullptr, kind).ok();
  }
  const auto model = ReadModel(bytes, nullptr, "");
  if (!model.ok()) return 0;
  CheckRoundTrip(*model);
  (void)ToText(*model);
  if (!model->graph) return 0;
  for (const auto& tensor : model->graph->initializer) {
    if (const auto value = ToTensor(tensor); value.ok()) CheckRoundTrip(FromTensor(*value));
  }
  for (const auto& sparse : model->graph->sparse_initializer) (void)ToSparse(sparse, ExternalContext()).ok();
  for (const auto& input : model->graph->input) {
    if (!input.type) continue;
    if (const auto type = ToType(*input.type); type.ok()) CheckRoundTrip(FromType(*type));
  }
  return 0;
}
