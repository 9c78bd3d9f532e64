// Reads the schema table: compact text in the binary (no relocations, no static constructors), parsed line by
// line when a schema is first asked for. The form of the text is described in tools/make_schemas.
#include "ops/schema.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <deque>
#include <mutex>
#include <vector>

#include "ops/op.h"

namespace samoyed {
namespace {

constexpr std::string_view kTable =
#include "ops/schema_table.inc"
    ;

using Pieces = std::vector<std::string_view>;

Pieces Split(std::string_view text, char separator) {
  Pieces pieces;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

int ToInt(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
int Bound(std::string_view text) { return text == "-1" ? INT_MAX : ToInt(text); }

float ToFloat(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return static_cast<float>(value);
}

SchemaAttrType ToAttrType(std::string_view name) {
  constexpr std::pair<std::string_view, SchemaAttrType> kNames[] = {
      {"FLOAT", SchemaAttrType::kFloat},     {"INT", SchemaAttrType::kInt},
      {"STRING", SchemaAttrType::kString},   {"TENSOR", SchemaAttrType::kTensor},
      {"GRAPH", SchemaAttrType::kGraph},     {"FLOATS", SchemaAttrType::kFloats},
      {"INTS", SchemaAttrType::kInts},       {"STRINGS", SchemaAttrType::kStrings},
      {"TENSORS", SchemaAttrType::kTensors}, {"GRAPHS", SchemaAttrType::kGraphs},
      {"SPARSE_TENSOR", SchemaAttrType::kSparseTensor}, {"SPARSE_TENSORS", SchemaAttrType::kSparseTensors},
      {"TYPE_PROTO", SchemaAttrType::kTypeProto},       {"TYPE_PROTOS", SchemaAttrType::kTypeProtos},
  };
  return std::ranges::find(kNames, name, &std::pair<std::string_view, SchemaAttrType>::first)->second;
}

// A schema and the storage that its spans point into.
struct ParsedSchema {
  OpSchema schema;
  std::vector<SchemaParam> inputs, outputs;
  std::vector<SchemaAttr> attributes;
  std::vector<SchemaTypeConstraint> constraints;
  std::deque<std::vector<std::string_view>> strings;  // deques: their elements stay where they are
  std::deque<std::vector<int64_t>> ints;
  std::deque<std::vector<float>> floats;
};

std::vector<SchemaParam> ParseParams(std::string_view text) {
  std::vector<SchemaParam> params;
  for (std::string_view item : Split(text, ';')) {
    // The type may hold colons nowhere, the name neither: name:type:option.
    const Pieces parts = Split(item, ':');
    const char letter = parts[2][0];
    const ParamOption option = letter == 's' ? ParamOption::kSingle : letter == 'o' ? ParamOption::kOptional : ParamOption::kVariadic;
    params.push_back({parts[0], parts[1], option, letter != 'V', ToInt(parts[2].substr(1))});
  }
  return params;
}

SchemaAttr ParseAttr(std::string_view text, ParsedSchema& owner) {
  const size_t colon = text.find(':');
  const size_t equals = std::min(text.find('=', colon), text.size());
  std::string_view type = text.substr(colon + 1, equals - colon - 1);
  SchemaAttr attr = {};
  attr.name = text.substr(0, colon);
  attr.required = type.ends_with('!');
  if (attr.required) type.remove_suffix(1);
  attr.type = ToAttrType(type);
  attr.has_default = equals < text.size();
  if (!attr.has_default) return attr;
  const std::string_view value = text.substr(equals + 1);
  switch (attr.type) {
    case SchemaAttrType::kInt: attr.default_int = ToInt(value); break;
    case SchemaAttrType::kFloat: attr.default_float = ToFloat(value); break;
    case SchemaAttrType::kString: attr.default_string = value; break;
    case SchemaAttrType::kInts: {
      auto& list = owner.ints.emplace_back();
      for (std::string_view v : Split(value, '|')) list.push_back(ToInt(v));
      attr.default_ints = list;
      break;
    }
    case SchemaAttrType::kFloats: {
      auto& list = owner.floats.emplace_back();
      for (std::string_view v : Split(value, '|')) list.push_back(ToFloat(v));
      attr.default_floats = list;
      break;
    }
    case SchemaAttrType::kStrings: attr.default_strings = owner.strings.emplace_back(Split(value, '|')); break;
    default: break;
  }
  return attr;
}

// All schemas: the standard's by line of the table, then those that operators bring along.
class Tables {
 public:
  static Tables& Get() {
    static Tables* tables = new Tables;  // never destroyed: schemas are handed out as plain pointers
    return *tables;
  }

  const OpSchema* Find(std::string_view domain, std::string_view name, int64_t opset) {
    if (domain == "ai.onnx") domain = {};
    const Row* best = nullptr;
    const auto key = [](const Row& row) { return std::pair(row.domain, row.name); };
    // Not equal_range: its view of a type that is not complete yet is more than Clang 14 takes.
    for (auto row = std::ranges::lower_bound(rows_, std::pair(domain, name), {}, key);
         row != rows_.end() && row->domain == domain && row->name == name && row->since_version <= opset; ++row) {
      best = &*row;
    }
    if (best == nullptr) return nullptr;
    return best->foreign != nullptr ? best->foreign : &Parsed(*best).schema;
  }

  std::span<const OpSchema> All() {
    std::call_once(all_once_, [this] {
      all_.clear();
      for (const Row& row : rows_) all_.push_back(row.foreign != nullptr ? *row.foreign : Parsed(row).schema);
    });
    return all_;
  }

  int Latest(std::string_view domain) const {
    if (domain == "ai.onnx") domain = {};
    int latest = 0;
    for (const Row& row : rows_) {
      if (row.domain == domain) latest = std::max(latest, row.since_version);
    }
    return latest;
  }

 private:
  struct Row {
    std::string_view domain, name;
    int since_version;
    std::string_view line;      // the rest of the line, for the standard's
    const OpSchema* foreign;    // for others
    size_t slot;                // in parsed_
  };

  Tables() {
    for (std::string_view line : Split(kTable, '\n')) {
      if (line.starts_with('@')) {
        type_lists_.push_back(Split(line.substr(1), '|'));
        continue;
      }
      const size_t name = line.find('\t') + 1, version = line.find('\t', name) + 1, rest = line.find('\t', version) + 1;
      rows_.push_back({line.substr(0, name - 1), line.substr(name, version - name - 1), ToInt(line.substr(version, rest - version - 1)),
                       line.substr(rest), nullptr, rows_.size()});
    }
    parsed_.resize(rows_.size());
    for (const OpDef& op : AllOps()) {
      for (const OpSchema& schema : op.schemas) rows_.push_back({schema.domain, schema.name, schema.since_version, {}, &schema, 0});
    }
    std::ranges::sort(rows_, [](const Row& a, const Row& b) {
      return std::tie(a.domain, a.name, a.since_version) < std::tie(b.domain, b.name, b.since_version);
    });
  }

  const ParsedSchema& Parsed(const Row& row) {
    const std::lock_guard lock(mutex_);
    ParsedSchema& parsed = parsed_[row.slot];
    if (parsed.schema.name.empty()) Parse(row, parsed);
    return parsed;
  }

  void Parse(const Row& row, ParsedSchema& out) const {
    out = ParsedSchema();  // what a parse left that ran out of memory
    std::string_view fields[6];  // flags, bounds, inputs, outputs, attributes, constraints
    std::string_view rest = row.line;
    for (std::string_view& field : fields) {
      const size_t end = std::min(rest.find('\t'), rest.size());
      field = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    out.inputs = ParseParams(fields[2]);
    out.outputs = ParseParams(fields[3]);
    for (std::string_view text : Split(fields[4], ';')) out.attributes.push_back(ParseAttr(text, out));
    for (std::string_view text : Split(fields[5], ';')) {
      const size_t equals = text.find('=');
      out.constraints.push_back({text.substr(0, equals), type_lists_[static_cast<size_t>(ToInt(text.substr(equals + 1)))]});
    }
    const Pieces bounds = Split(fields[1], ',');
    const auto has = [&](char flag) { return fields[0].find(flag) != std::string_view::npos; };
    out.schema = {row.domain, row.name, row.since_version, has('d'),
                  Bound(bounds[0]), Bound(bounds[1]), Bound(bounds[2]), Bound(bounds[3]),
                  out.inputs, out.outputs, out.attributes, out.constraints,
                  has('f'), has('i'), !has('r')};
  }

  std::vector<Row> rows_;
  std::vector<Pieces> type_lists_;
  std::mutex mutex_;
  std::deque<ParsedSchema> parsed_;
  std::once_flag all_once_;
  std::vector<OpSchema> all_;
};

}  // namespace

const SchemaAttr* OpSchema::FindAttribute(std::string_view attribute) const {
  for (const SchemaAttr& a : attributes) {
    if (a.name == attribute) return &a;
  }
  return nullptr;
}

const OpSchema* FindSchema(std::string_view domain, std::string_view name, int64_t opset_version) {
  return Tables::Get().Find(domain, name, opset_version);
}

std::span<const OpSchema> AllSchemas() { return Tables::Get().All(); }

int LatestOpset(std::string_view domain) { return Tables::Get().Latest(domain); }

}  // namespace samoyed
