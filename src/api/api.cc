// The C interface over the layers below; the only place that names concrete providers.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <span>

#include "api/compare.h"
#include "api/json.h"
#include "api/operators.h"
#include "api/optimize.h"
#include "api/profile.h"
#include "base/checked.h"
#include "base/cpu.h"
#include "base/file.h"
#include "base/thread_pool.h"
#include "check/checker.h"
#include "exec/session.h"
#include "ops/common/image_codec.h"
#include "providers/cpu/cpu.h"
#include "providers/cpu/peak.h"
#include "providers/reference/reference.h"
#include "samoyed/image.h"
#include "samoyed/samoyed.h"
#include "wire/data_files.h"
#include "wire/reader.h"
#include "wire/text.h"
#include "wire/writer.h"

using samoyed::Code;
using samoyed::OkStatus;
using samoyed::Result;
using samoyed::Status;
using samoyed::StrCat;
using samoyed::api::Quoted;

struct samoyed_status {
  Code code;
  std::string text;
};
struct samoyed_text {
  std::string text;
};
struct samoyed_options {
  samoyed::SessionOptions options;
};
struct samoyed_session {
  std::unique_ptr<samoyed::Session> session;
  std::vector<std::string> input_types, output_types;
};
struct samoyed_value {
  samoyed::Value value;
};
struct samoyed_cancel {
  std::atomic<bool> on = false;
};

namespace {

// Says so without any memory: null would mean success. Never freed; small enough to lie in the string itself.
samoyed_status out_of_memory{Code::kLimit, "out of memory"};

// Runs a call so that neither an error nor a failed allocation leaves the library as anything but a status.
template <typename Call>
samoyed_status* Guard(Call&& call) noexcept {
  try {
    const Status status = call();
    if (status.ok()) return nullptr;
    return new samoyed_status{status.code(), status.ToString()};
  } catch (const std::bad_alloc&) {
    return &out_of_memory;
  } catch (const std::exception& error) {
    try {
      return new samoyed_status{Code::kInternal, error.what()};
    } catch (const std::bad_alloc&) {
      return &out_of_memory;
    }
  }
}

// For functions that return an object: null when memory ran out.
template <typename Call>
auto OrNull(Call&& call) noexcept -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception&) {
    return nullptr;
  }
}

samoyed_text* MakeText(std::string text) { return new samoyed_text{std::move(text)}; }

std::shared_ptr<const samoyed::Provider> ProviderByName(std::string_view name) {
  if (name == "cpu" || name == "CPUExecutionProvider") return samoyed::MakeCpuProvider();
  if (name == "reference" || name == "ReferenceExecutionProvider") return samoyed::MakeReferenceProvider();
  return nullptr;
}
constexpr std::string_view kProviderNames[] = {"cpu", "reference"};

