// Compares inferred types with those that onnx's shape inference finds:
//   shape_inference FOLDER KNOWN   lines "CASE<tab>full|blind<tab>VALUE<tab>TYPE" on standard input, FOLDER/CASE/model.onnx
// The types of a model's inside are taken away first, in `blind` the shapes of its outputs, too. Ours have to be at least as
// precise: the same kind and elements, every number, every symbol of the model, and one name (or number) wherever onnx's invented
// symbol is one. KNOWN lists the values where they are not, and why. Ends with status 1 where anything else differs, or where
// something that is listed does not.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/str.h"
#include "check/infer.h"
#include "graph/build.h"
#include "wire/reader.h"

namespace samoyed {
namespace {

// Reads a type as Type::ToString writes it.
class TypeText {
 public:
  explicit TypeText(std::string_view text) : text_(text) {}

  Type Read() {
    if (Take("?")) return {};
    if (Take("seq(")) return Closed(Type::SequenceOf(Read()));
    if (Take("optional(")) return Closed(Type::OptionalOf(Read()));
    if (Take("map(")) {
      const DType key = Element();
      Take(",");
      return Closed(Type::MapOf(key, Read()));
    }
    const bool sparse = Take("sparse_");
    if (!Take("tensor(")) return {};
    Type type = Closed(sparse ? Type::SparseOf(Element(), std::nullopt) : Type::TensorOf(Element()));
    if (!Take("[")) return type;
    type.shape.emplace();
    while (!Take("]") && !text_.empty()) {
      type.shape->push_back(Dimension());
      Take(",");
    }
    return type;
  }

 private:
  bool Take(std::string_view what) {
    if (!text_.starts_with(what)) return false;
    text_.remove_prefix(what.size());
    return true;
  }
  Type Closed(Type type) {
    Take(")");
    return type;
  }
  std::string_view Until(std::string_view ends) {
    const std::string_view word = text_.substr(0, text_.find_first_of(ends));
    text_.remove_prefix(word.size());
    return word;
  }
  DType Element() { return DTypeFromName(Until(",)")).value_or(DType::kUndefined); }
  Dim Dimension() {
    if (Take("?")) return {};
    if (Take("\"")) {
      Dim dim = Dim::Symbol(std::string(Until("\"")));
      Take("\"");
      return dim;
    }
    const std::string_view digits = Until(",]");
    int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }

  std::string_view text_;
};

bool IsInvented(const Dim& d) { return d.symbolic() && d.symbol.starts_with("unk__"); }

// One model in one mode: what is expected against what is inferred, value by value.
class Comparison {
 public:
  // Empty where `made` says at least what `wanted` does.
  std::string Compare(const Type& wanted, const Type& made) {
    if (!wanted.known()) return {};
    if (wanted.kind != made.kind) return "another kind";
    if (wanted.dtype != made.dtype && wanted.dtype != DType::kUndefined) return "other elements";
    if (wanted.element) return made.element ? Compare(*wanted.element, *made.element) : "no element type";
    if (!wanted.shape) return made.shape ? Better() : std::string();
    if (!made.shape) return "no rank";
    if (wanted.shape->size() != made.shape->size()) return "another rank";
    for (size_t i = 0; i < wanted.shape->size(); ++i) {
      const Dim &w = (*wanted.shape)[i], &m = (*made.shape)[i];
      if (w.known() && m.known() && w.value != m.value) return StrCat("dimension ", i, " is another number");
      if (w.known() && !m.known()) return StrCat("dimension ", i, " is not known");
      if (!w.known() && m.known()) Better();
      if (!w.symbolic() || m.known()) continue;
      if (!IsInvented(w) && !w.SameAs(m)) return StrCat("dimension ", i, " has another name");
      const auto [first, is_new] = invented_.emplace(w.symbol, m);
      if (!is_new && !first->second.SameAs(m)) return StrCat("dimension ", i, " is not seen to equal another one");
    }
    return {};
  }
  int better() const { return better_; }

