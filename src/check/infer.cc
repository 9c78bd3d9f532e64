#include "check/infer.h"

#include <optional>

#include "base/interrupt.h"
#include "check/evaluate.h"
#include "check/type_constraints.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int64_t kMaxKnownElements = 1024;  // larger tensors hold data, not shapes
constexpr int kMaxDepth = 64;                // bodies in bodies

// What is known of one value.
struct Knowledge {
  Type type;
  std::optional<Value> value;  // a constant, or small content that was computed
  std::optional<Dims> dims;    // content of a small integer tensor, symbols included
};

// The dimension of which more is known; `a` where both are numbers that differ.
Dim MoreOf(const Dim& a, const Dim& b) {
  if (a.known() || !(b.known() || b.symbolic())) return a;
  return b.known() || !a.symbolic() ? b : a;
}

// What is inferred, filled up from what is declared. A contradiction is an error when `strict`; otherwise what was inferred stands.
Result<Type> Merge(Type inferred, const Type& declared, bool strict) {
  if (!inferred.known()) return declared;
  if (!declared.known()) return inferred;
  const bool same_kind = inferred.kind == declared.kind;
  const bool same_dtype = inferred.dtype == declared.dtype || inferred.dtype == DType::kUndefined || declared.dtype == DType::kUndefined;
  if (!same_kind || !same_dtype) {
    if (strict) return BadInput("declared as ", declared.ToString(), ", but its node makes ", inferred.ToString());
    return inferred;
  }
  if (inferred.dtype == DType::kUndefined) inferred.dtype = declared.dtype;
  if (inferred.element && declared.element) {
    SAMOYED_ASSIGN_OR_RETURN(Type element, Merge(*inferred.element, *declared.element, strict));
    inferred.element = std::make_shared<const Type>(std::move(element));
  }
  if (!inferred.shape) inferred.shape = declared.shape;
  if (!declared.shape || inferred.shape->size() != declared.shape->size()) {
    if (declared.shape && strict) return BadInput("declared as ", declared.ToString(), ", but its node makes ", inferred.ToString());
    return inferred;
  }
  for (size_t i = 0; i < inferred.shape->size(); ++i) {
    Dim& dim = (*inferred.shape)[i];
    const Dim& other = (*declared.shape)[i];
    if (strict && dim.known() && other.known() && dim.value != other.value) {
      return BadInput("declared as ", declared.ToString(), ", but its node makes ", inferred.ToString());
    }
    dim = MoreOf(dim, other);
  }
  return inferred;
}

Type TypeOfValue(const Value& value) {
  if (value.is_tensor()) return Type::TensorOf(value.tensor().dtype(), value.tensor().shape());
  if (value.is_sparse())
    return Type::SparseOf(value.sparse().values.dtype(), Dims(value.sparse().dense_shape.begin(), value.sparse().dense_shape.end()));
  return {};
}

// The content of a tensor that may be a shape or part of one.
std::optional<Dims> ContentOf(const Tensor& t) {
  if (t.rank() > 1 || t.size() > kMaxKnownElements || (t.dtype() != DType::kInt64 && t.dtype() != DType::kInt32)) return std::nullopt;
  Dims dims;
  for (int64_t v : LoadAll<int64_t>(t)) dims.push_back(v >= 0 ? Dim(v) : Dim());
  return dims;
}

bool IsSmallTensor(const Value& value) { return value.is_tensor() && value.tensor().size() <= kMaxKnownElements; }

// Inference over one graph, with what is known of its values.
class Inference {
 public:
  Inference(const Graph& graph, const InferOptions& options, int depth, int64_t& next_symbol)
      : graph_(graph), options_(options), depth_(depth), next_symbol_(next_symbol), known_(static_cast<size_t>(graph.num_values())) {
    for (ValueId id = 0; id < graph.num_values(); ++id) {
      const GraphValue& v = graph.value(id);
      Knowledge& k = known_[static_cast<size_t>(id)];
      if (v.constant) {
        Learn(k, *v.constant);
      } else if (v.producer == kNoNode) {
        k.type = v.type;
      }
    }
  }

  Knowledge& operator[](ValueId id) { return known_[static_cast<size_t>(id)]; }

  static void Learn(Knowledge& k, const Value& value) {
    k.type = TypeOfValue(value);
    k.value = value;
    if (value.is_tensor()) k.dims = ContentOf(value.tensor());
  }