template <typename Fn>
void ForEachItem(std::string_view list, Fn&& fn) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    if (end > 0) fn(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

Result<int64_t> ToInt(std::string_view name, const char* text) {
  char* end = nullptr;
  const long long value = std::strtoll(text, &end, 10);
  if (end == text || *end != '\0' || value < 0)
    return samoyed::UsageError("option ", name, " takes a number from 0 on, not \"", text, "\"");
  return static_cast<int64_t>(value);
}

Status SetOption(samoyed::SessionOptions& o, std::string_view name, const char* text) {
  if (name == "providers") {
    o.providers.clear();
    Status status;
    ForEachItem(text, [&](std::string_view item) {
      auto provider = ProviderByName(item);
      if (provider == nullptr && status.ok())
        status = samoyed::UsageError("there is no provider \"", item, "\"; this build has ", samoyed::StrJoin(kProviderNames));
      if (provider != nullptr) o.providers.push_back(std::move(provider));
    });
    return status;
  }
  if (name == "disable") {
    ForEachItem(text, [&](std::string_view item) { o.disabled_passes.emplace_back(item); });
    return OkStatus();
  }
  if (name == "precision") {
    const std::string_view precision = text;
    if (precision != "strict" && precision != "fast")
      return samoyed::UsageError("option precision is \"strict\" or \"fast\", not \"", precision, "\"");
    o.strict_precision = precision == "strict";
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const int64_t value, ToInt(name, text));
  if (name == "threads") {
    if (value > 1024) return samoyed::UsageError("option threads takes at most 1024, not ", value);
    o.threads = static_cast<int>(value);
  } else if (name == "optimize") {
    o.optimise = value != 0;
  } else if (name == "strict") {
    o.strict_placement = value != 0;
  } else if (name == "max_memory") {
    o.max_memory = value;
  } else if (name == "timeout_ms") {
    o.timeout_ms = static_cast<double>(value);
  } else if (name == "seed") {
    o.seed = static_cast<uint64_t>(value);
  } else if (name.starts_with("dim:")) {
    o.dims[std::string(name.substr(4))] = value;
  } else {
    return samoyed::UsageError("there is no option \"", name, "\"");
  }
  return OkStatus();
}

samoyed::SessionOptions OptionsOf(const samoyed_options* options) {
  samoyed::SessionOptions o = options == nullptr ? samoyed::SessionOptions() : options->options;
  if (o.providers.empty()) {
    for (std::string_view name : kProviderNames) o.providers.push_back(ProviderByName(name));
  } else if (std::ranges::none_of(o.providers, [](const auto& p) { return p->name() == "ReferenceExecutionProvider"; })) {
    o.providers.push_back(samoyed::MakeReferenceProvider());  // what no other provider takes still runs, unless placement is strict
  }
  return o;
}

Status Finish(Result<std::unique_ptr<samoyed::Session>> loaded, samoyed_session** out) {
  if (!loaded.ok()) return loaded.status();
  auto made = std::make_unique<samoyed_session>();
  made->session = std::move(loaded).value();
  for (const auto& info : made->session->inputs()) made->input_types.push_back(info.type.ToString());
  for (const auto& info : made->session->outputs()) made->output_types.push_back(info.type.ToString());
  *out = made.release();
  return OkStatus();
}

samoyed_status* Load(const char* path, const samoyed_options* options, samoyed_session** out) {
  return Guard([&]() -> Status {
    SAMOYED_RETURN_IF_ERROR(samoyed::CheckCpuOverride());
    return Finish(samoyed::Session::Load(path, OptionsOf(options)), out);
  });
}

samoyed_status* LoadBytes(const void* data, size_t size, const samoyed_options* options, samoyed_session** out) {
  return Guard([&]() -> Status {
    SAMOYED_RETURN_IF_ERROR(samoyed::CheckCpuOverride());
    return Finish(samoyed::Session::LoadBytes({static_cast<const std::byte*>(data), size}, OptionsOf(options)), out);
  });
}

// Operations of one run of a node, dimensions without a number taken as 1; 0 where the operator does not say.
double FlopsOf(const samoyed::Graph& graph, const samoyed::Node& node) {
  if (node.op == nullptr || node.op->flops == nullptr) return 0;
  const auto shapes = [&](const std::vector<samoyed::ValueId>& ids) {
    std::vector<samoyed::Shape> out;
    for (samoyed::ValueId id : ids) {
      samoyed::Shape shape;
      if (id != samoyed::kNoValue && graph.value(id).type.shape) {
        for (const samoyed::Dim& d : *graph.value(id).type.shape) shape.push_back(d.known() ? d.value : 1);
      }
      out.push_back(std::move(shape));
    }
    return out;
  };
  const auto inputs = shapes(node.inputs), outputs = shapes(node.outputs);
  return node.op->flops(node.attributes, inputs, outputs);
}

samoyed_text* NodesJson(const samoyed_session* s) {
  const samoyed::Graph& graph = s->session->graph();
  std::map<std::string_view, const samoyed::Node*> nodes;
  for (samoyed::NodeId id = 0; id < graph.num_node_slots(); ++id) {
    if (graph.has_node(id)) nodes.emplace(graph.node(id).name, &graph.node(id));
  }
  const auto list = [&](const std::vector<samoyed::ValueId>& ids) {
    std::string out;
    for (samoyed::ValueId id : ids) {
      if (id == samoyed::kNoValue) continue;
      out += StrCat(out.empty() ? "" : ", ", "{\"name\": ", Quoted(graph.value(id).name),
                    ", \"type\": ", Quoted(graph.value(id).type.ToString()),
                    ", \"constant\": ", graph.value(id).constant ? "true" : "false", "}");
    }
    return StrCat("[", out, "]");
  };
  std::string out = "[";
  for (const auto& row : s->session->placement().rows) {
    out += StrCat(out.size() > 1 ? ",\n" : "\n", "{\"node\": ", Quoted(row.node), ", \"op\": ", Quoted(row.op_type),
                  ", \"provider\": ", Quoted(row.provider), ", \"kernel\": ", Quoted(row.kernel), ", \"reason\": ", Quoted(row.reason));
    if (const auto it = nodes.find(row.node); it != nodes.end()) {
      out += StrCat(", \"flops\": ", static_cast<int64_t>(FlopsOf(graph, *it->second)), ", \"inputs\": ", list(it->second->inputs),
                    ", \"outputs\": ", list(it->second->outputs));
    }
    out += "}";
  }
  return MakeText(out + "]");
}

int64_t CountParameters(const samoyed::model::GraphProto& graph) {
  int64_t count = 0;
  for (const auto& t : graph.initializer) {
    int64_t elements = 1;
    for (int64_t d : t.dims) elements = d < 0 ? 0 : samoyed::CheckedMul(elements, d).value_or(0);
    count = samoyed::CheckedAdd(count, elements).value_or(count);
  }
  for (const auto& node : graph.node) {
    for (const auto& a : node.attribute) {
      if (a.g) count = samoyed::CheckedAdd(count, CountParameters(*a.g)).value_or(count);
    }
  }
  return count;
}

// How often each operator is used, in the bodies of other nodes too.
void CountOperators(const samoyed::model::GraphProto& graph, std::map<std::string, int64_t>& counts) {
  for (const auto& node : graph.node) {
    ++counts[node.domain->empty() || node.domain.get() == "ai.onnx" ? node.op_type.get()
                                                                    : StrCat(node.domain.get(), ".", node.op_type.get())];
    for (const auto& a : node.attribute) {
      if (a.g) CountOperators(*a.g, counts);
      for (const auto& g : a.graphs) CountOperators(g, counts);
    }
  }
}

samoyed_status* ModelInfo(const char* path, samoyed_text** out) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::model::ModelProto model, samoyed::wire::ReadModelFile(path));
    std::string imports, metadata;
    for (const auto& import : model.opset_import) {
      imports += StrCat(imports.empty() ? "" : ", ", Quoted(import.domain->empty() ? std::string("ai.onnx") : import.domain.get()), ": ",
                        import.version.get());
    }
    for (const auto& entry : model.metadata_props) metadata += StrCat(metadata.empty() ? "" : ", ", Quoted(entry.key.get()));
    std::map<std::string, int64_t> counts;
    if (model.graph) CountOperators(*model.graph, counts);
    std::string operators;
    for (const auto& [name, count] : counts) operators += StrCat(operators.empty() ? "" : ", ", Quoted(name), ": ", count);
    *out =
        MakeText(StrCat("{\"ir_version\": ", model.ir_version.get(), ", \"producer\": ",
                        Quoted(StrCat(model.producer_name.get(), model.producer_version->empty() ? "" : " ", model.producer_version.get())),
                        ", \"opsets\": {", imports, "}, \"metadata\": [", metadata, "], \"functions\": ", model.functions.size(),
                        ", \"nodes\": ", model.graph ? model.graph->node.size() : 0,
                        ", \"parameters\": ", model.graph ? CountParameters(*model.graph) : 0, ", \"operators\": {", operators, "}}"));
    return OkStatus();
  });
}

