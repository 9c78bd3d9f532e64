// Every tensor of a message, wherever it hides: initializers, attributes, sparse tensors, subgraphs,
// functions, training graphs.
#ifndef SAMOYED_WIRE_TENSORS_H_
#define SAMOYED_WIRE_TENSORS_H_

#include <type_traits>
#include <vector>

#include "base/status.h"
#include "model/model.h"
#include "wire/fields.h"

namespace samoyed::wire {

// Calls `function(TensorProto&)`, which returns a Status, on each tensor; stops at the first error.
template <typename Function>
class TensorVisitor {
 public:
  explicit TensorVisitor(Function function) : function_(std::move(function)) {}

  template <typename Message>
  Status Visit(Message& message) {
    if (status_.ok()) {
      if constexpr (std::is_same_v<std::remove_const_t<Message>, model::TensorProto>) {
        status_ = function_(message);
      } else {
        Fields(*this, message);
      }
    }
    return status_;
  }

  // The field list's side: only messages lead on.
  template <typename T>
  void operator()(uint32_t, const char*, T& member, Text = Text::kIdentifier) {
    Descend(member);
  }
  template <typename T>
  void Enum(uint32_t, const char*, T&, int32_t) {}

 private:
  template <typename T>
  void Descend(const T&) {}
  template <typename T>
  void Descend(model::Box<T>& box) {
    if (box) (void)Visit(*box);
  }
  template <typename T>
  void Descend(std::vector<T>& items) {
    if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
      for (T& item : items) (void)Visit(item);
    }
  }

  Function function_;
  Status status_;
};

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_TENSORS_H_
