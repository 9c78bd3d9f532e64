// Files that hold one value: ONNX's input_N.pb and output_N.pb (onnx-data.proto), and the messages in them.
#ifndef SAMOYED_WIRE_DATA_FILES_H_
#define SAMOYED_WIRE_DATA_FILES_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "model/model.h"
#include "tensor/tensor.h"
#include "tensor/type.h"

namespace samoyed::wire {

// Which message a file holds follows from the type that the graph declares: TensorProto,
// SparseTensorProto, SequenceProto, OptionalProto or MapProto (the file itself does not say). Tensors
// may view the mapped file. External data is looked for in the file's folder.
Result<Value> ReadValueFile(const std::string& path, TypeKind kind);
// The same from memory; no external data. `owner` keeps the bytes alive (null: the caller does).
Result<Value> ReadValue(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, TypeKind kind);

// The other way. `type` as declared, since an empty optional or sequence does not know its own.
Result<std::string> WriteValue(const Value& value, const Type& type, std::string_view name = {});
Status WriteValueFile(const std::string& path, const Value& value, const Type& type, std::string_view name = {});

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_DATA_FILES_H_
