#include "exec/session.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "check/infer.h"
#include "exec/executor.h"
#include "exec/plan_cache.h"
#include "exec/step_context.h"
#include "graph/build.h"
#include "graph/gradient.h"
#include "passes/pass.h"
#include "plan/program.h"
#include "wire/reader.h"

namespace samoyed {

struct Session::Impl {
  SessionOptions options;
  int threads = 1;
  Graph graph;
  std::vector<IoInfo> inputs, outputs;
  std::vector<Value> defaults;  // of inputs that have one, at the end of `inputs`
  std::unique_ptr<Program> program;
  BodyRunners bodies;
  std::unique_ptr<PlanCache> plans;
  PlacementReport placement;
  MappingsInUse mapped;  // files that constants still lie in
  std::shared_ptr<MemoryBudget> budget;
  mutable std::atomic<uint64_t> runs{0};

  Status Prepare();
  MappingsInUse MappedConstants(std::vector<Value>* one_each = nullptr) const;
  void ApplyDims();
  void MakeIoInfo();
  void DropPackedConstants();
  void ReportPlacement();
  Result<std::vector<Type>> DeclaredTypes(std::span<const Shape> shapes) const;
  Status CheckInput(size_t i, const Value& value) const;
  Status Run(std::span<const Value> given, std::span<Value> results, const RunOptions& run_options) const;
  Status Execute(PreparedRun& prepared, std::span<const Value> given, std::span<Value> results, const RunOptions& run_options,
                 const Interrupt& interrupt) const;
};

namespace {

void ReplaceSymbols(Type& type, const std::map<std::string, int64_t, std::less<>>& dims) {
  if (!type.shape) return;
  for (Dim& d : *type.shape) {
    const auto it = d.symbolic() ? dims.find(d.symbol) : dims.end();
    if (it != dims.end()) d = Dim(it->second);
  }
}

Status CheckType(const Type& type, const Value& value, std::string_view name) {
  if (!type.is_tensor()) return OkStatus();  // what kinds of other values hold is for the kernels to check
  if (!value.is_tensor()) return BadInput("input \"", name, "\" must be a ", type.ToString());
  const Tensor& tensor = value.tensor();
  if (type.dtype != DType::kUndefined && tensor.dtype() != type.dtype) {
    return BadInput("input \"", name, "\" is ", NameOf(tensor.dtype()), "; the model takes ", type.ToString());
  }
  if (!type.shape) return OkStatus();
  bool fits = tensor.rank() == type.rank();
  for (int i = 0; fits && i < tensor.rank(); ++i) {
    const Dim& d = (*type.shape)[static_cast<size_t>(i)];
    fits = !d.known() || d.value == tensor.dim(i);
  }
  if (fits) return OkStatus();
  return BadInput("input \"", name, "\" has shape ", tensor.shape().ToString(), "; the model takes ", type.ToString());
}

// Puts `value` where the caller finds the output: into the tensor already there when it fits, else in its place.
Status Deliver(const Value& value, Value& result) {
  if (value.is_tensor() && result.is_tensor() && result.tensor().writable() && value.tensor().dtype() == result.tensor().dtype() &&
      value.tensor().shape() == result.tensor().shape() && BitWidth(value.tensor().dtype()) > 0) {
    const auto bytes = static_cast<size_t>(value.tensor().byte_size());
    if (bytes > 0)
      std::copy_n(static_cast<const std::byte*>(value.tensor().raw()), bytes, static_cast<std::byte*>(result.tensor().mutable_raw()));
    return OkStatus();
  }
  // A buffer that something else holds on to is copied: the caller may write into what it gets.
  if (value.is_tensor() && (value.tensor().owner().use_count() != 1 || !value.tensor().writable())) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor copy, value.tensor().Clone());
    result = std::move(copy);
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(result, Owned(value));
  return OkStatus();
}

// No exception leaves this layer: memory is all that can run out.
template <typename Call>
auto WithoutExceptions(Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return LimitExceeded("out of memory");
  } catch (const std::length_error&) {  // a container of more than fits into an address space
    return LimitExceeded("out of memory");
  }
}

Status CutShort() { return BadInput("a file of the model was cut short while it was in use: put it back and load it again"); }

}  // namespace

void Session::Impl::ApplyDims() {
  for (ValueId id : graph.inputs) ReplaceSymbols(graph.mutable_value(id).type, options.dims);
}

void Session::Impl::MakeIoInfo() {
  for (ValueId id : graph.inputs) inputs.push_back({graph.value(id).name, graph.value(id).type, false});
  for (ValueId id : graph.overridable) inputs.push_back({graph.value(id).name, graph.value(id).type, true});
  for (ValueId id : graph.outputs) outputs.push_back({graph.value(id).name, graph.value(id).type, false});
}

