#include "ops/testing/op_tester.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "tensor/convert.h"

namespace samoyed::testing {
namespace {

// Constants of rank 0 or 1 of an integer type, as data propagation sees them.
bool DimsOf(const Tensor& t, Dims* dims) {
  if (t.rank() > 1 || (t.dtype() != DType::kInt64 && t.dtype() != DType::kInt32)) return false;
  for (int64_t v : LoadAll<int64_t>(t)) dims->push_back(v >= 0 ? Dim(v) : Dim());
  return true;
}

class TestInfer final : public InferContext {
 public:
  std::string_view op_type() const override { return op; }
  int since_version() const override { return version; }
  const Attributes& attributes() const override { return *attrs; }
  int num_inputs() const override { return static_cast<int>(types.size()); }
  int num_outputs() const override { return static_cast<int>(out.size()); }
  bool wants_output(int i) const override { return i < num_outputs(); }
  const Type* input_type(int i) const override {
    return i < num_inputs() && types[static_cast<size_t>(i)].known() ? &types[static_cast<size_t>(i)] : nullptr;
  }
  const Tensor* input_constant(int i) const override {
    const auto k = static_cast<size_t>(i);
    return k < constants.size() && constants[k].defined() ? &constants[k] : nullptr;
  }
  bool input_dims(int i, Dims* dims) const override {
    const Tensor* t = input_constant(i);
    return t != nullptr && DimsOf(*t, dims);
  }
  void set_output_type(int i, Type type) override { out[static_cast<size_t>(i)] = std::move(type); }
  void set_output_dims(int, Dims) override {}
  Result<std::vector<Type>> InferBody(const BodyRef&, std::span<const Type>) override { return Unsupported("no bodies in OpTester"); }
  Dim NewSymbol() override { return Dim::Symbol(StrCat("unk__", next++)); }

  std::string_view op;
  int version = 0, next = 0;
  const Attributes* attrs = nullptr;
  std::vector<Type> types, out;
  std::vector<Tensor> constants;
};

class TestKernel final : public KernelContext {
 public:
  std::string_view op_type() const override { return op; }
  int since_version() const override { return version; }
  const Attributes& attributes() const override { return *attrs; }
  int num_inputs() const override { return static_cast<int>(in->size()); }
  int num_outputs() const override { return static_cast<int>(out.size()); }
  bool wants_output(int i) const override { return i < num_outputs(); }
  const Value* input_value(int i) const override {
    const auto k = static_cast<size_t>(i);
    return k < in->size() && (*in)[k] ? &*(*in)[k] : nullptr;
  }
  Result<Tensor*> AllocateOutput(int i, DType dtype, const Shape& shape) override {
    SAMOYED_ASSIGN_OR_RETURN(Tensor t, Tensor::Allocate(dtype, shape));
    if (i >= num_outputs()) out.resize(static_cast<size_t>(i) + 1);
    out[static_cast<size_t>(i)] = std::move(t);
    return &out[static_cast<size_t>(i)].tensor();
  }
  void set_output(int i, Value value) override { out[static_cast<size_t>(i)] = std::move(value); }
  Result<std::vector<Value>> RunBody(const BodyRef&, std::span<const Value>) override { return Unsupported("no bodies in OpTester"); }
  Status Poll() override { return OkStatus(); }
  void ParallelFor(int64_t n, int64_t, FunctionRef<void(int64_t, int64_t)> body) override {
    if (n > 0) body(0, n);
  }
  std::span<std::byte> scratch() override { return {}; }
  uint64_t NextSeed() override { return 42; }

