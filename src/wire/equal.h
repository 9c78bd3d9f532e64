// Are two messages the same: fields, presence, order of repeated fields, unknown fields, NaN payloads?
// The writer's bytes are canonical, so equality of messages is equality of bytes.
#ifndef SAMOYED_WIRE_EQUAL_H_
#define SAMOYED_WIRE_EQUAL_H_

#include "wire/writer.h"

namespace samoyed::wire {

template <typename Message>
bool Equal(const Message& a, const Message& b) {
  const auto left = WriteMessage(a);
  const auto right = WriteMessage(b);
  return left.ok() && right.ok() && *left == *right;
}

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_EQUAL_H_