// The graph lets go of weights that only packing kernels read; their types stay.
void Session::Impl::DropPackedConstants() {
  std::vector<bool> kept(static_cast<size_t>(graph.num_values()), true);
  for (const Slot& slot : program->slots) {
    if (slot.origin == Slot::Origin::kConstant) kept[static_cast<size_t>(slot.value)] = false;
  }
  for (const Slot& slot : program->slots) {
    if (slot.origin == Slot::Origin::kConstant && !slot.constant.is_none()) kept[static_cast<size_t>(slot.value)] = true;
  }
  for (ValueId id = 0; id < graph.num_values(); ++id) {
    GraphValue& value = graph.mutable_value(id);
    if (kept[static_cast<size_t>(id)] || !value.constant || !value.constant->is_tensor()) continue;
    value.constant.reset();
  }
}

void Session::Impl::ReportPlacement() {
  std::map<std::string_view, std::map<std::string, int>> by_provider;
  for (const Step& step : program->steps) {
    if (step.kernel == nullptr) continue;
    const Node& node = graph.node(step.node);
    placement.rows.push_back({node.name, node.op_type, step.provider->name(), step.kernel->name(), step.reason, step.layout});
    ++by_provider[step.provider->name()][node.op_type];
  }
  for (const auto& provider : options.providers) {
    const auto it = by_provider.find(provider->name());
    if (it == by_provider.end()) continue;
    int total = 0;
    std::string ops;
    for (const auto& [op, count] : it->second) {
      total += count;
      ops += StrCat(ops.empty() ? "" : ", ", count, " ", op);
    }
    const bool first = provider == options.providers.front();
    placement.summary += StrCat(placement.summary.empty() ? "" : "; ", it->first, ": ", total, total == 1 ? " node" : " nodes");
    if (!first) placement.summary += StrCat(" (", ops, ")");
  }
  if (placement.summary.empty()) placement.summary = "nothing left to run: every output is constant or an input";
  if (options.log) options.log(placement.summary);
}

// `one_each` gets a constant of each file: while it lives, so does the mapping.
MappingsInUse Session::Impl::MappedConstants(std::vector<Value>* one_each) const {
  MappingsInUse files;
  for (ValueId id = 0; id < graph.num_values(); ++id) {
    const Tensor* constant = graph.ConstantTensor(id);
    if (constant != nullptr && files.Add(constant->raw()) && one_each != nullptr) one_each->emplace_back(*constant);
  }
  return files;
}

Status Session::Impl::Prepare() {
  if (options.providers.empty()) return UsageError("a session needs at least one provider");
  threads = options.threads > 0 ? options.threads : AvailableCpus();
  ApplyDims();
  MakeIoInfo();
  std::vector<Value> of_files;
  const MappingsInUse read = MappedConstants(&of_files);
  SAMOYED_RETURN_IF_ERROR(RunPasses(graph, {.enabled = options.optimise, .disabled = options.disabled_passes}));
  SAMOYED_ASSIGN_OR_RETURN(
      program,
      Compile(graph, {.providers = options.providers, .strict = options.strict_placement, .strict_precision = options.strict_precision}));
  if (!read.intact()) return CutShort();
  of_files.clear();
  DropPackedConstants();
  mapped = MappedConstants();
  SAMOYED_RETURN_IF_ERROR(MakeBodyRunners(*program, bodies));
  ReportPlacement();
  plans = std::make_unique<PlanCache>(*program, threads, options.plan_cache_size, options.max_memory);
  if (options.max_memory > 0) {
    SAMOYED_ASSIGN_OR_RETURN(const auto types, DeclaredTypes({}));
    SAMOYED_ASSIGN_OR_RETURN(const MemoryPlan plan, plans->PlanFor(types));
    SAMOYED_RETURN_IF_ERROR(plans->CheckLimit(plan));
  }
  return OkStatus();
}

// Types of the graph's inputs with these shapes, or with the declared ones (1 for what has no number).
Result<std::vector<Type>> Session::Impl::DeclaredTypes(std::span<const Shape> shapes) const {
  if (!shapes.empty() && shapes.size() != graph.inputs.size()) {
    return UsageError("the model takes ", graph.inputs.size(), " inputs, not ", shapes.size());
  }
  std::vector<Type> types;
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    Type type = inputs[i].type;
    if (!shapes.empty()) {
      type.shape = Dims(shapes[i].begin(), shapes[i].end());
    } else if (type.shape) {
      for (Dim& d : *type.shape) {
        if (!d.known()) d = Dim(1);
      }
    }
    types.push_back(std::move(type));
  }
  return types;
}

Status Session::Impl::CheckInput(size_t i, const Value& value) const { return CheckType(inputs[i].type, value, inputs[i].name); }

