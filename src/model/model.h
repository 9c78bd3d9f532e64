// The ONNX intermediate representation as plain structs: one a message of onnx.proto, with its
// field names, for IR versions 3 to 14. No behaviour; wire/ reads and writes it, graph/ builds on it.
//
// Strings are owned. Bulk data (raw_data and the packed typed fields of tensors) are views into the
// file's bytes, which the ModelProto keeps alive; whoever makes a tensor of its own gives it an owner.
#ifndef SAMOYED_MODEL_MODEL_H_
#define SAMOYED_MODEL_MODEL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samoyed::model {

// An optional scalar of proto2: reads as its value (the default when unset), remembers whether it was set.
template <typename T>
class Field {
 public:
  Field() = default;
  Field(T value) : value_(std::move(value)), set_(true) {}  // NOLINT: reads and writes like a T
  Field& operator=(T value) {
    value_ = std::move(value);
    set_ = true;
    return *this;
  }
  operator const T&() const { return value_; }  // NOLINT
  const T& get() const { return value_; }
  const T* operator->() const { return &value_; }
  bool has() const { return set_; }
  void clear() { *this = Field(); }
  bool operator==(const Field&) const = default;

 private:
  T value_{};
  bool set_ = false;
};

// A sub-message that may be absent. Copies are deep.
template <typename T>
class Box {
 public:
  Box() = default;
  Box(T value) : p_(std::make_unique<T>(std::move(value))) {}  // NOLINT
  Box(const Box& other) : p_(other.p_ ? std::make_unique<T>(*other.p_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(Box other) noexcept {
    p_ = std::move(other.p_);
    return *this;
  }
  explicit operator bool() const { return p_ != nullptr; }
  T& emplace() {
    p_ = std::make_unique<T>();
    return *p_;
  }
  void reset() { p_.reset(); }
  T& operator*() { return *p_; }
  const T& operator*() const { return *p_; }
  T* operator->() { return p_.get(); }
  const T* operator->() const { return p_.get(); }

 private:
  std::unique_ptr<T> p_;
};

// Fields whose number we do not know, tag included, in the order they came in; written back as they are.
using UnknownFields = std::string;

// Bytes with whatever keeps them alive (null: the ModelProto's backing).
struct Bytes {
  std::string_view view;
  std::shared_ptr<const void> owner;
};

struct StringStringEntryProto {
  Field<std::string> key, value;
  UnknownFields unknown;
};
using Metadata = std::vector<StringStringEntryProto>;

struct TensorProto {
  struct Segment {
    Field<int64_t> begin, end;
    UnknownFields unknown;
  };
  std::vector<int64_t> dims;
  Field<int32_t> data_type;
  Box<Segment> segment;
  // Typed fields: the payload of the packed field, undecoded (float and double: little-endian
  // numbers; integers: varints). Unpacked encodings are gathered into the same form when read.
  Bytes float_data, int32_data, int64_data, double_data, uint64_data;
  std::vector<std::string> string_data;
  Field<std::string> name, doc_string;
  bool has_raw_data = false;
  Bytes raw_data;
  Metadata external_data;
  Field<int32_t> data_location;  // 0 default, 1 external
  Metadata metadata_props;
  UnknownFields unknown;
};

struct SparseTensorProto {
  Box<TensorProto> values, indices;
  std::vector<int64_t> dims;
  UnknownFields unknown;
};

struct TensorShapeProto {
  struct Dimension {
    Field<int64_t> dim_value;  // at most one of these two
    Field<std::string> dim_param;
    Field<std::string> denotation;
    UnknownFields unknown;
  };
  std::vector<Dimension> dim;
  UnknownFields unknown;
};

struct TypeProto {
  struct Tensor {  // also sparse tensors
    Field<int32_t> elem_type;
    Box<TensorShapeProto> shape;
    UnknownFields unknown;
  };
  struct Element {  // sequence and optional
    Box<TypeProto> elem_type;
    UnknownFields unknown;
  };
  struct Map {
    Field<int32_t> key_type;
    Box<TypeProto> value_type;
    UnknownFields unknown;
  };
  struct Opaque {
    Field<std::string> domain, name;
    UnknownFields unknown;
  };
  // A oneof: at most one is present.
  Box<Tensor> tensor_type, sparse_tensor_type;
  Box<Element> sequence_type, optional_type;
  Box<Map> map_type;
  Box<Opaque> opaque_type;
  Field<std::string> denotation;
  UnknownFields unknown;
};

struct ValueInfoProto {
  Field<std::string> name;
  Box<TypeProto> type;
  Field<std::string> doc_string;
  Metadata metadata_props;
  UnknownFields unknown;
};

enum class AttributeType : int32_t {
  kUndefined = 0, kFloat = 1, kInt = 2, kString = 3, kTensor = 4, kGraph = 5, kFloats = 6, kInts = 7,
  kStrings = 8, kTensors = 9, kGraphs = 10, kSparseTensor = 11, kSparseTensors = 12, kTypeProto = 13,
  kTypeProtos = 14,
};

struct GraphProto;

struct AttributeProto {
  Field<std::string> name, ref_attr_name, doc_string;
  Field<int32_t> type;  // AttributeType
  Field<float> f;
  Field<int64_t> i;
  Field<std::string> s;
  Box<TensorProto> t;
  Box<GraphProto> g;
  Box<SparseTensorProto> sparse_tensor;
  Box<TypeProto> tp;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<std::string> strings;
  std::vector<TensorProto> tensors;
  std::vector<GraphProto> graphs;
  std::vector<SparseTensorProto> sparse_tensors;
  std::vector<TypeProto> type_protos;
  UnknownFields unknown;
};

struct IntIntListEntryProto {
  Field<int64_t> key;
  std::vector<int64_t> value;
  UnknownFields unknown;
};
struct SimpleShardedDimProto {
  Field<int64_t> dim_value;  // at most one of these two
  Field<std::string> dim_param;
  Field<int64_t> num_shards;
  UnknownFields unknown;
};
struct ShardedDimProto {
  Field<int64_t> axis;
  std::vector<SimpleShardedDimProto> simple_sharding;
  UnknownFields unknown;
};
struct ShardingSpecProto {
  Field<std::string> tensor_name;
  std::vector<int64_t> device;
  std::vector<IntIntListEntryProto> index_to_device_group_map;
  std::vector<ShardedDimProto> sharded_dim;
  UnknownFields unknown;
};
struct NodeDeviceConfigurationProto {
  Field<std::string> configuration_id;
  std::vector<ShardingSpecProto> sharding_spec;
  Field<int32_t> pipeline_stage;
  UnknownFields unknown;
};
struct DeviceConfigurationProto {
  Field<std::string> name;
  Field<int32_t> num_devices;
  std::vector<std::string> device;
  UnknownFields unknown;
};

struct NodeProto {
  std::vector<std::string> input, output;
  Field<std::string> name, op_type, domain, overload;
  std::vector<AttributeProto> attribute;
  Field<std::string> doc_string;
  Metadata metadata_props;
  std::vector<NodeDeviceConfigurationProto> device_configurations;
  UnknownFields unknown;
};

struct TensorAnnotation {
  Field<std::string> tensor_name;
  Metadata quant_parameter_tensor_names;
  UnknownFields unknown;
};

struct GraphProto {
  std::vector<NodeProto> node;
  Field<std::string> name;
  std::vector<TensorProto> initializer;
  std::vector<SparseTensorProto> sparse_initializer;
  Field<std::string> doc_string;
  std::vector<ValueInfoProto> input, output, value_info;
  std::vector<TensorAnnotation> quantization_annotation;
  Metadata metadata_props;
  UnknownFields unknown;
};

struct OperatorSetIdProto {
  Field<std::string> domain;
  Field<int64_t> version;
  UnknownFields unknown;
};

struct FunctionProto {
  Field<std::string> name;
  std::vector<std::string> input, output, attribute;
  std::vector<AttributeProto> attribute_proto;
  std::vector<NodeProto> node;
  Field<std::string> doc_string;
  std::vector<OperatorSetIdProto> opset_import;
  Field<std::string> domain, overload;
  std::vector<ValueInfoProto> value_info;
  Metadata metadata_props;
  UnknownFields unknown;
};

struct TrainingInfoProto {
  Box<GraphProto> initialization, algorithm;
  Metadata initialization_binding, update_binding;
  UnknownFields unknown;
};

struct ModelProto {
  Field<int64_t> ir_version;
  std::vector<OperatorSetIdProto> opset_import;
  Field<std::string> producer_name, producer_version, domain;
  Field<int64_t> model_version;
  Field<std::string> doc_string;
  Box<GraphProto> graph;
  Metadata metadata_props;
  std::vector<TrainingInfoProto> training_info;
  std::vector<FunctionProto> functions;
  std::vector<DeviceConfigurationProto> configuration;
  UnknownFields unknown;

  std::shared_ptr<const void> backing;  // the bytes that the views point into
  std::string folder;                   // where external data is looked for; empty: nowhere
};

// Files of their own (onnx-data.proto): what .pb test data and ONNX's data folders hold.
struct MapProto;
struct OptionalProto;
struct SequenceProto {
  Field<std::string> name;
  Field<int32_t> elem_type;  // 1 tensor, 2 sparse tensor, 3 sequence, 4 map, 5 optional
  std::vector<TensorProto> tensor_values;
  std::vector<SparseTensorProto> sparse_tensor_values;
  std::vector<SequenceProto> sequence_values;
  std::vector<MapProto> map_values;
  std::vector<OptionalProto> optional_values;
  UnknownFields unknown;
};
struct MapProto {
  Field<std::string> name;
  Field<int32_t> key_type;
  std::vector<int64_t> keys;
  std::vector<std::string> string_keys;
  Box<SequenceProto> values;
  UnknownFields unknown;
};
struct OptionalProto {
  Field<std::string> name;
  Field<int32_t> elem_type;
  Box<TensorProto> tensor_value;
  Box<SparseTensorProto> sparse_tensor_value;
  Box<SequenceProto> sequence_value;
  Box<MapProto> map_value;
  Box<OptionalProto> optional_value;
  UnknownFields unknown;
};

}  // namespace samoyed::model

#endif  // SAMOYED_MODEL_MODEL_H_
