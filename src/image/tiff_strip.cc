#include "image/tiff_strip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "image/picture.h"

namespace samoyed::image {
namespace {

// Each gives the number of bytes that came out: `out` is full where the strip is whole.
size_t Copy(std::span<const std::byte> in, std::span<uint8_t> out) {
  const size_t n = std::min(in.size(), out.size());
  std::transform(in.begin(), in.begin() + static_cast<ptrdiff_t>(n), out.begin(), [](std::byte b) { return std::to_integer<uint8_t>(b); });
  return n;
}

// Section 9 of TIFF 6.0.
size_t UnpackBits(std::span<const std::byte> in, std::span<uint8_t> out) {
  size_t at = 0, done = 0;
  while (done < out.size() && at < in.size()) {
    const auto code = std::to_integer<uint32_t>(in[at++]);
    if (code == 128) continue;
    const bool repeats = code > 128;
    const size_t count = std::min<size_t>(repeats ? 257 - code : code + 1, out.size() - done), taken = repeats ? 1 : count;
    if (taken > in.size() - at) return done;
    for (size_t i = 0; i < count; ++i) out[done + i] = std::to_integer<uint8_t>(in[repeats ? at : at + i]);
    at += taken;
    done += count;
  }
  return done;
}

// The strings of an LZW stream: each is an older one and a byte.
class LzwTable {
 public:
  static constexpr int kClear = 256, kEnd = 257, kSize = 4096;

  LzwTable() {
    for (int i = 0; i < 256; ++i) entries_[static_cast<size_t>(i)] = {-1, 1, static_cast<uint8_t>(i), static_cast<uint8_t>(i)};
  }
  void Clear() { next_ = kEnd + 1; }
  int next() const { return next_; }
  // Codes grow one entry before they have to.
  int width() const { return next_ < 511 ? 9 : next_ < 1023 ? 10 : next_ < 2047 ? 11 : 12; }
  bool Has(int code) const { return code < kClear || (code > kEnd && code < next_); }
  void Add(int prefix, int first_of) {
    if (next_ == kSize) return;
    const Entry& old = At(prefix);
    entries_[static_cast<size_t>(next_++)] = {prefix, old.length + 1, old.first, At(first_of).first};
  }
  // Writes as much of the string as fits; its length, or what fitted.
  size_t Write(int code, std::span<uint8_t> out) const {
    const size_t fits = std::min(static_cast<size_t>(At(code).length), out.size());
    for (; code >= 0; code = At(code).prefix) {
      const auto place = static_cast<size_t>(At(code).length - 1);
      if (place < fits) out[place] = At(code).last;
    }
    return fits;
  }

 private:
  struct Entry {
    int prefix = -1, length = 0;
    uint8_t first = 0, last = 0;
  };
  const Entry& At(int code) const { return entries_[static_cast<size_t>(code)]; }

  std::array<Entry, kSize> entries_;
  int next_ = kEnd + 1;
};

// Section 13 of TIFF 6.0: the highest bit first.
size_t UnpackLzw(std::span<const std::byte> in, std::span<uint8_t> out) {
  LzwTable table;
  size_t at = 0, done = 0;
  uint32_t bits = 0;
  int held = 0, previous = -1;
  while (done < out.size()) {
    while (held < table.width() && at < in.size()) {
      bits = bits << 8 | std::to_integer<uint32_t>(in[at++]);
      held += 8;
    }
    if (held < table.width()) return done;
    held -= table.width();
    const auto code = static_cast<int>(bits >> held & ((1u << table.width()) - 1));
    if (code == LzwTable::kEnd) return done;
    if (code == LzwTable::kClear) {
      table.Clear();
      previous = -1;
      continue;
    }
    const bool known = table.Has(code);
    if (!known && (previous < 0 || code != table.next() || code >= LzwTable::kSize)) return done;
    if (previous >= 0) table.Add(previous, known ? code : previous);
    done += table.Write(code, out.subspan(done));
    previous = code;
  }
  return done;
}

size_t Inflate(std::span<const std::byte> in, std::span<uint8_t> out) {
  z_stream stream = {};
  if (in.size() > UINT32_MAX || out.size() > UINT32_MAX || inflateInit(&stream) != Z_OK) return 0;
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_FINISH);  // a strip that is longer than its rows is an error to zlib and none here
  const size_t done = out.size() - stream.avail_out;
  inflateEnd(&stream);
  return done;
}

}  // namespace

size_t TiffMaxRatio(uint32_t compression) {
  switch (compression) {
    case kTiffNone:
      return 1;
    case kTiffPackBits:
      return 64;  // 2 bytes give 128
    case kTiffLzw:
      return 1400;  // 3838 codes of up to 12 bits give strings of 1, 2, 3, ...
    case kTiffDeflate:
    case kTiffOldDeflate:
      return 1032;
    default:
      return 0;
  }
}

Result<std::vector<uint8_t>> UnpackTiffStrip(std::span<const std::byte> packed, size_t size, uint32_t compression) {
  if (size / std::max<size_t>(1, TiffMaxRatio(compression)) > packed.size())
    return BadInput("damaged TIFF: a strip of ", size, " bytes cannot come out of ", packed.size(), "; the file may be cut off");
  SAMOYED_ASSIGN_OR_RETURN(std::vector<uint8_t> out, MakeBytes(size));
  size_t done = 0;
  if (compression == kTiffNone) done = Copy(packed, out);
  if (compression == kTiffPackBits) done = UnpackBits(packed, out);
  if (compression == kTiffLzw) done = UnpackLzw(packed, out);
  if (compression == kTiffDeflate || compression == kTiffOldDeflate) done = Inflate(packed, out);
  if (done < size) return BadInput("damaged TIFF: a strip ends early; the file may be cut off");
  return out;
}

}  // namespace samoyed::image