 private:
  std::string Better() {
    ++better_;
    return {};
  }
  std::map<std::string, Dim, std::less<>> invented_;
  int better_ = 0;
};

// Types by name, those of bodies behind "<node>.<attribute>/", as the expected ones are.
void Collect(const Graph& graph, const model::GraphProto& proto, const std::string& prefix, std::map<std::string, Type>& out) {
  const auto add = [&](std::string_view name) {
    const ValueId id = graph.FindValue(name);
    if (id != kNoValue) out[StrCat(prefix, name)] = graph.value(id).type;
  };
  for (const auto& input : proto.input) add(input.name.get());
  for (const auto& tensor : proto.initializer) add(tensor.name.get());
  for (size_t i = 0; i < proto.node.size(); ++i) {
    for (const std::string& name : proto.node[i].output) {
      if (!name.empty()) add(name);
    }
    for (const auto& attribute : proto.node[i].attribute) {
      if (!attribute.g) continue;
      NodeId owner = kNoNode;
      for (const std::string& name : proto.node[i].output) {
        if (const ValueId id = name.empty() ? kNoValue : graph.FindValue(name); id != kNoValue) owner = graph.value(id).producer;
      }
      const BodyRef* body = owner == kNoNode ? nullptr : graph.node(owner).attributes.Body(attribute.name.get());
      if (body != nullptr)
        Collect(*graph.node(owner).bodies[static_cast<size_t>(body->index)], *attribute.g,
                StrCat(prefix, i, ".", attribute.name.get(), "/"), out);
    }
  }
}

void ForgetTypes(model::GraphProto& graph) {
  graph.value_info.clear();
  for (auto& node : graph.node) {
    for (auto& attribute : node.attribute) {
      if (attribute.g) ForgetTypes(*attribute.g);
    }
  }
}

Result<std::map<std::string, Type>> Infer(const std::string& path, bool blind) {
  SAMOYED_ASSIGN_OR_RETURN(model::ModelProto model, wire::ReadModelFile(path));
  if (!model.graph) return BadInput("no graph");
  ForgetTypes(*model.graph);
  for (auto& output : model.graph->output) {
    if (blind && output.type && output.type->tensor_type) output.type->tensor_type->shape.reset();
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::unique_ptr<Graph> graph, BuildGraph(model));
  SAMOYED_RETURN_IF_ERROR(AnnotateTypes(*graph));
  std::map<std::string, Type> types;
  Collect(*graph, *model.graph, "", types);
  return types;
}

// The first two words of each line of KNOWN: "CASE VALUE".
std::set<std::string> ReadKnown(const char* path) {
  std::set<std::string> known;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    known.insert(line.substr(0, line.find(": ")));
  }
  return known;
}

int Run(const std::string& folder, const std::set<std::string>& known) {
  std::map<std::string, Type> made;
  Comparison comparison;
  std::set<std::string> seen;
  std::string last;
  int models = 0, values = 0, better = 0, worse = 0, unexplained = 0;
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<std::string_view> words;
    for (std::string_view rest = line; words.size() < 4; rest.remove_prefix(std::min(rest.size(), words.back().size() + 1)))
      words.push_back(rest.substr(0, rest.find('\t')));
    const std::string which = StrCat(words[0], " (", words[1], ")");
    if (which != last) {
      better += comparison.better();
      comparison = {};
      last = which;
      auto types = Infer(StrCat(folder, "/", words[0], "/model.onnx"), words[1] == "blind");
      if (!types.ok()) std::printf("%s: %s\n", which.c_str(), types.status().ToString().c_str());
      made = types.ok() ? std::move(*types) : std::map<std::string, Type>();
      models += words[1] == "full";
    }
    ++values;
    const auto found = made.find(std::string(words[2]));
    const Type type = found == made.end() ? Type() : found->second;
    const std::string difference = comparison.Compare(TypeText(words[3]).Read(), type);
    if (difference.empty()) continue;
    ++worse;
    const std::string place = StrCat(words[0], " ", words[2]);
    if (known.contains(place)) {
      seen.insert(place);
      continue;
    }
    ++unexplained;
    std::printf("%s %s: %s: onnx %s, here %s\n", which.c_str(), std::string(words[2]).c_str(), difference.c_str(),
                std::string(words[3]).c_str(), type.ToString().c_str());
  }
  better += comparison.better();
  for (const std::string& place : known) {
    if (!seen.contains(place)) std::printf("%s is listed as a difference and is none\n", place.c_str());
  }
  std::printf(
      "%d models, %d types: %d differ (%zu values, for reasons that are listed; %d for none), %d dimensions and ranks known here only\n",
      models, values, worse, seen.size(), unexplained, better);
  return unexplained == 0 && seen.size() == known.size() ? 0 : 1;
}

}  // namespace
}  // namespace samoyed

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return samoyed::Run(argv[1], samoyed::ReadKnown(argv[2]));
}
