#include "made_up_inputs.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "suggest.h"

namespace samoyed::cli {
namespace {

int64_t Size(const std::string& text) {
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789") != std::string::npos) {
    throw Error(SAMOYED_USAGE, "\"" + text + "\" is no size; shapes are written like 1x3x224x224");
  }
  return std::stoll(text);
}

std::vector<int64_t> Sizes(const std::string& text) {
  std::vector<int64_t> sizes;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('x', at), text.size());
    sizes.push_back(Size(text.substr(at, end - at)));
    at = end + 1;
  }
  return sizes;
}

// The number of elements; an error where they would fill more than 16 GiB.
size_t Count(const std::string& name, const std::vector<int64_t>& shape) {
  size_t count = 1;
  for (int64_t d : shape) {
    if (d != 0 && count > (size_t{1} << 31) / static_cast<size_t>(d))
      throw Error(SAMOYED_LIMIT, "the input \"" + name + "\" would have more than 2^31 elements");
    count *= static_cast<size_t>(d);
  }
  return count;
}

template <typename T, typename Draw>
std::string Fill(size_t count, Draw draw) {
  std::string bytes(count * sizeof(T), '\0');
  for (size_t i = 0; i < count; ++i) {
    const T value = static_cast<T>(draw());
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

ValuePtr MakeInput(const std::string& name, const TensorType& type, const Assignments& dims, std::mt19937_64& random) {
  std::vector<int64_t> shape;
  if (const auto it = dims.find(name); it != dims.end()) {
    shape = Sizes(it->second);
  } else {
    for (const std::string& dim : type.dims) {
      const bool number = !dim.empty() && dim.find_first_not_of("0123456789") == std::string::npos;
      const auto given = dims.count(dim) ? dims.find(dim) : dims.find("*");
      shape.push_back(number ? Size(dim) : given != dims.end() ? Size(given->second) : 1);
    }
  }
  const size_t count = Count(name, shape);
  const auto real = [&] { return static_cast<double>(random() >> 11) * 0x1p-52 - 1; };
  const auto whole = [&]() -> int64_t {
    if (name.find("mask") != std::string::npos) return 1;
    return name == "sr" ? 16000 : static_cast<int64_t>(random() % 200);
  };
  std::string bytes;
  switch (type.dtype) {
    case 1:
      bytes = Fill<float>(count, real);
      break;
    case 4:
      bytes = Fill<uint16_t>(count, whole);
      break;
    case 5:
      bytes = Fill<int16_t>(count, whole);
      break;
    case 12:
      bytes = Fill<uint32_t>(count, whole);
      break;
    case 13:
      bytes = Fill<uint64_t>(count, whole);
      break;
    case 11:
      bytes = Fill<double>(count, real);
      break;
    case 10:
      bytes = Fill<uint16_t>(count, [&] { return 0x2c00 + random() % 0x1000; });  // halves from 1/16 to 1
      break;
    case 2:
      bytes = Fill<uint8_t>(count, whole);
      break;
    case 3:
      bytes = Fill<int8_t>(count, [&] { return whole() % 100; });
      break;
    case 6:
      bytes = Fill<int32_t>(count, whole);
      break;
    case 7:
      bytes = Fill<int64_t>(count, whole);
      break;
    case 9:
      bytes = Fill<uint8_t>(count, [&] { return whole() % 2; });
      break;
    default:
      throw Error(SAMOYED_UNSUPPORTED, "no values can be made up for the input \"" + name + "\" of type " + type.element);
  }
  samoyed_value* value = nullptr;
  Check(Api().tensor_create(type.dtype, shape.data(), shape.size(), bytes.data(), bytes.size(), &value));
  return ValuePtr(value);
}

}  // namespace

Assignments ParseAssignments(const std::vector<std::string>& list) {
  Assignments map;
  for (const std::string& item : list) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos) throw Error(SAMOYED_USAGE, "\"" + item + "\" is not of the form NAME=SIZE or INPUT=1x3x224x224");
    map[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return map;
}

namespace {

// A name that is neither an input nor a dimension without a number is a slip of the pen.
void CheckNames(const samoyed_session& session, const Assignments& dims) {
  std::vector<std::string> names;
  for (size_t i = 0; i < Api().session_num_inputs(&session); ++i) {
    names.emplace_back(Api().session_input_name(&session, i));
    for (const std::string& dim : ParseType(Api().session_input_type(&session, i)).dims) {
      const bool named = dim != "?" && dim.find_first_not_of("0123456789") != std::string::npos;
      if (named && std::find(names.begin(), names.end(), dim) == names.end()) names.push_back(dim);
    }
  }
  for (const auto& [name, size] : dims) {
    if (name == "*" || std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string nearest = Nearest(name, names);
    std::string list;
    for (const std::string& n : names) list += (list.empty() ? "" : ", ") + n;
    throw Error(SAMOYED_USAGE, "the model has no input and no dimension \"" + name + "\"" +
                                   (nearest.empty() ? "" : "; did you mean " + nearest + "?") + " (it has " + list + ")");
  }
}

}  // namespace

std::vector<ValuePtr> MakeInputs(const samoyed_session& session, const Assignments& dims) {
  CheckNames(session, dims);
  std::mt19937_64 random(0);
  std::vector<ValuePtr> inputs;
  for (size_t i = 0; i < Api().session_num_inputs(&session); ++i) {
    inputs.push_back(
        Api().session_input_has_default(&session, i) != 0
            ? nullptr
            : MakeInput(Api().session_input_name(&session, i), ParseType(Api().session_input_type(&session, i)), dims, random));
  }
  return inputs;
}

}  // namespace samoyed::cli
