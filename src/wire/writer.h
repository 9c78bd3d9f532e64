// The plain structs of model/model.h -> protobuf bytes. Fields are written in the order of their
// numbers and unknown ones last, as protobuf does; the same message always gives the same bytes, and
// what is read back equals what was written, presence of fields included.
#ifndef SAMOYED_WIRE_WRITER_H_
#define SAMOYED_WIRE_WRITER_H_

#include <cstdint>
#include <string>

#include "base/status.h"
#include "model/model.h"

namespace samoyed::wire {

// The bytes of ModelProto or any other message that ReadMessage takes. Fails (kLimit) when memory is short.
template <typename Message>
Result<std::string> WriteMessage(const Message& message);

inline Result<std::string> WriteModel(const model::ModelProto& model) { return WriteMessage(model); }

// What protobuf's own readers take at most.
inline constexpr uint64_t kMaxProtobufBytes = (uint64_t{1} << 31) - 1;

// The whole file or none of it; bulk data is streamed, not gathered first. The target may be the very
// file that `model` views: that stays mapped. External data stays where it is when the model is
// written to its own folder and is brought in when it goes elsewhere. A model that takes more than
// `max_bytes` gets the data of its larger tensors stored as external data in PATH.data.
Status WriteModelFile(const model::ModelProto& model, const std::string& path, uint64_t max_bytes = kMaxProtobufBytes);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_WRITER_H_
