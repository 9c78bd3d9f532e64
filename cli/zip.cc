#include "zip.h"

#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <fstream>

#include "support.h"

namespace samoyed::cli {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr size_t kEndSize = 22, kCentralSize = 46, kLocalSize = 30;

// Little-endian numbers at a place in the file; `ok` turns false where the file ends before.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}
  uint32_t Number(size_t at, int bytes) {
    if (at > file_.size() || file_.size() - at < static_cast<size_t>(bytes)) {
      ok = false;
      return 0;
    }
    uint32_t value = 0;
    for (int i = bytes; i-- > 0;) value = value << 8 | static_cast<uint8_t>(file_[at + static_cast<size_t>(i)]);
    return value;
  }
  std::string Bytes(size_t at, size_t count) {
    if (at > file_.size() || file_.size() - at < count) {
      ok = false;
      return {};
    }
    return file_.substr(at, count);
  }
  bool ok = true;

 private:
  const std::string& file_;
};

bool Inflate(const std::string& packed, std::string& out) {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  const bool whole = code == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole;
}

uint32_t Crc(const std::string& bytes) {
  return static_cast<uint32_t>(crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void Put(std::string& out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
}

}  // namespace

std::vector<ZipMember> ReadZip(const std::string& path) {
  const std::string file = ReadFile(path);
  const auto bad = [&](const std::string& why) { return Error(SAMOYED_BAD_INPUT, path + ": " + why); };
  Reader reader(file);
  size_t end = file.size() < kEndSize ? std::string::npos : file.size() - kEndSize;
  while (end != std::string::npos && reader.Number(end, 4) != kEnd) end = end == 0 ? std::string::npos : end - 1;
  if (end == std::string::npos) throw bad("not a ZIP archive");
  const uint32_t count = reader.Number(end + 10, 2);
  size_t at = reader.Number(end + 16, 4);
  std::vector<ZipMember> members;
  for (uint32_t i = 0; i < count; ++i) {
    if (reader.Number(at, 4) != kCentral) throw bad("its directory is damaged");
    const uint32_t method = reader.Number(at + 10, 2), crc = reader.Number(at + 16, 4), packed = reader.Number(at + 20, 4),
                   size = reader.Number(at + 24, 4);
    const uint32_t name_length = reader.Number(at + 28, 2);
    const size_t local = reader.Number(at + 42, 4);
    ZipMember member{reader.Bytes(at + kCentralSize, name_length), {}};
    at += kCentralSize + name_length + reader.Number(at + 30, 2) + reader.Number(at + 32, 2);
    if (packed == UINT32_MAX || size == UINT32_MAX) throw bad("members of 4 GiB and more are not read");
    const std::string bytes = reader.Bytes(local + kLocalSize + reader.Number(local + 26, 2) + reader.Number(local + 28, 2), packed);
    if (!reader.ok || reader.Number(local, 4) != kLocal) throw bad("it is cut off");
    if (method == 0) {
      member.bytes = bytes;
    } else if (method == 8 && size / 1100 <= packed) {  // deflate packs at most 1032 to 1
      member.bytes.resize(size);
      if (!Inflate(bytes, member.bytes)) throw bad("member '" + member.name + "' is damaged");
    } else {
      throw bad("member '" + member.name + "' is packed in a way that is not read");
    }
    if (member.bytes.size() != size || Crc(member.bytes) != crc) throw bad("member '" + member.name + "' is damaged");
    members.push_back(std::move(member));
  }
  return members;
}

void WriteZip(const std::string& path, const std::vector<ZipMember>& members) {
  std::string out, directory;
  for (const ZipMember& m : members) {
    if (m.bytes.size() >= UINT32_MAX - out.size())
      throw Error(SAMOYED_UNSUPPORTED, path + ": an archive of 4 GiB and more is not written; use npy or pb");
    const auto offset = static_cast<uint32_t>(out.size()), size = static_cast<uint32_t>(m.bytes.size());
    std::string common;  // what both headers share: version, flags, method, time, date, checksum, sizes, length of the name, no extra field
    Put(common, 20, 2);
    Put(common, 0, 4);
    Put(common, 0x00210000, 4);  // 1980-01-01
    Put(common, Crc(m.bytes), 4);
    Put(common, size, 4);
    Put(common, size, 4);
    Put(common, static_cast<uint32_t>(m.name.size()), 2);
    Put(common, 0, 2);
    Put(out, kLocal, 4);
    out += common + m.name + m.bytes;
    Put(directory, kCentral, 4);
    Put(directory, 20, 2);
    directory += common;
    Put(directory, 0, 2);  // comment, disk, attributes
    Put(directory, 0, 4);
    Put(directory, 0, 4);
    Put(directory, offset, 4);
    directory += m.name;
  }
  const auto start = static_cast<uint32_t>(out.size());
  out += directory;
  Put(out, kEnd, 4);
  Put(out, 0, 4);
  Put(out, static_cast<uint32_t>(members.size()), 2);
  Put(out, static_cast<uint32_t>(members.size()), 2);
  Put(out, static_cast<uint32_t>(directory.size()), 4);
  Put(out, start, 4);
  Put(out, 0, 2);
  std::ofstream file(path, std::ios::binary);
  file.write(out.data(), static_cast<std::streamsize>(out.size()));
  file.close();
  if (!file) throw Error(SAMOYED_USAGE, path + ": cannot be written");
}

}  // namespace samoyed::cli
