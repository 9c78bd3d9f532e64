// Runs one operator's shape rule and reference kernel in a test, without graph or engine.
#ifndef SAMOYED_OPS_TESTING_OP_TESTER_H_
#define SAMOYED_OPS_TESTING_OP_TESTER_H_

#include <map>
#include <string>
#include <vector>

#include "ops/op.h"

namespace samoyed::testing {

// OpTester("Relu", 14).Input(Tensor::Of<float>({2}, {-1, 1})).Run() gives the outputs, or the kernel's error.
// Types that the shape rule infers are checked against what the kernel made.
class OpTester {
 public:
  explicit OpTester(std::string_view op_type, int opset, std::string_view domain = "");
  OpTester& Input(Value value);
  OpTester& NoInput();  // an absent optional input
  OpTester& Attr(std::string name, AttributeValue value);
  OpTester& Outputs(int count);

  Result<std::vector<Value>> Run();
  // What the shape rule says of the outputs when it sees the inputs' types, and their values as constants if asked.
  Result<std::vector<Type>> Infer(bool constants = false);
  Result<std::vector<Type>> InferTypes(std::vector<Type> input_types);

 private:
  std::string op_type_;
  std::string domain_;
  const OpDef* op_;
  const OpSchema* schema_;
  std::vector<std::optional<Value>> inputs_;
  std::vector<Attribute> attributes_;
  int num_outputs_ = 1;
};

// The type of a value.
Type TypeOf(const Value& value);

// Google Test predicate: same type and shape, elements within the tolerance (NaN equals NaN).
void ExpectTensorNear(const Tensor& actual, const Tensor& expected, double rtol = 1e-6, double atol = 1e-7);

}  // namespace samoyed::testing

#endif  // SAMOYED_OPS_TESTING_OP_TESTER_H_
