#include "exec/frame.h"

#include <utility>

namespace samoyed {

Result<std::unique_ptr<Frame>> Frame::Make(const Program& program, const MemoryPlan& plan) {
  std::unique_ptr<Frame> frame(new Frame(program, plan));
  if (plan.arena_bytes > 0) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor arena, Tensor::Allocate(DType::kUint8, Shape({plan.arena_bytes})));
    frame->arena_ = static_cast<std::byte*>(arena.mutable_raw());
    frame->arena_owner_ = arena.owner();
  }
  frame->slots_.resize(program.slots.size());
  for (size_t i = 0; i < program.slots.size(); ++i) {
    const SlotPlan& p = plan.slots[i];
    Value& value = frame->slots_[i];
    switch (p.storage) {
      case SlotPlan::Storage::kArena:
        value = Tensor::View(p.dtype, p.shape, frame->arena_ + p.offset, nullptr);
        break;
      case SlotPlan::Storage::kConstant: {
        const Value& constant = program.slots[static_cast<size_t>(p.root)].constant;
        value = constant.is_tensor() && static_cast<SlotId>(i) != p.root ? Value(constant.tensor().Reshaped(p.shape)) : constant;
        break;
      }
      case SlotPlan::Storage::kInput:
      case SlotPlan::Storage::kOutput:
      case SlotPlan::Storage::kHeap:
        frame->bound_.push_back(static_cast<SlotId>(i));
        break;
    }
  }
  return frame;
}

void Frame::Bind(std::span<const Value> inputs, std::span<const Value* const> captures, std::span<const Value> outputs) {
  for (size_t i = 0; i < program_->inputs.size(); ++i) slot(program_->inputs[i]) = inputs[i];
  for (size_t i = 0; i < program_->captures.size(); ++i) slot(program_->captures[i]) = *captures[i];
  for (SlotId id : bound_) {
    const SlotPlan& p = slot_plan(id);
    if (p.storage == SlotPlan::Storage::kInput && p.root != id) {
      const Value& root = slot(p.root);
      if (root.is_tensor()) slot(id) = root.tensor().Reshaped(p.shape);
    } else if (p.storage == SlotPlan::Storage::kOutput) {
      const Tensor& buffer = outputs[static_cast<size_t>(p.output)].tensor();
      slot(id) = Tensor::View(p.dtype, p.shape, const_cast<void*>(buffer.raw()), nullptr);
    }
  }
}

void Frame::Unbind() {
  for (SlotId id : bound_) slot(id) = Value();
}

Result<std::unique_ptr<Frame>> FramePool::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto frame = std::move(free_.back());
      free_.pop_back();
      return frame;
    }
  }
  return Frame::Make(program_, plan_);
}

void FramePool::Give(std::unique_ptr<Frame> frame) {
  frame->Unbind();
  if (frame->spoiled()) return;
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(frame));
}

}  // namespace samoyed