  std::string_view op;
  int version = 0;
  const Attributes* attrs = nullptr;
  const std::vector<std::optional<Value>>* in = nullptr;
  std::vector<Value> out;
};

// The inferred type must not contradict the value: same kinds and element types, dimensions equal where known.
bool Agrees(const Type& inferred, const Type& actual) {
  if (!inferred.known()) return true;
  if (inferred.kind == TypeKind::kOptional) return !actual.known() || Agrees(*inferred.element, actual);
  if (inferred.kind != actual.kind || inferred.dtype != actual.dtype) return false;
  if (inferred.element && actual.element && !Agrees(*inferred.element, *actual.element)) return false;
  if (!inferred.shape || !actual.shape) return true;
  if (inferred.rank() != actual.rank()) return false;
  for (size_t i = 0; i < inferred.shape->size(); ++i) {
    if ((*inferred.shape)[i].known() && (*inferred.shape)[i].value != (*actual.shape)[i].value) return false;
  }
  return true;
}

}  // namespace

Type TypeOf(const Value& value) {
  if (value.is_tensor()) return Type::TensorOf(value.tensor().dtype(), value.tensor().shape());
  if (value.is_sequence()) {
    const auto& items = value.sequence().items;
    return Type::SequenceOf(items.empty() ? Type() : TypeOf(items[0]));
  }
  if (value.is_sparse()) {
    const Shape& shape = value.sparse().dense_shape;
    return Type::SparseOf(value.sparse().values.dtype(), Dims(shape.begin(), shape.end()));
  }
  if (value.is_map()) {
    const Map& map = value.map();
    if (!map.by_int.empty()) return Type::MapOf(map.key_type, TypeOf(map.by_int.begin()->second));
    return Type::MapOf(map.key_type, map.by_string.empty() ? Type() : TypeOf(map.by_string.begin()->second));
  }
  return {};
}

OpTester::OpTester(std::string_view op_type, int opset, std::string_view domain)
    : op_type_(op_type), domain_(domain), op_(FindOp(domain, op_type)), schema_(FindSchema(domain, op_type, opset)) {
  EXPECT_NE(op_, nullptr) << "no operator " << op_type;
  EXPECT_NE(schema_, nullptr) << "no schema of " << op_type << " at opset " << opset;
}

OpTester& OpTester::Input(Value value) {
  inputs_.emplace_back(std::move(value));
  return *this;
}
OpTester& OpTester::NoInput() {
  inputs_.emplace_back();
  return *this;
}
OpTester& OpTester::Attr(std::string name, AttributeValue value) {
  attributes_.push_back({std::move(name), std::move(value)});
  return *this;
}
OpTester& OpTester::Outputs(int count) {
  num_outputs_ = count;
  return *this;
}

Result<std::vector<Type>> OpTester::Infer(bool constants) {
  TestInfer ctx;
  const Attributes attrs(attributes_, schema_);
  ctx.op = op_type_;
  ctx.version = schema_ ? schema_->since_version : 0;
  ctx.attrs = &attrs;
  ctx.out.resize(static_cast<size_t>(num_outputs_));
  for (const auto& v : inputs_) {
    ctx.types.push_back(v ? TypeOf(*v) : Type());
    ctx.constants.push_back(constants && v && v->is_tensor() ? v->tensor() : Tensor());
  }
  if (op_->infer != nullptr) SAMOYED_RETURN_IF_ERROR(op_->infer(ctx));
  return ctx.out;
}

Result<std::vector<Type>> OpTester::InferTypes(std::vector<Type> input_types) {
  TestInfer ctx;
  const Attributes attrs(attributes_, schema_);
  ctx.op = op_type_;
  ctx.version = schema_ ? schema_->since_version : 0;
  ctx.attrs = &attrs;
  ctx.out.resize(static_cast<size_t>(num_outputs_));
  ctx.types = std::move(input_types);
  if (op_->infer != nullptr) SAMOYED_RETURN_IF_ERROR(op_->infer(ctx));
  return ctx.out;
}

Result<std::vector<Value>> OpTester::Run() {
  TestKernel ctx;
  const Attributes attrs(attributes_, schema_);
  ctx.op = op_type_;
  ctx.version = schema_ ? schema_->since_version : 0;
  ctx.attrs = &attrs;
  ctx.in = &inputs_;
  ctx.out.resize(static_cast<size_t>(num_outputs_));
  if (op_->run == nullptr) return Unsupported(op_type_, " has no reference kernel");
  SAMOYED_RETURN_IF_ERROR(op_->run(ctx));
  for (bool constants : {false, true}) {
    const auto inferred = Infer(constants);
    EXPECT_TRUE(inferred.ok()) << inferred.status().ToString();
    if (!inferred.ok()) continue;
    for (size_t i = 0; i < ctx.out.size(); ++i) {
      const Type actual = TypeOf(ctx.out[i]);
      EXPECT_TRUE(Agrees((*inferred)[i], actual)) << op_type_ << " output " << i << ": inferred " << (*inferred)[i].ToString() << ", got "
                                                  << actual.ToString();
    }
  }
  return std::move(ctx.out);
}

void ExpectTensorNear(const Tensor& actual, const Tensor& expected, double rtol, double atol) {
  ASSERT_EQ(NameOf(actual.dtype()), NameOf(expected.dtype()));
  ASSERT_EQ(actual.shape().ToString(), expected.shape().ToString());
  if (actual.dtype() == DType::kString) {
    for (size_t i = 0; i < actual.strings().size(); ++i) EXPECT_EQ(actual.strings()[i], expected.strings()[i]) << "at " << i;
    return;
  }
  const auto a = LoadAll<std::complex<double>>(actual);
  const auto e = LoadAll<std::complex<double>>(expected);
  auto near = [&](double x, double y) {
    if (std::isnan(x) || std::isnan(y)) return std::isnan(x) == std::isnan(y);
    return x == y || std::fabs(x - y) <= atol + rtol * std::fabs(y);
  };
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_TRUE(near(a[i].real(), e[i].real()) && near(a[i].imag(), e[i].imag())) << "at " << i << ": " << a[i] << " instead of " << e[i];
  }
}

}  // namespace samoyed::testing
