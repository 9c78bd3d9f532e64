// The one list of ONNX's protobuf fields: number, name, member. The reader, the writer and whatever
// else walks messages are visitors of it, so a new field is one line here and one in model/model.h.
//
// A visitor has operator()(number, name, member [, Text]) for scalars, strings, sub-messages and
// repeated ones, and Enum(), Packed() and Raw() for what the member's type does not tell.
#ifndef SAMOYED_WIRE_FIELDS_H_
#define SAMOYED_WIRE_FIELDS_H_

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "model/model.h"

namespace samoyed::wire {

// Identifiers must be UTF-8. Prose may be broken (exporters wrote Latin-1 into doc strings, and
// protobuf lets it pass), and `bytes` fields can hold anything.
enum class Text : uint8_t { kIdentifier, kAnyBytes };

// How the elements of a packed field are encoded.
enum class Packing : uint8_t { kVarint, kFixed32, kFixed64 };

template <typename T, typename U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// clang-format off

template <typename V, Is<model::StringStringEntryProto> M> void Fields(V& v, M& m) {
  v(1, "key", m.key);
  v(2, "value", m.value, Text::kAnyBytes);
}

template <typename V, Is<model::TensorProto::Segment> M> void Fields(V& v, M& m) {
  v(1, "begin", m.begin);
  v(2, "end", m.end);
}

template <typename V, Is<model::TensorProto> M> void Fields(V& v, M& m) {
  v(1, "dims", m.dims);
  v(2, "data_type", m.data_type);
  v(3, "segment", m.segment);
  v.Packed(4, "float_data", m.float_data, Packing::kFixed32);
  v.Packed(5, "int32_data", m.int32_data, Packing::kVarint);
  v(6, "string_data", m.string_data, Text::kAnyBytes);
  v.Packed(7, "int64_data", m.int64_data, Packing::kVarint);
  v(8, "name", m.name);
  v.Raw(9, "raw_data", m.has_raw_data, m.raw_data);
  v.Packed(10, "double_data", m.double_data, Packing::kFixed64);
  v.Packed(11, "uint64_data", m.uint64_data, Packing::kVarint);
  v(12, "doc_string", m.doc_string, Text::kAnyBytes);
  v(13, "external_data", m.external_data);
  v.Enum(14, "data_location", m.data_location, 1);
  v(16, "metadata_props", m.metadata_props);
}

template <typename V, Is<model::SparseTensorProto> M> void Fields(V& v, M& m) {
  v(1, "values", m.values);
  v(2, "indices", m.indices);
  v(3, "dims", m.dims);
}

template <typename V, Is<model::TensorShapeProto::Dimension> M> void Fields(V& v, M& m) {
  v(1, "dim_value", m.dim_value);
  v(2, "dim_param", m.dim_param);
  v(3, "denotation", m.denotation);
}

template <typename V, Is<model::TensorShapeProto> M> void Fields(V& v, M& m) { v(1, "dim", m.dim); }

template <typename V, Is<model::TypeProto::Tensor> M> void Fields(V& v, M& m) {
  v(1, "elem_type", m.elem_type);
  v(2, "shape", m.shape);
}

template <typename V, Is<model::TypeProto::Element> M> void Fields(V& v, M& m) { v(1, "elem_type", m.elem_type); }

template <typename V, Is<model::TypeProto::Map> M> void Fields(V& v, M& m) {
  v(1, "key_type", m.key_type);
  v(2, "value_type", m.value_type);
}

template <typename V, Is<model::TypeProto::Opaque> M> void Fields(V& v, M& m) {
  v(1, "domain", m.domain);
  v(2, "name", m.name);
}

template <typename V, Is<model::TypeProto> M> void Fields(V& v, M& m) {
  v(1, "tensor_type", m.tensor_type);
  v(4, "sequence_type", m.sequence_type);
  v(5, "map_type", m.map_type);
  v(6, "denotation", m.denotation);
  v(7, "opaque_type", m.opaque_type);
  v(8, "sparse_tensor_type", m.sparse_tensor_type);
  v(9, "optional_type", m.optional_type);
}

template <typename V, Is<model::ValueInfoProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(2, "type", m.type);
  v(3, "doc_string", m.doc_string, Text::kAnyBytes);
  v(4, "metadata_props", m.metadata_props);
}

