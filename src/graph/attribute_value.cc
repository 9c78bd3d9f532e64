// AttributeProto -> AttributeValue, and what schemas say about a node's attributes.
#include "graph/build.h"
#include "wire/tensor_data.h"
#include "wire/types.h"

namespace samoyed {
namespace {

using model::AttributeType;

// Old exporters left `type` out: the field that is there tells.
AttributeType TypeOfField(const model::AttributeProto& a) {
  if (a.type.has() && a.type.get() != 0) return static_cast<AttributeType>(a.type.get());
  if (a.f.has()) return AttributeType::kFloat;
  if (a.i.has()) return AttributeType::kInt;
  if (a.s.has()) return AttributeType::kString;
  if (a.t) return AttributeType::kTensor;
  if (a.g) return AttributeType::kGraph;
  if (a.sparse_tensor) return AttributeType::kSparseTensor;
  if (a.tp) return AttributeType::kTypeProto;
  if (!a.floats.empty()) return AttributeType::kFloats;
  if (!a.ints.empty()) return AttributeType::kInts;
  if (!a.strings.empty()) return AttributeType::kStrings;
  if (!a.tensors.empty()) return AttributeType::kTensors;
  if (!a.graphs.empty()) return AttributeType::kGraphs;
  if (!a.sparse_tensors.empty()) return AttributeType::kSparseTensors;
  if (!a.type_protos.empty()) return AttributeType::kTypeProtos;
  return AttributeType::kUndefined;
}

template <typename Out, typename In, typename Convert>
Result<AttributeValue> ConvertAll(const std::vector<In>& in, const Convert& convert) {
  std::vector<Out> out;
  out.reserve(in.size());
  for (const In& item : in) {
    SAMOYED_ASSIGN_OR_RETURN(Out converted, convert(item));
    out.push_back(std::move(converted));
  }
  return AttributeValue(std::move(out));
}

Result<AttributeValue> Lift(Result<Tensor> r) { return r.ok() ? Result<AttributeValue>(AttributeValue(std::move(r).value())) : r.status(); }
Result<AttributeValue> Lift(Result<SparseTensor> r) { return r.ok() ? Result<AttributeValue>(AttributeValue(std::move(r).value())) : r.status(); }
Result<AttributeValue> Lift(Result<Type> r) { return r.ok() ? Result<AttributeValue>(AttributeValue(std::move(r).value())) : r.status(); }

}  // namespace

Result<AttributeValue> ToAttributeValue(const model::AttributeProto& a) {
  const wire::ExternalContext nowhere;
  const auto missing = [&](const char* field) { return BadInput("attribute '", a.name.get(), "' has no value in its field '", field, "'"); };
  const auto tensor = [](const model::TensorProto& t) { return wire::ToTensor(t); };
  const auto sparse = [&](const model::SparseTensorProto& t) { return wire::ToSparse(t, nowhere); };
  switch (TypeOfField(a)) {
    case AttributeType::kFloat: return AttributeValue(a.f.get());
    case AttributeType::kInt: return AttributeValue(a.i.get());
    case AttributeType::kString: return AttributeValue(a.s.get());
    case AttributeType::kFloats: return AttributeValue(a.floats);
    case AttributeType::kInts: return AttributeValue(a.ints);
    case AttributeType::kStrings: return AttributeValue(a.strings);
    case AttributeType::kTensor:
      if (!a.t) return missing("t");
      return Lift(wire::ToTensor(*a.t));
    case AttributeType::kSparseTensor:
      if (!a.sparse_tensor) return missing("sparse_tensor");
      return Lift(wire::ToSparse(*a.sparse_tensor, nowhere));
    case AttributeType::kTypeProto:
      if (!a.tp) return missing("tp");
      return Lift(wire::ToType(*a.tp));
    case AttributeType::kTensors: return ConvertAll<Tensor>(a.tensors, tensor);
    case AttributeType::kSparseTensors: return ConvertAll<SparseTensor>(a.sparse_tensors, sparse);
    case AttributeType::kTypeProtos: return ConvertAll<Type>(a.type_protos, wire::ToType);
    default: break;
  }
  return BadInput("attribute '", a.name.get(), "' has type number ", a.type.get(), ", which is none that can be read here");
}

}  // namespace samoyed
