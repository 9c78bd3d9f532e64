// Scan: runs a graph for each slice of its scan inputs, with a carried state. https://onnx.ai/onnx/operators/onnx__Scan.html
// Body: (states..., slices...) -> (states..., elements...). Version 8 has a batch axis (0) before the sequence axis (1) and
// an optional length for each batch entry; since 9 there is no batch, and axes and directions are chosen.
#include "ops/common/args.h"
#include "ops/common/control_flow.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

struct ScanLayout {
  int first = 0;  // the node's first state input
  int states = 0, scans = 0, elements = 0;
};

Result<ScanLayout> LayoutOf(const NodeContext& ctx) {
  ScanLayout layout;
  layout.first = ctx.since_version() == 8 ? 1 : 0;
  const int64_t scans = ctx.attributes().Int("num_scan_inputs");
  const int inputs = ctx.num_inputs() - layout.first;
  if (scans < 1 || scans > inputs) return BadInput("Scan: num_scan_inputs is ", scans, " of ", inputs, " inputs");
  layout.scans = static_cast<int>(scans);
  layout.states = inputs - layout.scans;
  layout.elements = ctx.num_outputs() - layout.states;
  if (layout.elements < 0) return BadInput("Scan: ", ctx.num_outputs(), " outputs for ", layout.states, " states");
  return layout;
}

// Entry i of an optional list attribute; 0 where it is not there.
Result<int64_t> EntryOf(const NodeContext& ctx, std::string_view name, int i, int count) {
  const auto list = ctx.attributes().Ints(name);
  if (list.empty()) return int64_t{0};
  if (static_cast<int>(list.size()) != count) return BadInput("Scan: ", name, " has ", list.size(), " entries for ", count);
  return list[static_cast<size_t>(i)];
}

Result<bool> IsReversed(const NodeContext& ctx, std::string_view name, int i, int count) {
  SAMOYED_ASSIGN_OR_RETURN(const int64_t direction, EntryOf(ctx, name, i, count));
  if (direction != 0 && direction != 1) return BadInput("Scan: ", name, " holds ", direction, ", neither 0 nor 1");
  return direction == 1;
}

// Slice `place` of an axis, which goes away.
Result<Tensor> SliceOf(const Tensor& in, int axis, int64_t place) {
  Shape shape;
  for (int i = 0; i < in.rank(); ++i) {
    if (i != axis) shape.push_back(in.dim(i));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(in.dtype(), shape));
  const int64_t inner = in.shape().Product(axis + 1, in.rank());
  if (out.size() > 0) ops::GatherStrided(in, place * inner, {in.dim(axis) * inner, 1}, {out.size() / inner, inner}, out);
  return out;
}

struct ScanInput {
  Tensor tensor;
  int axis;
  bool reversed;
};

// One scan over `length` steps: states go in and come out, elements are collected.
Status ScanOver(KernelContext& ctx, const BodyRef& body, const std::vector<ScanInput>& inputs, int64_t length, std::vector<Value>& states,
                std::vector<ops::ScanOutput>& elements) {
  for (int64_t step = 0; step < length; ++step) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    std::vector<Value> arguments = states;
    for (const ScanInput& in : inputs) {
      SAMOYED_ASSIGN_OR_RETURN(Tensor slice, SliceOf(in.tensor, in.axis, in.reversed ? length - 1 - step : step));
      arguments.emplace_back(std::move(slice));
    }
    SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> results, ctx.RunBody(body, arguments));
    if (results.size() != states.size() + elements.size()) {
      return BadInput("Scan: the body has ", results.size(), " outputs instead of ", states.size() + elements.size());
    }
    for (size_t i = 0; i < states.size(); ++i) states[i] = std::move(results[i]);
    for (size_t i = 0; i < elements.size(); ++i) SAMOYED_RETURN_IF_ERROR(elements[i].Add(results[states.size() + i]));
  }
  return OkStatus();
}