template <typename V, Is<model::AttributeProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(2, "f", m.f);
  v(3, "i", m.i);
  v(4, "s", m.s, Text::kAnyBytes);
  v(5, "t", m.t);
  v(6, "g", m.g);
  v(7, "floats", m.floats);
  v(8, "ints", m.ints);
  v(9, "strings", m.strings, Text::kAnyBytes);
  v(10, "tensors", m.tensors);
  v(11, "graphs", m.graphs);
  v(13, "doc_string", m.doc_string, Text::kAnyBytes);
  v(14, "tp", m.tp);
  v(15, "type_protos", m.type_protos);
  v.Enum(20, "type", m.type, 14);
  v(21, "ref_attr_name", m.ref_attr_name);
  v(22, "sparse_tensor", m.sparse_tensor);
  v(23, "sparse_tensors", m.sparse_tensors);
}

template <typename V, Is<model::IntIntListEntryProto> M> void Fields(V& v, M& m) {
  v(1, "key", m.key);
  v(2, "value", m.value);
}

template <typename V, Is<model::SimpleShardedDimProto> M> void Fields(V& v, M& m) {
  v(1, "dim_value", m.dim_value);
  v(2, "dim_param", m.dim_param);
  v(3, "num_shards", m.num_shards);
}

template <typename V, Is<model::ShardedDimProto> M> void Fields(V& v, M& m) {
  v(1, "axis", m.axis);
  v(2, "simple_sharding", m.simple_sharding);
}

template <typename V, Is<model::ShardingSpecProto> M> void Fields(V& v, M& m) {
  v(1, "tensor_name", m.tensor_name);
  v(2, "device", m.device);
  v(3, "index_to_device_group_map", m.index_to_device_group_map);
  v(4, "sharded_dim", m.sharded_dim);
}

template <typename V, Is<model::NodeDeviceConfigurationProto> M> void Fields(V& v, M& m) {
  v(1, "configuration_id", m.configuration_id);
  v(2, "sharding_spec", m.sharding_spec);
  v(3, "pipeline_stage", m.pipeline_stage);
}

template <typename V, Is<model::DeviceConfigurationProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(2, "num_devices", m.num_devices);
  v(3, "device", m.device);
}

template <typename V, Is<model::NodeProto> M> void Fields(V& v, M& m) {
  v(1, "input", m.input);
  v(2, "output", m.output);
  v(3, "name", m.name);
  v(4, "op_type", m.op_type);
  v(5, "attribute", m.attribute);
  v(6, "doc_string", m.doc_string, Text::kAnyBytes);
  v(7, "domain", m.domain);
  v(8, "overload", m.overload);
  v(9, "metadata_props", m.metadata_props);
  v(10, "device_configurations", m.device_configurations);
}

template <typename V, Is<model::TensorAnnotation> M> void Fields(V& v, M& m) {
  v(1, "tensor_name", m.tensor_name);
  v(2, "quant_parameter_tensor_names", m.quant_parameter_tensor_names);
}

template <typename V, Is<model::GraphProto> M> void Fields(V& v, M& m) {
  v(1, "node", m.node);
  v(2, "name", m.name);
  v(5, "initializer", m.initializer);
  v(10, "doc_string", m.doc_string, Text::kAnyBytes);
  v(11, "input", m.input);
  v(12, "output", m.output);
  v(13, "value_info", m.value_info);
  v(14, "quantization_annotation", m.quantization_annotation);
  v(15, "sparse_initializer", m.sparse_initializer);
  v(16, "metadata_props", m.metadata_props);
}