samoyed_status* Memory(const samoyed_session* s, samoyed_memory* out) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::MemoryReport report, s->session->Memory());
    *out = {report.constants, report.packed, report.arena, report.outputs, report.exact ? 1 : 0};
    return OkStatus();
  });
}

samoyed_status* TensorCreate(int32_t dtype, const int64_t* dims, size_t rank, const void* data, size_t size, samoyed_value** out) {
  return Guard([&]() -> Status {
    if (!samoyed::IsValidDType(dtype) || static_cast<samoyed::DType>(dtype) == samoyed::DType::kString)
      return samoyed::UsageError("no tensor of element type ", dtype, " can be made from bytes (strings: string_tensor_create)");
    SAMOYED_ASSIGN_OR_RETURN(samoyed::Tensor t,
                             samoyed::Tensor::Allocate(static_cast<samoyed::DType>(dtype), samoyed::Shape(std::span(dims, rank))));
    if (static_cast<size_t>(t.byte_size()) != size)
      return samoyed::UsageError("a tensor ", samoyed::NameOf(t.dtype()), t.shape().ToString(), " takes ", t.byte_size(), " bytes, not ",
                                 size);
    if (size > 0) std::memcpy(t.mutable_raw(), data, size);
    *out = new samoyed_value{std::move(t)};
    return OkStatus();
  });
}