Status RunScan9(KernelContext& ctx, const BodyRef& body, const ScanLayout& layout) {
  std::vector<Value> states;
  for (int i = 0; i < layout.states; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* state, RequireInput(ctx, i));
    states.emplace_back(*state);
  }
  std::vector<ScanInput> inputs;
  for (int i = 0; i < layout.scans; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, layout.states + i));
    SAMOYED_ASSIGN_OR_RETURN(const int64_t given, EntryOf(ctx, "scan_input_axes", i, layout.scans));
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(given, in->rank()));
    SAMOYED_ASSIGN_OR_RETURN(const bool reversed, IsReversed(ctx, "scan_input_directions", i, layout.scans));
    inputs.push_back({*in, axis, reversed});
    if (in->dim(axis) != inputs[0].tensor.dim(inputs[0].axis)) {
      return BadInput("Scan: inputs of ", inputs[0].tensor.dim(inputs[0].axis), " and ", in->dim(axis), " steps");
    }
  }
  std::vector<ops::ScanOutput> elements(static_cast<size_t>(layout.elements));
  SAMOYED_RETURN_IF_ERROR(ScanOver(ctx, body, inputs, inputs[0].tensor.dim(inputs[0].axis), states, elements));
  for (int i = 0; i < layout.states; ++i) {
    if (ctx.wants_output(i)) ctx.set_output(i, std::move(states[static_cast<size_t>(i)]));
  }
  for (int i = 0; i < layout.elements; ++i) {
    const int output = layout.states + i;
    SAMOYED_ASSIGN_OR_RETURN(const int64_t axis, EntryOf(ctx, "scan_output_axes", i, layout.elements));
    SAMOYED_ASSIGN_OR_RETURN(const bool reversed, IsReversed(ctx, "scan_output_directions", i, layout.elements));
    SAMOYED_ASSIGN_OR_RETURN(Tensor stacked, elements[static_cast<size_t>(i)].Stack(axis, reversed, ctx.output_type(output)));
    if (ctx.wants_output(output)) ctx.set_output(output, std::move(stacked));
  }
  return OkStatus();
}

// Version 8: entry `b` of the batch by itself.
Status ScanEntry(KernelContext& ctx, const BodyRef& body, const ScanLayout& layout, int64_t b, int64_t length,
                 std::vector<ops::ScanOutput>& states_out, std::vector<Tensor>& elements_out) {
  std::vector<Value> states;
  for (int i = 0; i < layout.states; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor state, SliceOf(*ctx.input(1 + i), 0, b));
    states.emplace_back(std::move(state));
  }
  std::vector<ScanInput> inputs;
  for (int i = 0; i < layout.scans; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor entry, SliceOf(*ctx.input(1 + layout.states + i), 0, b));
    SAMOYED_ASSIGN_OR_RETURN(const bool reversed, IsReversed(ctx, "directions", i, layout.scans));
    inputs.push_back({std::move(entry), 0, reversed});
  }
  std::vector<ops::ScanOutput> elements(static_cast<size_t>(layout.elements));
  SAMOYED_RETURN_IF_ERROR(ScanOver(ctx, body, inputs, length, states, elements));
  for (int i = 0; i < layout.states; ++i) SAMOYED_RETURN_IF_ERROR(states_out[static_cast<size_t>(i)].Add(states[static_cast<size_t>(i)]));
  for (const ops::ScanOutput& e : elements) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor stacked, e.Stack(0, false, nullptr));
    elements_out.push_back(std::move(stacked));
  }
  return OkStatus();
}

// The sequences of all entries, padded with zeros to the longest possible one: [batch, steps, ...].
Status PadEntries(KernelContext& ctx, int output, const std::vector<Tensor>& entries, int64_t steps) {
  const Tensor& first = entries[0];
  Shape shape = {static_cast<int64_t>(entries.size()), steps};
  for (int i = 1; i < first.rank(); ++i) shape.push_back(first.dim(i));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, output, first.dtype(), shape);
  ops::ZeroElements(*out, 0, out->size());
  const int64_t stride = shape.Product(1, shape.rank());
  for (size_t b = 0; b < entries.size(); ++b) {
    bool fits = entries[b].rank() == first.rank() && entries[b].dtype() == first.dtype();
    for (int i = 1; fits && i < first.rank(); ++i) fits = entries[b].dim(i) == first.dim(i);
    if (!fits)
      return BadInput("Scan: entries of the batch differ in shape: ", first.shape().ToString(), " and ", entries[b].shape().ToString());
    ops::CopyElements(entries[b], 0, *out, static_cast<int64_t>(b) * stride, entries[b].size());
  }
  return OkStatus();
}

