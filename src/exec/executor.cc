#include "exec/executor.h"

#include <utility>

#include "base/thread_pool.h"
#include "exec/step_context.h"
#include "tensor/permute.h"

namespace samoyed {
namespace {

std::string DescribeValue(const Value& value) {
  if (value.is_tensor()) return StrCat(NameOf(value.tensor().dtype()), value.tensor().shape().ToString());
  if (value.is_sequence()) return StrCat("sequence of ", value.sequence().items.size());
  return value.is_map() ? "map" : value.is_sparse() ? "sparse tensor" : "none";
}

Status RunPermute(Frame& frame, const RunState& state, const Step& step) {
  const Value& in = frame.slot(step.inputs[0]);
  Value& out = frame.slot(step.outputs[0]);
  if (!in.is_tensor() || static_cast<size_t>(in.tensor().rank()) != step.perm.size()) {
    return BadInput("a value expected to be a tensor of rank ", step.perm.size(), " is ", DescribeValue(in));
  }
  const Tensor& tensor = in.tensor();
  const Shape shape = PermutedShape(tensor.shape(), step.perm);
  const bool planned = frame.slot_plan(step.outputs[0]).storage != SlotPlan::Storage::kHeap;
  if (!planned && IsRelabelling(step.perm, tensor.shape()) && tensor.owner() != nullptr) {
    out = tensor.Reshaped(shape);
    return OkStatus();
  }
  if (!planned || !(out.tensor().shape() == shape) || out.tensor().dtype() != tensor.dtype()) {
    if (planned) frame.set_spoiled();
    SAMOYED_ASSIGN_OR_RETURN(out, Tensor::Allocate(tensor.dtype(), shape));
  }
  auto parallel = [&](int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) {
    ThreadPool::Get().ParallelFor(state.threads, n, grain, body);
  };
  return Permute(tensor, step.perm, out.tensor(), parallel);
}

// What is known of a constant that only its kernel's packed form is left of.
const Type& TypeOfSlot(const Frame& frame, SlotId id) {
  return frame.program().graph->value(frame.program().slots[static_cast<size_t>(id)].value).type;
}

Shape LogicalShapeOf(Frame& frame, SlotId id) {
  if (id == kNoSlot) return {};
  if (!frame.slot(id).is_tensor()) return TypeOfSlot(frame, id).concrete_shape().value_or(Shape());
  return LogicalShape(frame.slot(id).tensor().shape(), frame.program().slots[static_cast<size_t>(id)].layout);
}

int64_t BytesOf(Frame& frame, SlotId id) {
  if (id == kNoSlot) return 0;
  if (frame.slot(id).is_tensor()) return frame.slot(id).tensor().byte_size();
  const auto shape = TypeOfSlot(frame, id).concrete_shape();
  return shape ? shape->NumElements() * BitWidth(TypeOfSlot(frame, id).dtype) / 8 : 0;
}

NodeProfile ProfileOf(Frame& frame, const Step& step, int depth) {
  NodeProfile p;
  p.depth = depth;
  for (const auto* slots : {&step.inputs, &step.outputs}) {
    for (SlotId id : *slots) p.bytes += step.view ? 0 : BytesOf(frame, id);
  }
  p.kernel = step.kernel != nullptr ? step.kernel->name() : std::string_view("layout change");
  p.provider = step.provider != nullptr ? step.provider->name() : std::string_view("plan");
  for (SlotId id : step.inputs) p.inputs.push_back(id == kNoSlot ? "none" : DescribeValue(frame.slot(id)));
  for (SlotId id : step.outputs) p.outputs.push_back(id == kNoSlot ? "none" : DescribeValue(frame.slot(id)));
  if (step.node == kNoNode) {
    const ValueId value = frame.program().slots[static_cast<size_t>(step.outputs[0])].value;
    p.node = StrCat(frame.program().graph->value(value).name, " to ", step.layout == Layout::kDefault ? "channels-first" : "channels-last");
    p.op_type = "Reorder";
    return p;
  }
  const Node& node = frame.program().node(step);
  p.node = node.name;
  p.op_type = node.op_type;
  if (node.op->flops != nullptr) {
    std::vector<Shape> inputs, outputs;
    for (SlotId id : step.inputs) inputs.push_back(LogicalShapeOf(frame, id));
    for (SlotId id : step.outputs) outputs.push_back(LogicalShapeOf(frame, id));
    p.flops = node.op->flops(node.attributes, inputs, outputs);
  }
  return p;
}

Status RunStep(Frame& frame, RunState& state, int at, int depth) {
  const Step& step = frame.program().steps[static_cast<size_t>(at)];
  if (step.kind == Step::Kind::kPermute) return RunPermute(frame, state, step);
  return StepContext(frame, state, at, depth).Run();
}

std::string_view PlaceOf(const Program& program, const Step& step) {
  if (step.node != kNoNode) return program.node(step).name;
  return program.graph->value(program.slots[static_cast<size_t>(step.outputs[0])].value).name;
}

double Microseconds(RunState::Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

}  // namespace

Result<std::unique_ptr<BodyRunner>> BodyRunner::Make(const Program& program) {
  SAMOYED_ASSIGN_OR_RETURN(MemoryPlan plan, PlanMemory(program, {}, 1));
  return std::unique_ptr<BodyRunner>(new BodyRunner(program, std::move(plan)));
}

Status MakeBodyRunners(const Program& program, BodyRunners& runners) {
  for (const auto& of_node : program.bodies) {
    for (const auto& body : of_node) {
      SAMOYED_ASSIGN_OR_RETURN(runners[body.get()], BodyRunner::Make(*body));
      SAMOYED_RETURN_IF_ERROR(MakeBodyRunners(*body, runners));
    }
  }
  return OkStatus();
}

Status RunSteps(Frame& frame, RunState& state, int depth) {
  const Program& program = frame.program();
  for (size_t at = 0; at < program.steps.size(); ++at) {
    if (frame.plan().steps[at].skip) continue;
    const Step& step = program.steps[at];
    SAMOYED_RETURN_IF_ERROR(state.interrupt->Poll());
    const auto begin = state.profile != nullptr ? RunState::Clock::now() : RunState::Clock::time_point();
    const Status status = RunStep(frame, state, static_cast<int>(at), depth);
    if (!status.ok()) return status.At(PlaceOf(program, step));
    if (state.profile != nullptr && state.profile->size() < kMaxProfile) {
      const auto end = RunState::Clock::now();
      NodeProfile p = ProfileOf(frame, step, depth);
      p.start_us = Microseconds(begin - state.start);
      p.duration_us = Microseconds(end - begin);
      state.profile->push_back(std::move(p));
    }
    for (SlotId id : frame.plan().release[at]) frame.slot(id) = Value();
  }
  return state.interrupt->Poll();  // a kernel that was interrupted may have left its work half done
}

}  // namespace samoyed
