// What a kernel sees while it runs.
#ifndef SAMOYED_EXEC_STEP_CONTEXT_H_
#define SAMOYED_EXEC_STEP_CONTEXT_H_

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/executor.h"
#include "exec/frame.h"
#include "ops/context.h"

namespace samoyed {

class StepContext final : public KernelContext {
 public:
  StepContext(Frame& frame, RunState& state, int step, int depth)
      : frame_(frame),
        state_(state),
        index_(step),
        depth_(depth),
        step_(frame.program().steps[static_cast<size_t>(step)]),
        node_(frame.program().node(step_)) {}

  // Runs the kernel; afterwards every wanted output is there.
  Status Run();

  std::string_view op_type() const override { return node_.op_type; }
  int since_version() const override { return node_.since_version; }
  const Attributes& attributes() const override { return node_.attributes; }
  int num_inputs() const override { return step_.num_inputs; }
  int num_outputs() const override { return static_cast<int>(step_.outputs.size()); }
  bool wants_output(int i) const override { return OutputSlot(i) != kNoSlot; }
  const Value* input_value(int i) const override;
  Result<Tensor*> AllocateOutput(int i, DType dtype, const Shape& shape) override;
  void set_output(int i, Value value) override;
  Result<std::vector<Value>> RunBody(const BodyRef& body, std::span<const Value> inputs) override;
  Status Poll() override { return state_.interrupt->Poll(); }
  void ParallelFor(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) override;
  int threads() const override { return state_.threads; }
  std::span<std::byte> scratch() override { return scratch_; }
  uint64_t NextSeed() override;

 private:
  SlotId OutputSlot(int i) const {
    return i < 0 || static_cast<size_t>(i) >= step_.outputs.size() ? kNoSlot : step_.outputs[static_cast<size_t>(i)];
  }
  Status PrepareScratch();
  void Note(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  Frame& frame_;
  RunState& state_;
  int index_, depth_;
  const Step& step_;
  const Node& node_;
  Status status_;  // of set_output, which cannot return one
  std::span<std::byte> scratch_;
  Tensor heap_scratch_;
  std::vector<std::pair<int, Value>> unwanted_;  // outputs that the kernel makes and the model does not name
  uint64_t draws_ = 0;
};

// The value with buffers of its own wherever it only borrows them (tensors without an owner lie in the arena or in a
// caller's memory), so that it may outlive the step.
Result<Value> Owned(Value value);

}  // namespace samoyed

#endif  // SAMOYED_EXEC_STEP_CONTEXT_H_
