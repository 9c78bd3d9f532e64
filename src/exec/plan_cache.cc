#include "exec/plan_cache.h"

#include <algorithm>

#include "check/infer.h"

namespace samoyed {

bool InputKey::Matches(const Value& value) const {
  if (!value.is_tensor()) return dtype == DType::kUndefined;
  return value.tensor().dtype() == dtype && value.tensor().shape() == shape;
}

std::shared_ptr<PreparedRun> PlanCache::Find(std::span<const Value> inputs) {
  const std::lock_guard lock(mutex_);
  for (auto it = recent_.begin(); it != recent_.end(); ++it) {
    const auto& key = (*it)->key();
    if (!std::equal(key.begin(), key.end(), inputs.begin(), inputs.end(), [](const InputKey& k, const Value& v) { return k.Matches(v); })) continue;
    recent_.splice(recent_.begin(), recent_, it);
    return recent_.front();
  }
  return nullptr;
}

Result<MemoryPlan> PlanCache::PlanFor(std::span<const Type> inputs) const {
  // Where inference finds a contradiction nothing is planned; the kernel that meets it says what is wrong.
  const auto types = InferTypes(*program_.graph, inputs);
  return PlanMemory(program_, types.ok() ? std::span<const Type>(*types) : std::span<const Type>(), threads_);
}

Status PlanCache::CheckLimit(const MemoryPlan& plan) const {
  if (max_memory_ <= 0) return OkStatus();
  const int64_t constants = program_.ConstantBytes(), packed = program_.PackedBytes();
  const int64_t total = constants + packed + plan.arena_bytes + plan.output_bytes;
  if (total <= max_memory_) return OkStatus();
  return LimitExceeded("a run needs ", total, " bytes (constants ", constants, ", packed weights ", packed, ", working memory ", plan.arena_bytes,
                       ", outputs ", plan.output_bytes, "), more than the limit of ", max_memory_, "; raise the limit or use smaller inputs");
}

Result<std::shared_ptr<PreparedRun>> PlanCache::For(std::span<const Value> inputs) {
  if (auto found = Find(inputs)) return found;
  std::vector<InputKey> key;
  std::vector<Type> types;
  for (const Value& v : inputs) {
    key.push_back(v.is_tensor() ? InputKey{v.tensor().dtype(), v.tensor().shape()} : InputKey{});
    types.push_back(v.is_tensor() ? Type::TensorOf(v.tensor().dtype(), v.tensor().shape()) : Type());
  }
  SAMOYED_ASSIGN_OR_RETURN(MemoryPlan plan, PlanFor(types));
  SAMOYED_RETURN_IF_ERROR(CheckLimit(plan));
  auto made = std::make_shared<PreparedRun>(program_, std::move(key), std::move(plan));
  const std::lock_guard lock(mutex_);
  recent_.push_front(made);
  if (recent_.size() > capacity_) recent_.pop_back();
  return made;
}

}  // namespace samoyed
