// Protobuf bytes -> the plain structs of model/model.h, without copying bulk data.
//
// The parser is ours (no protobuf, no exceptions): lengths are 64-bit, so that files over 2 GB work;
// groups and unknown fields are kept; messages nest at most 100 deep, as in protobuf; what is repeated
// merges by proto2's rules. Memory taken is bounded by the input: no declared size is believed.
#ifndef SAMOYED_WIRE_READER_H_
#define SAMOYED_WIRE_READER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "model/model.h"

namespace samoyed::wire {

// Maps the file and parses it. External data is looked for in the file's folder, later.
// Errors (kBadInput) name the file, the place ("model.graph.node[3].attribute[1]") and the offset.
Result<model::ModelProto> ReadModelFile(const std::string& path);

// The same from memory. Views point into `bytes`, which `owner` keeps alive (null: the caller does).
// `folder` is where external data is looked for; empty: nowhere.
Result<model::ModelProto> ReadModel(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::string folder);

// One message of another kind: TensorProto, SparseTensorProto, SequenceProto, MapProto, OptionalProto,
// GraphProto, FunctionProto, NodeProto, AttributeProto, TypeProto.
template <typename Message>
Result<Message> ReadMessage(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_READER_H_
