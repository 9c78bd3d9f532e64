// Finds operators by name, in the table that the build makes from the file names.
#include <algorithm>
#include <iterator>
#include <vector>

#include "base/str.h"
#include "ops/op.h"

namespace samoyed {
namespace {

struct Row {
  std::string_view domain;
  std::string_view name;
  const OpDef* def;
};
struct Name {
  std::string_view domain;
  std::string_view name;
};

}  // namespace

#include "registry_table.inc"

namespace {

std::string_view CanonicalDomain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }

bool Before(const OpDef& a, std::string_view domain, std::string_view name) {
  return a.domain != domain ? a.domain < domain : a.name < name;
}

std::vector<OpDef> MakeTable() {
  std::vector<OpDef> table;
  for (const Row& row : kRows) {
    if (row.def == nullptr) continue;  // the end mark
    table.push_back(*row.def);
    table.back().domain = row.domain;
    table.back().name = row.name;
  }
  std::ranges::sort(table, [](const OpDef& a, const OpDef& b) { return Before(a, b.domain, b.name); });
  return table;
}

}  // namespace

std::span<const OpDef> AllOps() {
  static const std::vector<OpDef> table = MakeTable();
  return table;
}

const OpDef* FindOp(std::string_view domain, std::string_view name) {
  domain = CanonicalDomain(domain);
  const auto table = AllOps();
  const auto it = std::lower_bound(table.begin(), table.end(), name,
                                   [&](const OpDef& def, std::string_view wanted) { return Before(def, domain, wanted); });
  return it != table.end() && it->domain == domain && it->name == name ? &*it : nullptr;
}

bool IsLeftOut(std::string_view domain, std::string_view name) {
  domain = CanonicalDomain(domain);
  return std::any_of(std::begin(kLeftOut), std::end(kLeftOut),
                     [&](const Name& left_out) { return !name.empty() && left_out.domain == domain && left_out.name == name; });
}

std::string OptionThatBringsBack(std::string_view domain, std::string_view name) {
  const auto written = [](std::string_view of, std::string_view op) { return of.empty() ? std::string(op) : StrCat(of, "::", op); };
  std::string out = "-DSAMOYED_OPS=\"";
  for (const OpDef& op : AllOps()) out += StrCat(written(op.domain, op.name), ";");
  return StrCat(out, written(CanonicalDomain(domain), name), "\"");
}

}  // namespace samoyed
