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
// Of a const message the tensors are const.
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
  template <typename T>
  void Packed(uint32_t, const char*, T&, Packing) {}
  template <typename T>
  void Raw(uint32_t, const char*, bool, T&) {}

 private:
  template <typename T>
  void Descend(const model::Field<T>&) {}
  template <typename Box>
  requires requires(Box& box) { *box; }
  void Descend(Box& box) {
    if (box) (void)Visit(*box);
  }
  template <typename Vector>
  requires requires(Vector& items) { items.capacity(); }
  void Descend(Vector& items) {
    using Item = typename Vector::value_type;
    if constexpr (std::is_class_v<Item> && !std::is_same_v<Item, std::string>) {
      for (auto& item : items) (void)Visit(item);
    }
  }

  Function function_;
  Status status_;
};

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_TENSORS_H_