Status Session::Impl::Execute(PreparedRun& prepared, std::span<const Value> given, std::span<Value> results, const RunOptions& run_options,
                              const Interrupt& interrupt) const {
  RunState state;
  state.bodies = &bodies;
  state.threads = threads;
  state.seed = options.seed * 0x9E3779B97F4A7C15u + runs.fetch_add(1, std::memory_order_relaxed);
  state.interrupt = &interrupt;
  state.profile = run_options.profile;
  state.start = RunState::Clock::now();

  // Buffers of the outputs whose place is planned: the caller's where they fit.
  for (size_t i = 0; i < results.size(); ++i) {
    const SlotPlan& p = prepared.plan().slots[static_cast<size_t>(program->outputs[i])];
    if (p.storage != SlotPlan::Storage::kOutput || p.output != static_cast<int>(i)) continue;
    const bool fits = results[i].is_tensor() && results[i].tensor().writable() && results[i].tensor().dtype() == p.dtype &&
                      results[i].tensor().shape() == p.shape;
    if (fits) continue;
    SAMOYED_ASSIGN_OR_RETURN(results[i], Tensor::Allocate(p.dtype, p.shape));
  }
  const MemoryScope memory_scope(budget);  // not of the outputs above: they are the caller's
  SAMOYED_ASSIGN_OR_RETURN(auto frame, prepared.frames().Take());
  frame->Bind(given, {}, results);
  const ThreadPool::RunScope scope(threads);
  Status status = RunSteps(*frame, state, 0);
  if (status.ok() && !mapped.intact()) status = CutShort();
  for (size_t i = 0; status.ok() && i < results.size(); ++i) {
    const SlotId id = program->outputs[i];
    const SlotPlan& p = frame->slot_plan(id);
    const Value& made = frame->slot(id);
    const bool in_place = p.storage == SlotPlan::Storage::kOutput && p.output == static_cast<int>(i) && made.is_tensor() &&
                          made.tensor().raw() == results[i].tensor().raw();
    if (in_place) continue;
    Value value = p.storage == SlotPlan::Storage::kHeap ? std::move(frame->slot(id)) : made;
    const bool again =
        std::find(program->outputs.begin() + static_cast<std::ptrdiff_t>(i) + 1, program->outputs.end(), id) != program->outputs.end();
    if (again) frame->slot(id) = value;
    status = Deliver(value, results[i]);
  }
  if (options.memory_mode == MemoryMode::kKeep) prepared.frames().Give(std::move(frame));
  return status;
}

Status Session::Impl::Run(std::span<const Value> given, std::span<Value> results, const RunOptions& run_options) const {
  const size_t needed = graph.inputs.size();
  if (given.size() < needed || given.size() > inputs.size()) {
    return BadInput("the model takes ", needed, " inputs (", StrJoin([&] {
                      std::vector<std::string> names;
                      for (size_t i = 0; i < needed; ++i) names.push_back(inputs[i].name);
                      return names;
                    }()),
                    "), not ", given.size());
  }
  if (results.size() != outputs.size()) return UsageError("the model has ", outputs.size(), " outputs, not ", results.size());
  for (size_t i = 0; i < needed; ++i) SAMOYED_RETURN_IF_ERROR(CheckInput(i, given[i]));
  for (size_t i = needed; i < given.size(); ++i) {
    if (!given[i].is_none()) {
      return Unsupported("input \"", inputs[i].name,
                         "\" has a value in the model (an initializer), which this build cannot replace in a run; change it in the model");
    }
  }
  Interrupt interrupt;
  interrupt.cancel = run_options.cancel;
  interrupt.EndIn(run_options.timeout_ms > 0 ? run_options.timeout_ms : options.timeout_ms);
  const InterruptScope scope(interrupt);
  SAMOYED_ASSIGN_OR_RETURN(const auto prepared, plans->For(given.subspan(0, needed)));
  return Execute(*prepared, given.subspan(0, needed), results, run_options, interrupt);
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::Make(SessionOptions options, FunctionRef<Result<std::unique_ptr<Graph>>()> build) {
  return WithoutExceptions([&] { return MakeOrThrow(std::move(options), build); });
}

Result<std::unique_ptr<Session>> Session::MakeOrThrow(SessionOptions options, FunctionRef<Result<std::unique_ptr<Graph>>()> build) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->budget = std::make_shared<MemoryBudget>(impl->options.max_memory > 0 ? impl->options.max_memory : AvailableMemory());
  Interrupt interrupt;
  interrupt.work = "loading";
  interrupt.EndIn(impl->options.timeout_ms);
  const InterruptScope interrupt_scope(interrupt);
  const MemoryScope memory_scope(impl->budget);
  SAMOYED_ASSIGN_OR_RETURN(const std::unique_ptr<Graph> graph, build());
  impl->graph = std::move(*graph);
  SAMOYED_RETURN_IF_ERROR(ExpandGradients(impl->graph));
  SAMOYED_RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<Session>(new Session(std::move(impl)));
}