samoyed_status* StringTensorCreate(const int64_t* dims, size_t rank, const char* const* elements, const size_t* lengths, size_t count,
                                   samoyed_value** out) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(samoyed::Tensor t, samoyed::Tensor::Allocate(samoyed::DType::kString, samoyed::Shape(std::span(dims, rank))));
    if (static_cast<size_t>(t.size()) != count)
      return samoyed::UsageError("a tensor of shape ", t.shape().ToString(), " takes ", t.size(), " strings, not ", count);
    std::string* to = count > 0 ? t.mutable_strings() : nullptr;
    for (size_t i = 0; i < count; ++i) to[i].assign(elements[i], lengths == nullptr ? std::strlen(elements[i]) : lengths[i]);
    *out = new samoyed_value{std::move(t)};
    return OkStatus();
  });
}

samoyed::TypeKind KindFromText(std::string_view type) {
  using samoyed::TypeKind;
  if (type.starts_with("seq(")) return TypeKind::kSequence;
  if (type.starts_with("optional(")) return TypeKind::kOptional;
  if (type.starts_with("map(")) return TypeKind::kMap;
  if (type.starts_with("sparse_tensor(")) return TypeKind::kSparseTensor;
  return TypeKind::kTensor;
}

samoyed::Type TypeOf(const samoyed::Value& v) {
  using samoyed::Type;
  if (v.is_tensor()) return Type::TensorOf(v.tensor().dtype(), v.tensor().shape());
  if (v.is_sequence())
    return Type::SequenceOf(v.sequence().items.empty() ? Type::TensorOf(samoyed::DType::kFloat) : TypeOf(v.sequence().items[0]));
  if (v.is_sparse()) return Type::SparseOf(v.sparse().values.dtype(), std::nullopt);
  return {};
}

samoyed_status* ValueLoad(const char* path, const char* type, samoyed_value** out) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(samoyed::Value value, samoyed::wire::ReadValueFile(path, KindFromText(type == nullptr ? "" : type)));
    *out = new samoyed_value{std::move(value)};
    return OkStatus();
  });
}

const samoyed::Tensor* TensorIn(const samoyed_value* v) { return v->value.is_tensor() ? &v->value.tensor() : nullptr; }

Status RunOn(const samoyed_session* s, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs, size_t num_outputs,
             const samoyed::RunOptions& options) {
  if (num_outputs != s->session->outputs().size())
    return samoyed::UsageError("the model has ", s->session->outputs().size(), " outputs, not ", num_outputs);
  std::vector<samoyed::Value> given(num_inputs), made(num_outputs);
  for (size_t i = 0; i < num_inputs; ++i) {
    if (inputs[i] != nullptr) given[i] = inputs[i]->value;
  }
  for (size_t i = 0; i < num_outputs; ++i) {
    if (outputs[i] != nullptr) made[i] = outputs[i]->value;
  }
  SAMOYED_RETURN_IF_ERROR(s->session->RunInto(given, made, options));
  std::vector<std::unique_ptr<samoyed_value>> fresh(num_outputs);  // all of them before one is handed over
  for (size_t i = 0; i < num_outputs; ++i) {
    if (outputs[i] == nullptr) fresh[i] = std::make_unique<samoyed_value>();
  }
  for (size_t i = 0; i < num_outputs; ++i) {
    if (fresh[i] != nullptr) outputs[i] = fresh[i].release();
    outputs[i]->value = std::move(made[i]);
  }
  return OkStatus();
}