template <typename V, Is<model::OperatorSetIdProto> M> void Fields(V& v, M& m) {
  v(1, "domain", m.domain);
  v(2, "version", m.version);
}

template <typename V, Is<model::FunctionProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(4, "input", m.input);
  v(5, "output", m.output);
  v(6, "attribute", m.attribute);
  v(7, "node", m.node);
  v(8, "doc_string", m.doc_string, Text::kAnyBytes);
  v(9, "opset_import", m.opset_import);
  v(10, "domain", m.domain);
  v(11, "attribute_proto", m.attribute_proto);
  v(12, "value_info", m.value_info);
  v(13, "overload", m.overload);
  v(14, "metadata_props", m.metadata_props);
}

template <typename V, Is<model::TrainingInfoProto> M> void Fields(V& v, M& m) {
  v(1, "initialization", m.initialization);
  v(2, "algorithm", m.algorithm);
  v(3, "initialization_binding", m.initialization_binding);
  v(4, "update_binding", m.update_binding);
}

template <typename V, Is<model::ModelProto> M> void Fields(V& v, M& m) {
  v(1, "ir_version", m.ir_version);
  v(2, "producer_name", m.producer_name, Text::kAnyBytes);
  v(3, "producer_version", m.producer_version, Text::kAnyBytes);
  v(4, "domain", m.domain);
  v(5, "model_version", m.model_version);
  v(6, "doc_string", m.doc_string, Text::kAnyBytes);
  v(7, "graph", m.graph);
  v(8, "opset_import", m.opset_import);
  v(14, "metadata_props", m.metadata_props);
  v(20, "training_info", m.training_info);
  v(25, "functions", m.functions);
  v(26, "configuration", m.configuration);
}

template <typename V, Is<model::SequenceProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(2, "elem_type", m.elem_type);
  v(3, "tensor_values", m.tensor_values);
  v(4, "sparse_tensor_values", m.sparse_tensor_values);
  v(5, "sequence_values", m.sequence_values);
  v(6, "map_values", m.map_values);
  v(7, "optional_values", m.optional_values);
}

template <typename V, Is<model::MapProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(2, "key_type", m.key_type);
  v(3, "keys", m.keys);
  v(4, "string_keys", m.string_keys, Text::kAnyBytes);
  v(5, "values", m.values);
}

template <typename V, Is<model::OptionalProto> M> void Fields(V& v, M& m) {
  v(1, "name", m.name);
  v(2, "elem_type", m.elem_type);
  v(3, "tensor_value", m.tensor_value);
  v(4, "sparse_tensor_value", m.sparse_tensor_value);
  v(5, "sequence_value", m.sequence_value);
  v(6, "map_value", m.map_value);
  v(7, "optional_value", m.optional_value);
}

// clang-format on

// Of a oneof's fields only the one that came last stays: clears the others once `number` was read.
template <typename M>
void ClearOtherAlternatives(M&, uint32_t) {}

inline void ClearOtherAlternatives(model::TypeProto& m, uint32_t number) {
  if (number == 6) return;  // denotation is no part of the oneof
  if (number != 1) m.tensor_type.reset();
  if (number != 4) m.sequence_type.reset();
  if (number != 5) m.map_type.reset();
  if (number != 7) m.opaque_type.reset();
  if (number != 8) m.sparse_tensor_type.reset();
  if (number != 9) m.optional_type.reset();
}
inline void ClearOtherAlternatives(model::TensorShapeProto::Dimension& m, uint32_t number) {
  if (number == 1) m.dim_param.clear();
  if (number == 2) m.dim_value.clear();
}
inline void ClearOtherAlternatives(model::SimpleShardedDimProto& m, uint32_t number) {
  if (number == 1) m.dim_param.clear();
  if (number == 2) m.dim_value.clear();
}

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_FIELDS_H_
