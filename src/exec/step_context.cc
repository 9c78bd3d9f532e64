#include "exec/step_context.h"

#include <cstring>

#include "base/thread_pool.h"

namespace samoyed {
namespace {

constexpr int kMaxDepth = 32;

bool Fits(const Value& value, DType dtype, const Shape& shape) {
  return value.is_tensor() && value.tensor().dtype() == dtype && value.tensor().shape() == shape;
}

uint64_t Mix(uint64_t x) {  // SplitMix64's finaliser: neighbouring seeds give unrelated numbers
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

bool Borrows(const Value& value) {
  if (value.is_tensor()) return value.tensor().owner() == nullptr && value.tensor().size() > 0;
  if (value.is_sequence()) {
    for (const Value& item : value.sequence().items) {
      if (Borrows(item)) return true;
    }
  }
  if (value.is_map()) {
    for (const auto& [key, item] : value.map().by_int) {
      if (Borrows(item)) return true;
    }
    for (const auto& [key, item] : value.map().by_string) {
      if (Borrows(item)) return true;
    }
  }
  return value.is_sparse() && (Borrows(value.sparse().values) || Borrows(value.sparse().indices));
}

}  // namespace

Result<Value> Owned(Value value) {
  if (!Borrows(value)) return value;
  if (value.is_tensor()) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor copy, value.tensor().Clone());
    return Value(std::move(copy));
  }
  if (value.is_sequence()) {
    auto copy = std::make_shared<Sequence>();
    for (const Value& item : value.sequence().items) {
      SAMOYED_ASSIGN_OR_RETURN(Value owned, Owned(item));
      copy->items.push_back(std::move(owned));
    }
    return Value(std::shared_ptr<const Sequence>(std::move(copy)));
  }
  if (value.is_map()) {
    auto copy = std::make_shared<Map>(value.map());
    for (auto& [key, item] : copy->by_int) {
      SAMOYED_ASSIGN_OR_RETURN(item, Owned(item));
    }
    for (auto& [key, item] : copy->by_string) {
      SAMOYED_ASSIGN_OR_RETURN(item, Owned(item));
    }
    return Value(std::shared_ptr<const Map>(std::move(copy)));
  }
  auto copy = std::make_shared<SparseTensor>(value.sparse());
  SAMOYED_ASSIGN_OR_RETURN(copy->values, copy->values.Clone());
  SAMOYED_ASSIGN_OR_RETURN(copy->indices, copy->indices.Clone());
  return Value(std::shared_ptr<const SparseTensor>(std::move(copy)));
}

const Value* StepContext::input_value(int i) const {
  if (i < 0 || i >= step_.num_inputs || step_.inputs[static_cast<size_t>(i)] == kNoSlot) return nullptr;
  return &frame_.slot(step_.inputs[static_cast<size_t>(i)]);
}

Result<Tensor*> StepContext::AllocateOutput(int i, DType dtype, const Shape& shape) {
  const SlotId id = OutputSlot(i);
  Value* value = nullptr;
  if (id == kNoSlot) {
    value = &unwanted_.emplace_back(i, Value()).second;
  } else {
    value = &frame_.slot(id);
    if (frame_.slot_plan(id).storage != SlotPlan::Storage::kHeap) {
      if (Fits(*value, dtype, shape)) return &value->tensor();
      frame_.set_spoiled();
    }
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(dtype, shape));
  *value = std::move(tensor);
  return &value->tensor();
}

void StepContext::set_output(int i, Value value) {
  const SlotId id = OutputSlot(i);
  if (id == kNoSlot) return;
  Value& slot = frame_.slot(id);
  if (frame_.slot_plan(id).storage != SlotPlan::Storage::kHeap) {
    if (value.is_tensor() && Fits(slot, value.tensor().dtype(), value.tensor().shape()) && value.tensor().dtype() != DType::kString) {
      const auto bytes = static_cast<size_t>(value.tensor().byte_size());
      if (bytes > 0) std::memmove(slot.tensor().mutable_raw(), value.tensor().raw(), bytes);
      return;
    }
    frame_.set_spoiled();
  }
  auto owned = Owned(std::move(value));
  if (!owned.ok()) return Note(owned.status());
  slot = std::move(owned).value();
}

Result<std::vector<Value>> StepContext::RunBody(const BodyRef& body, std::span<const Value> inputs) {
  const auto& bodies = frame_.program().bodies[static_cast<size_t>(node_.id)];
  const auto at = static_cast<size_t>(body.index);
  if (body.index < 0 || at >= bodies.size()) return InternalError("node \"", node_.name, "\" has no body ", body.index);
  if (depth_ >= kMaxDepth) return LimitExceeded("graphs nested more than ", kMaxDepth, " deep");
  const Program& program = *bodies[at];
  if (inputs.size() != program.inputs.size()) {
    return BadInput("the body \"", program.graph->name, "\" takes ", program.inputs.size(), " inputs, not ", inputs.size());
  }
  SAMOYED_RETURN_IF_ERROR(state_.interrupt->Poll());
  std::vector<const Value*> captures;
  for (SlotId id : step_.body_captures[at]) captures.push_back(&frame_.slot(id));
  FramePool& pool = state_.bodies->at(&program)->frames();
  SAMOYED_ASSIGN_OR_RETURN(auto frame, pool.Take());
  frame->Bind(inputs, captures, {});
  Status status = RunSteps(*frame, state_, depth_ + 1);
  std::vector<Value> outputs;
  if (status.ok()) {
    for (SlotId id : program.outputs) outputs.push_back(frame->slot(id));
  }
  pool.Give(std::move(frame));
  if (!status.ok()) return status;
  return outputs;
}

void StepContext::ParallelFor(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) {
  ThreadPool::Get().ParallelFor(state_.threads, n, grain, body);
}

uint64_t StepContext::NextSeed() {
  return Mix(state_.seed ^ Mix(static_cast<uint64_t>(node_.id) + (static_cast<uint64_t>(depth_) << 32) + (draws_++ << 48)));
}

Status StepContext::PrepareScratch() {
  const StepPlan& plan = frame_.plan().steps[static_cast<size_t>(index_)];
  int64_t bytes = plan.scratch_bytes;
  if (bytes < 0) {
    std::vector<Shape> shapes(step_.inputs.size());
    for (size_t i = 0; i < step_.inputs.size(); ++i) {
      const Value* value = input_value(static_cast<int>(i));
      if (value != nullptr && value->is_tensor()) shapes[i] = value->tensor().shape();
    }
    bytes = step_.kernel->ScratchBytes(shapes, state_.threads);
    if (bytes <= 0) return OkStatus();
    SAMOYED_ASSIGN_OR_RETURN(heap_scratch_, Tensor::Allocate(DType::kUint8, Shape({bytes})));
    scratch_ = {static_cast<std::byte*>(heap_scratch_.mutable_raw()), static_cast<size_t>(bytes)};
  } else if (bytes > 0) {
    scratch_ = frame_.arena(plan.scratch_offset, bytes);
  }
  return OkStatus();
}

Status StepContext::Run() {
  SAMOYED_RETURN_IF_ERROR(PrepareScratch());
  SAMOYED_RETURN_IF_ERROR(step_.kernel->Run(*this));
  return status_;
}

}  // namespace samoyed