samoyed_status* RunWith(const samoyed_session* s, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs,
                        size_t num_outputs, double timeout_ms, const samoyed_cancel* cancel) {
  return Guard([&] {
    return RunOn(s, inputs, num_inputs, outputs, num_outputs,
                 {.timeout_ms = timeout_ms, .cancel = cancel != nullptr ? &cancel->on : nullptr});
  });
}

samoyed_status* RunProfiled(const samoyed_session* s, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs,
                            size_t num_outputs, samoyed_text** out_json) {
  return Guard([&]() -> Status {
    std::vector<samoyed::NodeProfile> profile;
    profile.reserve(2 * s->session->placement().rows.size());
    SAMOYED_RETURN_IF_ERROR(RunOn(s, inputs, num_inputs, outputs, num_outputs, {.profile = &profile}));
    *out_json = MakeText(samoyed::api::ProfileJson(profile));
    return OkStatus();
  });
}

samoyed_status* MachineSpeed(int32_t threads, double* flops, double* bytes) {
  return Guard([&]() -> Status {
    if (threads < 0 || threads > 1024) return samoyed::UsageError("threads are 0 (as many as the process may use) to 1024, not ", threads);
    SAMOYED_RETURN_IF_ERROR(samoyed::CheckCpuOverride());
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::MachinePeak peak, samoyed::MeasurePeak(threads > 0 ? threads : samoyed::AvailableCpus()));
    *flops = peak.flops_per_second;
    *bytes = peak.bytes_per_second;
    return OkStatus();
  });
}

samoyed_status* Run(const samoyed_session* s, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs,
                    size_t num_outputs) {
  std::fill_n(outputs, num_outputs, nullptr);
  return RunWith(s, inputs, num_inputs, outputs, num_outputs, 0, nullptr);
}

samoyed_status* ModelText(const char* path, samoyed_text** out) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::model::ModelProto model, samoyed::wire::ReadModelFile(path));
    *out = MakeText(samoyed::wire::ToText(model, {.max_elements = 8}));
    return OkStatus();
  });
}

samoyed_status* SetMetadata(const char* path, const char* const* keys, const char* const* values, size_t count, const char* out_path) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(samoyed::model::ModelProto model, samoyed::wire::ReadModelFile(path));
    for (size_t i = 0; i < count; ++i) {
      std::erase_if(model.metadata_props, [&](const auto& entry) { return entry.key.get() == keys[i]; });
      auto& entry = model.metadata_props.emplace_back();
      entry.key = std::string(keys[i]);
      entry.value = std::string(values[i]);
    }
    return samoyed::wire::WriteModelFile(model, out_path);
  });
}

samoyed_status* ModelCheck(const char* path, int full, samoyed_text** out) {
  return Guard([&]() -> Status {
    SAMOYED_ASSIGN_OR_RETURN(const samoyed::model::ModelProto model, samoyed::wire::ReadModelFile(path));
    std::string list;
    for (const samoyed::Finding& f : samoyed::CheckModel(model, {.full = full != 0})) {
      list += StrCat(list.empty() ? "\n" : ",\n", "{\"place\": ", Quoted(f.place), ", \"rule\": ", Quoted(f.rule),
                     ", \"found\": ", Quoted(f.found), ", \"advice\": ", Quoted(f.advice), "}");
    }
    *out = MakeText(StrCat("[", list, "]"));
    return OkStatus();
  });
}