  Status Run() {
    for (NodeId id : graph_.TopologicalOrder()) {
      SAMOYED_RETURN_IF_ERROR(PollInterrupt());
      const Node& node = graph_.node(id);
      SAMOYED_RETURN_IF_ERROR(InferNode(node).At(StrCat("node '", node.name, "' (", node.op_type, ")")));
    }
    return OkStatus();
  }

  // Types of a body's outputs; kept for AnnotateTypes.
  Result<std::vector<Type>> InferBody(const Node& node, const BodyRef& ref, std::span<const Type> inputs);

  std::vector<Type> Types() const {
    std::vector<Type> types;
    types.reserve(known_.size());
    for (const Knowledge& k : known_) types.push_back(k.type);
    return types;
  }
  // By body graph: the types of its values when it was last inferred.
  std::vector<std::pair<const Graph*, std::vector<Type>>>& bodies() { return bodies_; }
  int64_t NextSymbol() { return next_symbol_++; }
  bool strict() const { return options_.strict; }

 private:
  class Context;

  Status InferNode(const Node& node);
  Status CheckConstraints(const Node& node);
  Status CheckComputed(const Node& node);
  bool Compute(const Node& node);
  void Distrust(const Node& node);
  void NameUnknowns(Type& type);

  const Graph& graph_;
  const InferOptions& options_;
  const int depth_;
  int64_t& next_symbol_;
  std::vector<Knowledge> known_;
  std::vector<std::pair<const Graph*, std::vector<Type>>> bodies_;
};

class Inference::Context final : public InferContext {
 public:
  Context(Inference& inference, const Node& node) : inference_(inference), node_(node), outputs(node.outputs.size()) {}

  std::string_view op_type() const override { return node_.op_type; }
  int since_version() const override { return node_.since_version; }
  const Attributes& attributes() const override { return node_.attributes; }
  int num_inputs() const override { return static_cast<int>(node_.inputs.size()); }
  int num_outputs() const override { return static_cast<int>(node_.outputs.size()); }
  bool wants_output(int i) const override { return i >= 0 && i < num_outputs() && node_.outputs[static_cast<size_t>(i)] != kNoValue; }
  const Type* input_type(int i) const override {
    const Knowledge* k = Input(i);
    return k != nullptr && k->type.known() ? &k->type : nullptr;
  }
  const Tensor* input_constant(int i) const override {
    const Knowledge* k = Input(i);
    return k != nullptr && k->value && k->value->is_tensor() ? &k->value->tensor() : nullptr;
  }
  bool input_dims(int i, Dims* dims) const override {
    const Knowledge* k = Input(i);
    if (k == nullptr || !k->dims) return false;
    *dims = *k->dims;
    return true;
  }
  void set_output_type(int i, Type type) override {
    if (wants_output(i)) outputs[static_cast<size_t>(i)].type = std::move(type);
  }
  void set_output_dims(int i, Dims dims) override {
    if (wants_output(i) && static_cast<int64_t>(dims.size()) <= kMaxKnownElements) outputs[static_cast<size_t>(i)].dims = std::move(dims);
  }
  Result<std::vector<Type>> InferBody(const BodyRef& body, std::span<const Type> inputs) override {
    return inference_.InferBody(node_, body, inputs);
  }
  Dim NewSymbol() override { return Dim::Symbol(StrCat("unk__", inference_.NextSymbol())); }
  bool strict() const override { return inference_.strict(); }

 private:
  const Knowledge* Input(int i) const {
    if (i < 0 || i >= num_inputs() || node_.inputs[static_cast<size_t>(i)] == kNoValue) return nullptr;
    return &inference_[node_.inputs[static_cast<size_t>(i)]];
  }

  Inference& inference_;
  const Node& node_;

 public:
  std::vector<Knowledge> outputs;
};

