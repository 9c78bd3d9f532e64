#include "npy.h"

#include <cstring>
#include <fstream>

namespace samoyed::cli {
namespace {

struct Kind {
  int dtype;
  const char* name;
};
constexpr Kind kKinds[] = {{1, "<f4"}, {2, "|u1"}, {3, "|i1"}, {4, "<u2"}, {5, "<i2"}, {6, "<i4"}, {7, "<i8"}, {9, "|b1"}, {10, "<f2"}, {11, "<f8"}, {12, "<u4"}, {13, "<u8"}, {14, "<c8"}, {15, "<c16"}};

// What follows a key of the header's dictionary, up to `end`.
std::string Field(const std::string& header, const std::string& key, char begin, char end) {
  const size_t at = header.find("'" + key + "'");
  const size_t from = at == std::string::npos ? at : header.find(begin, header.find(':', at));
  const size_t to = from == std::string::npos ? from : header.find(end, from + 1);
  return to == std::string::npos ? std::string() : header.substr(from + 1, to - from - 1);
}

}  // namespace

ValuePtr ReadNpy(const std::string& path) {
  const std::string file = ReadFile(path);
  const auto bad = [&](const char* why) { return Error(SAMOYED_BAD_INPUT, path + ": " + why); };
  if (file.size() < 12 || file.compare(0, 6, "\x93NUMPY") != 0) throw bad("not a .npy file");
  const bool short_length = file[6] == 1;
  uint32_t length = static_cast<uint8_t>(file[8]) | static_cast<uint32_t>(static_cast<uint8_t>(file[9])) << 8;
  if (!short_length) length |= static_cast<uint32_t>(static_cast<uint8_t>(file[10])) << 16 | static_cast<uint32_t>(static_cast<uint8_t>(file[11])) << 24;
  const size_t start = (short_length ? 10 : 12) + static_cast<size_t>(length);
  if (start > file.size()) throw bad("the header is cut off");
  const std::string header = file.substr(0, start);
  if (header.find("'fortran_order': True") != std::string::npos) throw bad("Fortran order is not read; save numpy.ascontiguousarray of it");
  const std::string descr = Field(header, "descr", '\'', '\'');
  std::vector<int64_t> dims;
  const std::string shape = Field(header, "shape", '(', ')');
  for (size_t at = 0; at < shape.size();) {
    if (shape[at] < '0' || shape[at] > '9') {
      ++at;
      continue;
    }
    size_t used = 0;
    dims.push_back(std::stoll(shape.substr(at, 18), &used));
    at += used;
  }
  for (const Kind& kind : kKinds) {
    if (descr != kind.name) continue;
    samoyed_value* value = nullptr;
    Check(Api().tensor_create(kind.dtype, dims.data(), dims.size(), file.data() + start, file.size() - start, &value));
    return ValuePtr(value);
  }
  throw bad(("element type " + descr + " is not read").c_str());
}

void WriteNpy(const std::string& path, const samoyed_value& value) {
  for (const Kind& kind : kKinds) {
    if (Api().value_dtype(&value) != kind.dtype) continue;
    std::string header = "{'descr': '" + std::string(kind.name) + "', 'fortran_order': False, 'shape': (";
    for (size_t i = 0; i < Api().value_rank(&value); ++i) header += std::to_string(Api().value_dims(&value)[i]) + ",";
    header += "), }";
    header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
    header += '\n';
    const auto n = static_cast<uint16_t>(header.size());
    std::ofstream file(path, std::ios::binary);
    file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(n & 255) << static_cast<char>(n >> 8) << header;
    file.write(static_cast<const char*>(Api().value_data(&value)), static_cast<std::streamsize>(Api().value_size(&value)));
    if (!file) throw Error(SAMOYED_BAD_INPUT, path + ": cannot be written");
    return;
  }
  throw Error(SAMOYED_UNSUPPORTED, path + ": NumPy has no such type; write it as pb");
}

}  // namespace samoyed::cli
