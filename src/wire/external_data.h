// Tensor data in files of its own beside the model: the one place that turns a path from a model into
// an open file.
//
// A location is relative to the model's folder and stays inside it: no absolute path, no "..", no
// backslash, no symbolic link on the way (each component is opened without following links), a
// regular file with exactly one hard link. Offset and length must lie within the file. A checksum
// that is a SHA-1 (40 hexadecimal digits) is verified, once a file; anything else under that key
// cannot be one and is not looked at.
#ifndef SAMOYED_WIRE_EXTERNAL_DATA_H_
#define SAMOYED_WIRE_EXTERNAL_DATA_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "model/model.h"

namespace samoyed::wire {

// The files of one model. Each is mapped once and shared by all tensors in it; copies of the context
// share the mappings. Safe to use from several threads.
class ExternalContext {
 public:
  // Nowhere: every tensor with external data is refused.
  ExternalContext() = default;
  // `folder` as in ModelProto::folder; empty: nowhere.
  explicit ExternalContext(std::string folder);

  // The `size` bytes of a tensor's external data, with what keeps them mapped. `size` is what its
  // shape and type ask for; a declared length must be the same.
  Result<model::Bytes> Find(const model::TensorProto& tensor, uint64_t size) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What the external_data entries of a tensor say.
struct ExternalLocation {
  std::string location;
  uint64_t offset = 0;
  bool has_length = false;
  uint64_t length = 0;
  std::string checksum;
};

// Parses and checks the entries alone, without touching a file.
Result<ExternalLocation> ParseExternalData(const model::TensorProto& tensor);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_EXTERNAL_DATA_H_