Result<std::unique_ptr<Session>> Session::FromGraph(Graph built, SessionOptions options) {
  return Make(std::move(options), [&]() -> Result<std::unique_ptr<Graph>> { return std::make_unique<Graph>(std::move(built)); });
}

Result<std::unique_ptr<Session>> Session::Load(const std::string& path, SessionOptions options) {
  return Make(std::move(options), [&]() -> Result<std::unique_ptr<Graph>> {
    SAMOYED_ASSIGN_OR_RETURN(const model::ModelProto model, wire::ReadModelFile(path));
    return BuildGraph(model);
  });
}

Result<std::unique_ptr<Session>> Session::LoadBytes(std::span<const std::byte> bytes, SessionOptions options,
                                                    std::shared_ptr<const void> owner, std::string folder) {
  if (owner == nullptr) {
    auto copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
    bytes = *copy;
    owner = std::move(copy);
  }
  return Make(std::move(options), [&]() -> Result<std::unique_ptr<Graph>> {
    SAMOYED_ASSIGN_OR_RETURN(const model::ModelProto model, wire::ReadModel(bytes, std::move(owner), std::move(folder)));
    return BuildGraph(model);
  });
}

const std::vector<IoInfo>& Session::inputs() const { return impl_->inputs; }
const std::vector<IoInfo>& Session::outputs() const { return impl_->outputs; }
const std::map<std::string, std::string, std::less<>>& Session::metadata() const { return impl_->graph.metadata; }
const SessionOptions& Session::options() const { return impl_->options; }
int Session::threads() const { return impl_->threads; }
const Graph& Session::graph() const { return impl_->graph; }
const PlacementReport& Session::placement() const { return impl_->placement; }

Status Session::RunInto(std::span<const Value> inputs, std::span<Value> outputs, const RunOptions& options) const {
  return WithoutExceptions([&] { return impl_->Run(inputs, outputs, options); });
}

Result<std::vector<Value>> Session::Run(std::span<const Value> inputs, const RunOptions& options) const {
  std::vector<Value> results(impl_->outputs.size());
  SAMOYED_RETURN_IF_ERROR(RunInto(inputs, results, options));
  return results;
}

Result<std::vector<Value>> Session::Run(std::span<const NamedValue> inputs, std::span<const std::string> wanted,
                                        const RunOptions& options) const {
  auto index = [](const std::vector<IoInfo>& infos, std::string_view name) {
    return static_cast<size_t>(std::ranges::find(infos, name, &IoInfo::name) - infos.begin());
  };
  auto names = [](const std::vector<IoInfo>& infos) {
    std::vector<std::string> list;
    for (const IoInfo& info : infos) list.push_back(info.name);
    return StrJoin(list);
  };
  std::vector<Value> given(impl_->inputs.size());
  std::vector<bool> seen(given.size(), false);
  for (const NamedValue& input : inputs) {
    const size_t i = index(impl_->inputs, input.name);
    if (i == given.size()) return UsageError("the model has no input \"", input.name, "\"; its inputs are ", names(impl_->inputs));
    if (seen[i]) return UsageError("input \"", input.name, "\" is given twice");
    seen[i] = true;
    given[i] = input.value;
  }
  for (size_t i = 0; i < given.size(); ++i) {
    if (!seen[i] && !impl_->inputs[i].has_default) return UsageError("input \"", impl_->inputs[i].name, "\" is missing");
  }
  std::vector<size_t> order;
  for (const std::string& name : wanted) {
    order.push_back(index(impl_->outputs, name));
    if (order.back() == impl_->outputs.size())
      return UsageError("the model has no output \"", name, "\"; its outputs are ", names(impl_->outputs));
  }
  std::vector<Value> results(impl_->outputs.size());
  SAMOYED_RETURN_IF_ERROR(RunInto(given, results, options));
  if (order.empty()) return results;
  std::vector<Value> chosen;
  for (size_t i : order) chosen.push_back(results[i]);
  return chosen;
}

Result<MemoryReport> Session::Memory(std::span<const Shape> input_shapes) const {
  SAMOYED_ASSIGN_OR_RETURN(const auto types, impl_->DeclaredTypes(input_shapes));
  SAMOYED_ASSIGN_OR_RETURN(const MemoryPlan plan, impl_->plans->PlanFor(types));
  MemoryReport report;
  report.constants = impl_->program->ConstantBytes();
  report.packed = impl_->program->PackedBytes();
  report.arena = plan.arena_bytes;
  report.outputs = plan.output_bytes;
  report.dynamic_values = plan.dynamic_values;
  report.exact = plan.exact();
  return report;
}

}  // namespace samoyed