Result<std::vector<Type>> Inference::InferBody(const Node& node, const BodyRef& ref, std::span<const Type> inputs) {
  if (ref.index < 0 || static_cast<size_t>(ref.index) >= node.bodies.size()) return InternalError("no body ", ref.index);
  if (depth_ >= kMaxDepth) return LimitExceeded("bodies nest deeper than ", kMaxDepth);
  const Graph& body = *node.bodies[static_cast<size_t>(ref.index)];
  Inference inner(body, options_, depth_ + 1, next_symbol_);
  for (const Graph::Capture& capture : body.captures) inner[capture.inner] = (*this)[capture.outer];
  for (size_t i = 0; i < body.inputs.size(); ++i) {
    Knowledge& k = inner[body.inputs[i]];
    if (i < inputs.size()) {
      SAMOYED_ASSIGN_OR_RETURN(k.type, Merge(inputs[i], k.type, options_.strict));
    }
  }
  SAMOYED_RETURN_IF_ERROR(inner.Run());
  std::vector<Type> outputs;
  for (ValueId id : body.outputs) outputs.push_back(inner[id].type);
  std::erase_if(bodies_, [&](const auto& known) { return known.first == &body; });
  bodies_.emplace_back(&body, inner.Types());
  for (auto& nested : inner.bodies()) bodies_.push_back(std::move(nested));
  return outputs;
}

// Runs the reference kernel where all inputs are known and small. True when that gave all outputs.
bool Inference::Compute(const Node& node) {
  if (node.op == nullptr || node.op->run == nullptr || !node.op->facts.deterministic || node.op->facts.side_effects || !node.bodies.empty())
    return false;
  std::vector<const Value*> inputs;
  for (ValueId id : node.inputs) {
    const Knowledge* k = id == kNoValue ? nullptr : &(*this)[id];
    if (k != nullptr && (!k->value || !IsSmallTensor(*k->value))) return false;
    inputs.push_back(k == nullptr ? nullptr : &*k->value);
  }
  if (node.inputs.empty()) return false;
  auto outputs = Evaluate(node, inputs, kMaxKnownElements * 16);
  if (!outputs.ok()) return false;
  for (const Value& out : *outputs) {  // of a sequence the rule knows more than what happens to be in it
    if (!out.is_tensor() && !out.is_sparse() && !out.is_none()) return false;
  }
  for (size_t i = 0; i < node.outputs.size() && i < outputs->size(); ++i) {
    if (node.outputs[i] != kNoValue && !(*outputs)[i].is_none()) Learn((*this)[node.outputs[i]], (*outputs)[i]);
  }
  return true;
}

// A node whose rule refused its inputs cannot run: what the model declares of its outputs' shapes proves nothing, and a pass
// that believed it could remove the node, and the error with it.
void Inference::Distrust(const Node& node) {
  for (ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    Knowledge& k = (*this)[id];
    k = Knowledge();
    k.type = graph_.value(id).type;
    k.type.shape.reset();
  }
}

// A size that is not known has a name from here on: what is made of the value, element by element, is seen to be of equal size.
void Inference::NameUnknowns(Type& type) {
  if (!type.is_tensor() || !type.shape) return;
  for (Dim& d : *type.shape) {
    if (!d.known() && !d.symbolic()) d = Dim::Symbol(StrCat("unk__", NextSymbol()));
  }
}

// The node's types against its schema, once its outputs are inferred.
Status Inference::CheckConstraints(const Node& node) {
  if (node.schema == nullptr) return OkStatus();
  std::vector<const Type*> inputs, outputs;
  for (ValueId id : node.inputs) inputs.push_back(id == kNoValue ? nullptr : &(*this)[id].type);
  for (ValueId id : node.outputs) outputs.push_back(id == kNoValue ? nullptr : &(*this)[id].type);
  return CheckTypeConstraints(*node.schema, inputs, outputs);
}

// What was computed against what is declared: the value stands, a contradiction is an error when strict.
Status Inference::CheckComputed(const Node& node) {
  for (ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    SAMOYED_RETURN_IF_ERROR(Merge((*this)[id].type, graph_.value(id).type, options_.strict).status());
  }
  return OkStatus();
}