samoyed_text* DevicesJson() {
  std::string levels, providers;
  for (samoyed::CpuLevel level : samoyed::HostCpuLevels()) levels += StrCat(levels.empty() ? "" : ", ", Quoted(samoyed::NameOf(level)));
  for (std::string_view name : kProviderNames) providers += StrCat(providers.empty() ? "" : ", ", Quoted(name));
  return MakeText(StrCat("{\"cpu\": {\"level\": ", Quoted(samoyed::NameOf(samoyed::CurrentCpuLevel())), ", \"levels\": [", levels,
                         "], \"threads\": ", samoyed::AvailableCpus(), "}, \"providers\": [", providers, "]}"));
}

std::mutex codec_mutex;
samoyed_image_codec codec_in_use;

Result<samoyed::ops::DecodedImage> DecodeByCodec(std::span<const std::byte> bytes) {
  samoyed_image_codec codec;
  {
    const std::lock_guard lock(codec_mutex);
    codec = codec_in_use;
  }
  samoyed_pixels pixels = {};
  char message[512] = "";
  const int code = codec.decode(bytes.data(), bytes.size(), &pixels, message, sizeof message);
  if (code != 0) {
    const bool known = code > 0 && code <= static_cast<int>(samoyed::Code::kInternal);
    return Status(known ? static_cast<samoyed::Code>(code) : samoyed::Code::kInternal, message);
  }
  const std::unique_ptr<uint8_t, void (*)(void*)> owner(pixels.rgb, codec.free);
  samoyed::ops::DecodedImage image{.width = pixels.width, .height = pixels.height, .rgb = {}};
  if (pixels.rgb != nullptr && pixels.width > 0 && pixels.height > 0) {
    image.rgb.assign(pixels.rgb, pixels.rgb + static_cast<size_t>(pixels.width) * static_cast<size_t>(pixels.height) * 3);
  }
  return image;
}

void SetImageCodec(const samoyed_image_codec* codec) {
  const std::lock_guard lock(codec_mutex);
  const bool usable = codec != nullptr && codec->decode != nullptr && codec->free != nullptr;
  samoyed::ops::SetImageCodec(nullptr);
  if (!usable) return;  // a run that is decoding already goes on with the one it has
  codec_in_use = *codec;
  samoyed::ops::SetImageCodec(DecodeByCodec);
}