Status RunScan8(KernelContext& ctx, const BodyRef& body, const ScanLayout& layout) {
  int64_t batch = -1, steps = -1;
  for (int i = 0; i < layout.states + layout.scans; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 1 + i));
    const bool is_scan = i >= layout.states;
    if (in->rank() < (is_scan ? 2 : 1)) return BadInput("Scan: input ", i, " has shape ", in->shape().ToString());
    if (batch < 0) batch = in->dim(0);
    if (is_scan && steps < 0) steps = in->dim(1);
    if (in->dim(0) != batch || (is_scan && in->dim(1) != steps))
      return BadInput("Scan: input ", i, " of shape ", in->shape().ToString(), " is unlike the others");
  }
  if (batch == 0) return BadInput("Scan of an empty batch");
  ops::Ints lengths(1, steps);
  if (const Tensor* given = ctx.input(0)) {
    SAMOYED_ASSIGN_OR_RETURN(lengths, ops::ReadInts(*given, "Scan: sequence_lens"));
    if (static_cast<int64_t>(lengths.size()) != batch)
      return BadInput("Scan: ", lengths.size(), " sequence lengths for a batch of ", batch);
  }
  std::vector<ops::ScanOutput> states(static_cast<size_t>(layout.states));
  std::vector<std::vector<Tensor>> elements(static_cast<size_t>(layout.elements));
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t length = lengths[lengths.size() == 1 ? 0 : static_cast<size_t>(b)];
    if (length < 1 || length > steps) return BadInput("Scan: a sequence length of ", length, " in ", steps, " steps");
    std::vector<Tensor> entry;
    SAMOYED_RETURN_IF_ERROR(ScanEntry(ctx, body, layout, b, length, states, entry));
    for (size_t i = 0; i < entry.size(); ++i) elements[i].push_back(std::move(entry[i]));
  }
  for (int i = 0; i < layout.states; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor stacked, states[static_cast<size_t>(i)].Stack(0, false, nullptr));
    if (ctx.wants_output(i)) ctx.set_output(i, std::move(stacked));
  }
  for (int i = 0; i < layout.elements; ++i) {
    if (ctx.wants_output(layout.states + i))
      SAMOYED_RETURN_IF_ERROR(PadEntries(ctx, layout.states + i, elements[static_cast<size_t>(i)], steps));
  }
  return OkStatus();
}

Status RunScan(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, "body"));
  SAMOYED_ASSIGN_OR_RETURN(const ScanLayout layout, LayoutOf(ctx));
  return layout.first == 1 ? RunScan8(ctx, body, layout) : RunScan9(ctx, body, layout);
}

// Drops axis `axis` (and, in version 8, the batch) from a scan input's type; tells the dropped dimension.
Result<Type> SliceType(const Type* type, int64_t axis, int batch, Dim* steps) {
  if (type == nullptr || !type->is_tensor() || !type->shape) return type == nullptr ? Type() : *type;
  SAMOYED_ASSIGN_OR_RETURN(const int at, NormalizeAxis(axis + batch, type->rank()));
  Type out = *type;
  if (!steps->known()) *steps = (*type->shape)[static_cast<size_t>(at)];
  out.shape->erase(out.shape->begin() + at);
  if (batch == 1 && !out.shape->empty()) out.shape->erase(out.shape->begin());
  return out;
}

Status InferScan(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, "body"));
  SAMOYED_ASSIGN_OR_RETURN(const ScanLayout layout, LayoutOf(ctx));
  std::vector<Type> arguments;
  Dim steps, batch;
  for (int i = 0; i < layout.states + layout.scans; ++i) {
    const Type* type = ctx.input_type(layout.first + i);
    if (layout.first == 1 && type != nullptr && type->shape && !type->shape->empty() && !batch.known()) batch = (*type->shape)[0];
    if (i < layout.states) {
      arguments.push_back(type == nullptr ? Type() : *type);
      if (layout.first == 1 && arguments.back().shape && !arguments.back().shape->empty())
        arguments.back().shape->erase(arguments.back().shape->begin());
      continue;
    }
    SAMOYED_ASSIGN_OR_RETURN(const int64_t axis, EntryOf(ctx, "scan_input_axes", i - layout.states, layout.scans));
    SAMOYED_ASSIGN_OR_RETURN(Type slice, SliceType(type, axis, layout.first, &steps));
    arguments.push_back(std::move(slice));
  }
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> results, ctx.InferBody(body, arguments));
  for (int i = 0; i < ctx.num_outputs() && i < static_cast<int>(results.size()); ++i) {
    Type& type = results[static_cast<size_t>(i)];
    if (i < layout.states && !type.shape) type.shape = arguments[static_cast<size_t>(i)].shape;  // states keep their shape
    if (i >= layout.states && type.shape) {
      SAMOYED_ASSIGN_OR_RETURN(const int64_t axis, EntryOf(ctx, "scan_output_axes", i - layout.states, layout.elements));
      SAMOYED_ASSIGN_OR_RETURN(const int at, NormalizeAxis(axis, type.rank() + 1));
      type.shape->insert(type.shape->begin() + at, steps);
    }
    if (layout.first == 1 && type.shape) type.shape->insert(type.shape->begin(), batch);
    ctx.set_output_type(i, std::move(type));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Scan = {.infer = InferScan, .run = RunScan};

}  // namespace samoyed
