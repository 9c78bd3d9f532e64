#include "npy.h"

#include <cstring>
#include <fstream>

#include "zip.h"

namespace samoyed::cli {
namespace {

struct Kind {
  int dtype;
  const char* name;
};
constexpr Kind kKinds[] = {{1, "<f4"}, {2, "|u1"},  {3, "|i1"},  {4, "<u2"},  {5, "<i2"},  {6, "<i4"},  {7, "<i8"},
                           {9, "|b1"}, {10, "<f2"}, {11, "<f8"}, {12, "<u4"}, {13, "<u8"}, {14, "<c8"}, {15, "<c16"}};

// What follows a key of the header's dictionary, up to `end`.
std::string Field(const std::string& header, const std::string& key, char begin, char end) {
  const size_t at = header.find("'" + key + "'");
  const size_t from = at == std::string::npos ? at : header.find(begin, header.find(':', at));
  const size_t to = from == std::string::npos ? from : header.find(end, from + 1);
  return to == std::string::npos ? std::string() : header.substr(from + 1, to - from - 1);
}

// The array in the bytes of a .npy file; `path` is for errors.
ValuePtr ParseNpy(const std::string& path, const std::string& file) {
  const auto bad = [&](const char* why) { return Error(SAMOYED_BAD_INPUT, path + ": " + why); };
  if (file.size() < 12 || file.compare(0, 6, "\x93NUMPY") != 0) throw bad("not a .npy file");
  const bool short_length = file[6] == 1;
  uint32_t length = static_cast<uint8_t>(file[8]) | static_cast<uint32_t>(static_cast<uint8_t>(file[9])) << 8;
  if (!short_length)
    length |= static_cast<uint32_t>(static_cast<uint8_t>(file[10])) << 16 | static_cast<uint32_t>(static_cast<uint8_t>(file[11])) << 24;
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
    try {
      Check(Api().tensor_create(kind.dtype, dims.data(), dims.size(), file.data() + start, file.size() - start, &value));
    } catch (const Error& error) {
      throw Error(error.code == SAMOYED_USAGE ? SAMOYED_BAD_INPUT : error.code, path + ": " + error.what());
    }
    return ValuePtr(value);
  }
  throw bad(("element type " + descr + " is not read").c_str());
}

// The value as the bytes of a .npy file; `path` is for errors.
std::string NpyBytes(const std::string& path, const samoyed_value& value) {
  for (const Kind& kind : kKinds) {
    if (Api().value_dtype(&value) != kind.dtype) continue;
    std::string header = "{'descr': '" + std::string(kind.name) + "', 'fortran_order': False, 'shape': (";
    for (size_t i = 0; i < Api().value_rank(&value); ++i) header += std::to_string(Api().value_dims(&value)[i]) + ",";
    header += "), }";
    header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
    header += '\n';
    const auto n = static_cast<uint16_t>(header.size());
    std::string bytes("\x93NUMPY\1\0", 8);
    bytes += static_cast<char>(n & 255);
    bytes += static_cast<char>(n >> 8);
    return bytes + header + std::string(static_cast<const char*>(Api().value_data(&value)), Api().value_size(&value));
  }
  throw Error(SAMOYED_UNSUPPORTED, path + ": NumPy has no such type; write it as pb");
}

}  // namespace

ValuePtr ReadNpy(const std::string& path) { return ParseNpy(path, ReadFile(path)); }

void WriteNpy(const std::string& path, const samoyed_value& value) {
  const std::string bytes = NpyBytes(path, value);
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error(SAMOYED_USAGE, path + ": cannot be written");
}

std::vector<std::pair<std::string, ValuePtr>> ReadNpz(const std::string& path) {
  std::vector<std::pair<std::string, ValuePtr>> arrays;
  for (ZipMember& member : ReadZip(path)) {
    std::string name = member.name;
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0) name.resize(name.size() - 4);
    arrays.emplace_back(name, ParseNpy(path + ", '" + name + "'", member.bytes));
  }
  return arrays;
}

void WriteNpz(const std::string& path, const std::vector<std::pair<std::string, const samoyed_value*>>& arrays) {
  std::vector<ZipMember> members;
  for (const auto& [name, value] : arrays) members.push_back({name + ".npy", NpyBytes(path, *value)});
  WriteZip(path, members);
}

}  // namespace samoyed::cli