const samoyed_api kApi = {
    .version = SAMOYED_API_VERSION,
    .version_string = [] { return SAMOYED_VERSION; },
    .status_code = [](const samoyed_status* s) { return s == nullptr ? SAMOYED_OK : static_cast<samoyed_code>(s->code); },
    .status_message = [](const samoyed_status* s) { return s == nullptr ? "" : s->text.c_str(); },
    .status_free =
        [](samoyed_status* s) {
          if (s != &out_of_memory) delete s;
        },
    .text_data = [](const samoyed_text* t) { return t->text.c_str(); },
    .text_size = [](const samoyed_text* t) { return t->text.size(); },
    .text_free = [](samoyed_text* t) { delete t; },
    .options_create = [] { return OrNull([] { return new samoyed_options; }); },
    .options_set = [](samoyed_options* o, const char* name,
                      const char* value) { return Guard([&] { return SetOption(o->options, name, value); }); },
    .options_free = [](samoyed_options* o) { delete o; },
    .session_load = Load,
    .session_load_bytes = LoadBytes,
    .session_free = [](samoyed_session* s) { delete s; },
    .session_num_inputs = [](const samoyed_session* s) { return s->session->inputs().size(); },
    .session_num_outputs = [](const samoyed_session* s) { return s->session->outputs().size(); },
    .session_input_name = [](const samoyed_session* s, size_t i) { return s->session->inputs()[i].name.c_str(); },
    .session_output_name = [](const samoyed_session* s, size_t i) { return s->session->outputs()[i].name.c_str(); },
    .session_input_type = [](const samoyed_session* s, size_t i) { return s->input_types[i].c_str(); },
    .session_output_type = [](const samoyed_session* s, size_t i) { return s->output_types[i].c_str(); },
    .session_input_has_default = [](const samoyed_session* s, size_t i) { return s->session->inputs()[i].has_default ? 1 : 0; },
    .session_metadata =
        [](const samoyed_session* s, const char* key) {
          const auto it = s->session->metadata().find(key);
          return it == s->session->metadata().end() ? nullptr : it->second.c_str();
        },
    .session_placement = [](const samoyed_session* s) { return s->session->placement().summary.c_str(); },
    .session_nodes_json = [](const samoyed_session* s) { return OrNull([s] { return NodesJson(s); }); },
    .session_memory = Memory,
    .tensor_create = TensorCreate,
    .value_load = ValueLoad,
    .value_save =
        [](const char* path, const samoyed_value* v) {
          return Guard([&] { return samoyed::wire::WriteValueFile(path, v->value, TypeOf(v->value)); });
        },
    .value_free = [](samoyed_value* v) { delete v; },
    .value_dtype = [](const samoyed_value* v) { return TensorIn(v) == nullptr ? 0 : static_cast<int32_t>(TensorIn(v)->dtype()); },
    .value_rank = [](const samoyed_value* v) { return TensorIn(v) == nullptr ? 0 : static_cast<size_t>(TensorIn(v)->rank()); },
    .value_dims = [](const samoyed_value* v) { return TensorIn(v) == nullptr ? nullptr : TensorIn(v)->shape().begin(); },
    .value_data =
        [](const samoyed_value* v) {
          return TensorIn(v) == nullptr || TensorIn(v)->dtype() == samoyed::DType::kString ? nullptr : TensorIn(v)->raw();
        },
    .value_size = [](const samoyed_value* v) { return TensorIn(v) == nullptr ? 0 : static_cast<size_t>(TensorIn(v)->byte_size()); },
    .value_string = [](const samoyed_value* v, size_t i, size_t* length) -> const char* {
      const samoyed::Tensor* t = TensorIn(v);
      if (t == nullptr || t->dtype() != samoyed::DType::kString || i >= static_cast<size_t>(t->size())) return nullptr;
      *length = t->strings()[i].size();
      return t->strings()[i].c_str();
    },
    .value_compare = [](const samoyed_value* actual, const samoyed_value* expected, double rtol,
                        double atol) { return Guard([&] { return samoyed::Compare(actual->value, expected->value, rtol, atol); }); },
    .run = Run,
    .model_text = ModelText,
    .model_set_metadata = SetMetadata,
    .devices_json = [] { return OrNull(DevicesJson); },
    .operators_json = [] { return OrNull([] { return MakeText(samoyed::api::OperatorsJson()); }); },
    .model_check = ModelCheck,
    .model_info = ModelInfo,
    .session_note =
        [](const samoyed_session* s, size_t i) {
          const auto& notes = s->session->graph().notes;
          return i < notes.size() ? notes[i].c_str() : nullptr;
        },
    .cancel_create = [] { return new (std::nothrow) samoyed_cancel; },
    .cancel_set = [](samoyed_cancel* c, int32_t on) { c->on = on != 0; },
    .cancel_free = [](samoyed_cancel* c) { delete c; },
    .run_with = RunWith,
    .guard_mapped_files = []() -> int32_t { return samoyed::GuardMappedFiles() ? 1 : 0; },
    .set_image_codec = SetImageCodec,
    .run_profiled = RunProfiled,
    .machine_speed = MachineSpeed,
    .passes_json = [] { return MakeText(samoyed::api::PassesJson()); },
    .model_optimize =
        [](const char* path, const samoyed_options* options, const char* out_path, samoyed_text** out_json) {
          return Guard([&]() -> Status {
            SAMOYED_ASSIGN_OR_RETURN(
                std::string report,
                samoyed::api::OptimizeFile(path, options == nullptr ? samoyed::SessionOptions() : options->options, out_path));
            *out_json = MakeText(std::move(report));
            return OkStatus();
          });
        },
    .string_tensor_create = StringTensorCreate,
};

}  // namespace

const samoyed_api* samoyed_get_api(uint32_t version) { return version <= SAMOYED_API_VERSION ? &kApi : nullptr; }
