// RNN, GRU and LSTM of the cpu provider against the reference.
#include <gtest/gtest.h>

#include "kernels/check.h"

namespace samoyed::testing {
namespace {

struct Case {
  const char* op;
  const char* direction = "forward";
  int64_t layout = 0;
  bool lengths = false, bias = true, initial = false, peephole = false;
  std::vector<Attribute> attributes;
  int64_t steps = 5, batch = 3, inputs = 7, hidden = 19;
};

void CheckCase(const Case& c) {
  const std::string_view op = c.op;
  const int64_t gates = op == "LSTM" ? 4 : op == "GRU" ? 3 : 1, n = c.hidden;
  const int64_t directions = std::string_view(c.direction) == "bidirectional" ? 2 : 1;
  const float scale = 1 / std::sqrt(static_cast<float>(n));  // as trained networks begin: sums stay near 1
  const Make make = [&](GraphMaker& g) {
    const auto weights = [&](const Shape& shape) { return g.Constant(g.Random(shape, -2 * scale, 2 * scale)); };
    const bool batch_first = c.layout != 0;
    const Shape states = batch_first ? Shape({c.batch, directions, n}) : Shape({directions, c.batch, n});
    std::vector<ValueId> inputs = {g.RandomInput(batch_first ? Shape({c.batch, c.steps, c.inputs}) : Shape({c.steps, c.batch, c.inputs})),
                                   weights({directions, gates * n, c.inputs}), weights({directions, gates * n, n})};
    inputs.push_back(c.bias ? weights({directions, 2 * gates * n}) : kNoValue);
    Tensor lengths = Tensor::Allocate(DType::kInt32, Shape({c.batch})).value();
    for (int64_t b = 0; b < c.batch; ++b) lengths.mutable_data<int32_t>()[b] = static_cast<int32_t>((c.steps + 2 * b) % (c.steps + 1));
    inputs.push_back(c.lengths ? g.Input(lengths) : kNoValue);
    inputs.push_back(c.initial ? g.RandomInput(states) : kNoValue);
    if (op == "LSTM") {
      inputs.push_back(c.initial ? g.RandomInput(states) : kNoValue);
      inputs.push_back(c.peephole ? weights({directions, 3 * n}) : kNoValue);
    }
    std::vector<Attribute> attributes = c.attributes;
    attributes.push_back({"hidden_size", n});
    attributes.push_back({"layout", c.layout});
    attributes.push_back({"direction", std::string(c.direction)});
    for (const ValueId y : g.Add(op, inputs, attributes, op == "LSTM" ? 3 : 2)) g.Output(y);
  };
  Check(make, 2e-5, 2e-5);
}

const std::vector<std::string> kOthers = {"HardSigmoid", "Softplus", "Elu"};

TEST(Recurrent, EveryFormEqualsTheReference) {
  for (const char* op : {"RNN", "GRU", "LSTM"}) {
    for (const char* direction : {"forward", "reverse", "bidirectional"}) {
      for (const int64_t layout : {0, 1}) {
        SCOPED_TRACE(StrCat(op, " ", direction, " ", layout));
        CheckCase({op, direction, layout});
        CheckCase({.op = op, .direction = direction, .layout = layout, .lengths = true, .initial = true, .peephole = true});
      }
    }
  }
}

TEST(Recurrent, Attributes) {
  CheckCase({.op = "GRU", .attributes = {{"linear_before_reset", int64_t{1}}}});
  CheckCase({.op = "GRU", .bias = false, .attributes = {{"linear_before_reset", int64_t{1}}}});
  CheckCase({.op = "LSTM", .bias = false, .attributes = {{"input_forget", int64_t{1}}}});
  CheckCase({.op = "LSTM", .peephole = true, .attributes = {{"clip", 0.5f}}});
  CheckCase({.op = "LSTM", .attributes = {{"activations", kOthers}, {"activation_alpha", std::vector<float>{0.3f, 0.7f}}}});
  CheckCase({.op = "RNN", .attributes = {{"activations", std::vector<std::string>{"relu"}}, {"clip", 1.0f}}});
}

// Rows of 4 KiB, panels of their own for a thread, and sizes of 0.
TEST(Recurrent, Sizes) {
  CheckCase({.op = "LSTM", .steps = 2, .batch = 9, .inputs = 1024, .hidden = 1024});
  CheckCase({.op = "GRU", .steps = 3, .batch = 1, .inputs = 200, .hidden = 512});
  CheckCase({.op = "LSTM", .initial = true, .steps = 0});
  CheckCase({.op = "GRU", .steps = 4, .batch = 0});
  CheckCase({.op = "RNN", .inputs = 0});
  CheckCase({.op = "GRU", .hidden = 1});
}

}  // namespace
}  // namespace samoyed::testing