Status Inference::InferNode(const Node& node) {
  if (Compute(node)) {
    SAMOYED_RETURN_IF_ERROR(CheckComputed(node));
    return options_.strict ? CheckConstraints(node) : OkStatus();
  }
  Context context(*this, node);
  if (node.op != nullptr && node.op->infer != nullptr) {
    const Status status = node.op->infer(context);
    if (!status.ok() && options_.strict) return status;
    if (!status.ok()) {
      Distrust(node);
      return OkStatus();  // the kernel will say it, if it comes to that
    }
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    Knowledge& made = context.outputs[i];
    SAMOYED_ASSIGN_OR_RETURN(made.type, Merge(std::move(made.type), graph_.value(node.outputs[i]).type, options_.strict));
    NameUnknowns(made.type);
    // Content whose every element is a number is a value like any other.
    if (made.dims && made.type.is_tensor() && (made.type.dtype == DType::kInt64 || made.type.dtype == DType::kInt32)) {
      const auto shape = made.type.concrete_shape();
      bool all_known = shape && shape->rank() <= 1 && shape->NumElements() == static_cast<int64_t>(made.dims->size());
      for (const Dim& d : *made.dims) all_known = all_known && d.known();
      if (all_known) {
        SAMOYED_ASSIGN_OR_RETURN(Tensor t, Tensor::Allocate(made.type.dtype, *shape));
        for (size_t k = 0; k < made.dims->size(); ++k) Store(t, static_cast<int64_t>(k), 1, &(*made.dims)[k].value);
        made.value = Value(std::move(t));
      }
    }
    (*this)[node.outputs[i]] = std::move(made);
  }
  return options_.strict ? CheckConstraints(node) : OkStatus();
}

Result<Inference> InferGraph(const Graph& graph, std::span<const Type> inputs, const InferOptions& options, int64_t& next_symbol) {
  Inference inference(graph, options, 0, next_symbol);
  for (size_t i = 0; i < graph.inputs.size() && i < inputs.size(); ++i) {
    Knowledge& k = inference[graph.inputs[i]];
    SAMOYED_ASSIGN_OR_RETURN(k.type, Merge(inputs[i], k.type, false));
  }
  SAMOYED_RETURN_IF_ERROR(inference.Run());
  return inference;
}

// True when no value is of both types, whatever its shape. What may be absent may also be there: a loop can begin with an
// empty optional and end with what it holds.
bool Contradict(const Type& a, const Type& b) {
  if (!a.known() || !b.known()) return false;
  if (a.kind == TypeKind::kOptional && b.kind != TypeKind::kOptional) return a.element && Contradict(*a.element, b);
  if (b.kind == TypeKind::kOptional && a.kind != TypeKind::kOptional) return b.element && Contradict(a, *b.element);
  if (a.kind != b.kind) return true;
  if (a.dtype != b.dtype && a.dtype != DType::kUndefined && b.dtype != DType::kUndefined) return true;
  return a.element && b.element && Contradict(*a.element, *b.element);
}

Status Annotate(Graph& graph, const std::vector<Type>& types, const InferOptions& options) {
  for (ValueId id : graph.outputs) {
    const GraphValue& value = graph.value(id);
    const Type& made = types[static_cast<size_t>(id)];
    if (options.refuse_false_outputs && value.producer != kNoNode && Contradict(value.type, made)) {
      return BadInput("output '", value.name, "' of graph '", graph.name, "' is declared as ", value.type.ToString(), ", but its node '",
                      graph.node(value.producer).name, "' (", graph.node(value.producer).op_type, ") makes ", made.ToString());
    }
  }
  for (ValueId id = 0; id < graph.num_values(); ++id) {
    if (types[static_cast<size_t>(id)].known()) graph.mutable_value(id).type = types[static_cast<size_t>(id)];
  }
  return OkStatus();
}

Status AnnotateBodies(Graph& graph, std::span<const std::pair<const Graph*, std::vector<Type>>> bodies, const InferOptions& options) {
  for (NodeId id = 0; id < graph.num_node_slots(); ++id) {
    if (!graph.has_node(id)) continue;
    for (const auto& body : graph.mutable_node(id).bodies) {
      for (const auto& [inferred, types] : bodies) {
        if (inferred == body.get()) SAMOYED_RETURN_IF_ERROR(Annotate(*body, types, options));
      }
      SAMOYED_RETURN_IF_ERROR(AnnotateBodies(*body, bodies, options));
    }
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<Type>> InferTypes(const Graph& graph, std::span<const Type> inputs, const InferOptions& options) {
  int64_t next_symbol = 0;
  SAMOYED_ASSIGN_OR_RETURN(const Inference inference, InferGraph(graph, inputs, options, next_symbol));
  return inference.Types();
}

Status AnnotateTypes(Graph& graph, const InferOptions& options) {
  int64_t next_symbol = 0;
  SAMOYED_ASSIGN_OR_RETURN(Inference inference, InferGraph(graph, {}, options, next_symbol));
  SAMOYED_RETURN_IF_ERROR(Annotate(graph, inference.Types(), options));
  return AnnotateBodies(graph, inference.bodies(), options);
}

}  // namespace samoyed
