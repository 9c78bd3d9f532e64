#include "image/decode.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "image/orientation.h"

namespace samoyed::image {
namespace {

std::span<const std::byte> Bytes(const std::string& s) { return std::as_bytes(std::span(s)); }

std::string Little(uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += i < 4 ? static_cast<char>(value >> (8 * i) & 255) : '\0';
  return out;
}

// A BMP of `bits` bits with a 40-byte header.
std::string Bmp(int32_t width, int32_t height, uint32_t bits, const std::string& behind) {
  return "BM" + Little(0, 8) + Little(54, 4) + Little(40, 4) + Little(static_cast<uint32_t>(width), 4) +
         Little(static_cast<uint32_t>(height), 4) + Little(1, 2) + Little(bits, 2) + Little(0, 24) + behind;
}

TEST(Decode, SaysWhatIsWrong) {
  EXPECT_EQ(Decode({}).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes("hello, this is text")).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes("P6 4 4 255\nabc")).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes(Bmp(4, 4, 24, "abc"))).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes(std::string("RIFF\x10\0\0\0WEBPVP8 ", 16))).status().code(), Code::kBadInput);
}

TEST(Decode, RefusesHugePicturesByTheirHeaders) {
  EXPECT_EQ(CheckSize(60000, 60000, {}).code(), Code::kLimit);
  EXPECT_EQ(Decode(Bytes("P5 60000 60000 255\n")).status().code(), Code::kLimit);
  EXPECT_EQ(Decode(Bytes(Bmp(60000, 60000, 24, ""))).status().code(), Code::kLimit);
  EXPECT_EQ(Decode(Bytes(Bmp(60000, -60000, 8, ""))).status().code(), Code::kLimit);
  EXPECT_FALSE(Decode(Bytes(Bmp(INT32_MIN, INT32_MIN, 1, ""))).ok());
  // A PNG header that claims 60,000 x 60,000 pixels and ends there.
  const unsigned char png[] = {0x89, 'P',  'N',  'G', 13, 10,   26,   10, 0, 0, 0, 13, 'I',  'H',  'D',  'R', 0,
                               0,    0xea, 0x60, 0,   0,  0xea, 0x60, 8,  2, 0, 0, 0,  0x40, 0x9e, 0x2c, 0x2d};
  EXPECT_FALSE(Decode(std::as_bytes(std::span(png))).ok());
}

TEST(Decode, ReadsBitmapsAndMaps) {
  const auto bmp = Decode(Bytes(Bmp(1, 2, 24, std::string("\1\2\3\0\4\5\6\0", 8))));
  ASSERT_TRUE(bmp.ok()) << bmp.status().ToString();
  EXPECT_EQ(bmp->rgb, (std::vector<uint8_t>{6, 5, 4, 3, 2, 1}));
  const auto map = Decode(Bytes("P3 # two pixels\n2 1 15\n0 15 3 1 2 14\n"));
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  EXPECT_EQ(map->rgb, (std::vector<uint8_t>{0, 255, 51, 17, 34, 238}));
}

// A TIFF of one strip of 8-bit samples.
std::string Tiff(uint32_t width, uint32_t height, uint32_t samples, uint32_t compression, uint32_t photometric, const std::string& strip,
                 uint32_t predictor = 1) {
  const uint32_t fields[][2] = {{256, width},       {257, height},      {258, 8},
                                {259, compression}, {262, photometric}, {273, 134},
                                {277, samples},     {278, height},      {279, static_cast<uint32_t>(strip.size())},
                                {317, predictor}};
  std::string out = "II" + Little(42, 2) + Little(8, 4) + Little(10, 2);
  for (const auto& [tag, value] : fields) out += Little(tag, 2) + Little(4, 2) + Little(1, 4) + Little(value, 4);
  return out + Little(0, 4) + strip;  // 8 + 2 + 10 * 12 + 4 = 134
}

TEST(Decode, ReadsTiff) {
  const auto rgb = Decode(Bytes(Tiff(2, 1, 3, 1, 2, "\1\2\3\4\5\6")));
  ASSERT_TRUE(rgb.ok()) << rgb.status().ToString();
  EXPECT_EQ(rgb->rgb, (std::vector<uint8_t>{1, 2, 3, 4, 5, 6}));
  const auto packed = Decode(Bytes(Tiff(2, 2, 1, 32773, 0, std::string("\xfe\x0a\x00\xff", 4))));
  ASSERT_TRUE(packed.ok()) << packed.status().ToString();
  EXPECT_EQ(packed->rgb, (std::vector<uint8_t>{245, 245, 245, 245, 245, 245, 245, 245, 245, 0, 0, 0}));
  EXPECT_EQ(Decode(Bytes(Tiff(2, 1, 3, 6, 2, "\1\2\3\4\5\6"))).status().code(), Code::kUnsupported);
  EXPECT_EQ(Decode(Bytes(Tiff(2, 1, 3, 5, 2, "\1\2\3\4\5\6", 3))).status().code(), Code::kUnsupported);
  EXPECT_EQ(Decode(Bytes(Tiff(2, 1, 3, 1, 2, "\1\2\3\4\5"))).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes(Tiff(2, 1, 1, 1, 3, "\1"))).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes(Tiff(60000, 60000, 3, 32773, 2, "\1"))).status().code(), Code::kLimit);
  EXPECT_EQ(Decode(Bytes(Tiff(10000, 10000, 3, 32773, 2, "\1"))).status().code(), Code::kBadInput);
}

std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

// The same 4 x 2 pixels by Pillow: LZW and Deflate, as they are and as differences.
constexpr std::pair<uint32_t, std::string_view> kTiffStrips[] = {{5, "800040403814120607844260b057d0000b01"},
                                                                 {5, "800040403004160c06028100f0b7d3edf9067cbf805010"},
                                                                 {8, "789c636462660423763080b07f31b0020006c40148"},
                                                                 {8, "789c6364626600033656167676f65fbfff00d93fff3101001eca0515"}};

TEST(Decode, ReadsPackedTiff) {
  const std::vector<uint8_t> pixels = {1, 2, 3, 1, 2, 3, 1, 2, 3, 7, 7, 7, 7, 7, 7, 1, 2, 3, 1, 2, 3, 250, 0, 5};
  for (uint32_t i = 0; i < 4; ++i) {
    const auto& [compression, digits] = kTiffStrips[i];
    const std::string strip = FromHex(digits);
    const auto picture = Decode(Bytes(Tiff(4, 2, 3, compression, 2, strip, i % 2 + 1)));
    ASSERT_TRUE(picture.ok()) << picture.status().ToString();
    EXPECT_EQ(picture->rgb, pixels) << i;
    const auto cut = Decode(Bytes(Tiff(4, 2, 3, compression, 2, strip.substr(0, strip.size() / 2), i % 2 + 1)));
    EXPECT_EQ(cut.status().code(), Code::kBadInput);
    EXPECT_EQ(Decode(Bytes(Tiff(40000, 1000, 3, compression, 2, strip))).status().code(), Code::kBadInput);
  }
}

// 3 x 2 pixels, lossless, a bare code stream.
std::string Jpeg2000() {
  constexpr std::string_view kDigits =
      "ff4fff51002f000000000003000000020000000000000000000000030000000200000000000000000003070101070101070101ff52000c"
      "00000001000004040001ff5c00044040ff90000a0000000000300001ff93df804010638b4b1f7f6d9bdf80480e4a158008691585bbdf80"
      "4010655cfd909dc57fffd9";
  return FromHex(kDigits);
}

TEST(Decode, Jpeg2000) {
  const auto picture = Decode(Bytes(Jpeg2000()));
  ASSERT_TRUE(picture.ok()) << picture.status().ToString();
  EXPECT_EQ(picture->width, 3);
  EXPECT_EQ(picture->rgb, (std::vector<uint8_t>{10, 20, 30, 250, 0, 5, 1, 2, 3, 100, 100, 100, 0, 255, 0, 7, 8, 9}));
  EXPECT_EQ(Decode(Bytes(Jpeg2000().substr(0, 90))).status().code(), Code::kBadInput);
  EXPECT_EQ(Decode(Bytes(std::string("\0\0\0\x0cjP  \r\n\x87\n", 12))).status().code(), Code::kBadInput);
}

TEST(Decode, SurvivesMutatedFiles) {
  std::mt19937 random(1);
  const std::string seeds[] = {Bmp(5, 4, 8, std::string(1100, '\7')),
                               Bmp(5, 4, 4, std::string(200, '\3')),
                               "P2 3 3 9\n1 2 3 4 5 6 7 8 9\n",
                               Tiff(3, 2, 3, 1, 2, std::string(18, '\5')),
                               Tiff(3, 2, 1, 32773, 1, "\xfb\5"),
                               Tiff(4, 2, 3, 5, 2, FromHex(kTiffStrips[1].second), 2),
                               Tiff(4, 2, 3, 8, 2, FromHex(kTiffStrips[3].second), 2),
                               "P4 9 3\n\1\2\3\4\5\6",
                               Jpeg2000(),
                               std::string("RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0", 34)};
  for (const std::string& seed : seeds) {
    for (int i = 0; i < 2000; ++i) {
      std::string mutated = seed;
      for (int k = 0; k < 3; ++k) mutated[random() % mutated.size()] = static_cast<char>(random());
      if (random() % 4 == 0) mutated.resize(random() % mutated.size());
      (void)Decode(Bytes(mutated), {.max_pixels = 1 << 16});
      (void)OrientationOf(Bytes(mutated));
    }
  }
}

// The data of a big-endian Exif block that holds one entry: the orientation.
std::string Exif(uint8_t orientation) {
  return std::string("Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) + static_cast<char>(orientation) +
         std::string(6, '\0');
}

TEST(Orientation, IsReadFromJpeg) {
  const auto jpeg = [](const std::string& exif) {
    return "\xff\xd8\xff\xe1" + std::string(1, '\0') + static_cast<char>(exif.size() + 2) + exif;
  };
  EXPECT_EQ(OrientationOf(Bytes(jpeg(Exif(6)))), 6);
  EXPECT_EQ(OrientationOf(Bytes(jpeg(Exif(9)))), 1);
  EXPECT_EQ(OrientationOf(Bytes(jpeg(Exif(6).substr(0, 20)))), 1);
  EXPECT_EQ(OrientationOf(Bytes("\xff\xd8")), 1);
}

TEST(Orientation, TurnsPictures) {
  const Picture two{2, 1, {1, 1, 1, 2, 2, 2}};
  EXPECT_EQ(Upright(two, 3)->rgb, (std::vector<uint8_t>{2, 2, 2, 1, 1, 1}));
  const Picture turned = Upright(two, 6).value();  // the left pixel was above
  EXPECT_EQ(turned.width, 1);
  EXPECT_EQ(turned.rgb, two.rgb);
  EXPECT_EQ(Upright(two, 8)->rgb, (std::vector<uint8_t>{2, 2, 2, 1, 1, 1}));
}

std::string Little(uint32_t value, size_t n = 4) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
std::string Big(uint32_t value) {
  const std::string s = Little(value);
  return {s.rbegin(), s.rend()};
}
std::string Bmp(int32_t width, int32_t height, uint16_t bits, uint32_t compression, const std::string& palette, const std::string& pixels) {
  return "BM" + Little(0) + Little(0) + Little(static_cast<uint32_t>(54 + palette.size())) + Little(40) +
         Little(static_cast<uint32_t>(width)) + Little(static_cast<uint32_t>(height)) + Little(1, 2) + Little(bits, 2) +
         Little(compression) + std::string(20, '\0') + palette + pixels;
}
std::string Jpeg(uint32_t width, uint32_t height) {
  return "\xff\xd8\xff\xc0" + std::string("\0\x11\x08", 3) + Big(height).substr(2) + Big(width).substr(2) +
         std::string("\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0", 24);
}
std::string Png(uint32_t width, uint32_t height, std::string_view checksum) {
  return "\x89PNG\r\n\x1a\n" + Big(13) + "IHDR" + Big(width) + Big(height) + std::string("\x08\x02\0\0\0", 5) + std::string(checksum) +
         Big(0) + "IDAT\x35\xaf\x06\x1e";
}

// WebP cannot claim as much in a picture, but on the canvas of an animation.
TEST(Decode, AHeaderOfTooManyPixelsIsOneLine) {
  const std::string canvas = Little(59999, 3);
  const std::string webp =
      "RIFF" + Little(100) + "WEBPVP8X" + Little(10) + std::string("\x02\0\0\0", 4) + canvas + canvas + std::string(60, '\0');
  for (const std::string& file : {Jpeg(60000, 60000), Png(60000, 60000, "\x0f\xb0\xe2\x15"), webp, Bmp(60000, 60000, 24, 0, "", ""),
                                  Bmp(60000, -60000, 8, 1, "", ""), std::string("P6 60000 60000 255\n"), std::string("P1 60000 60000 1")}) {
    const Status status = Decode(Bytes(file)).status();
    EXPECT_EQ(status.code(), Code::kLimit) << file.substr(0, 4) << status.ToString();
    EXPECT_NE(status.message().find("60000 x 60000"), std::string::npos) << status.ToString();
    EXPECT_EQ(status.message().find('\n'), std::string::npos);
  }
}

// Under the limit, but with nothing behind the header: refused before memory is taken.
TEST(Decode, AHeaderAloneTakesNoMemory) {
  for (const std::string& file :
       {Jpeg(13000, 13000), Png(13000, 13000, "\x6d\xc0\x7f\x6f"), Bmp(13000, 13000, 24, 0, "", ""), std::string("P6 13000 13000 255\n"),
        std::string("P4 13000 13000\n"), std::string("P2 13000 13000 255 ")}) {
    const Status status = Decode(Bytes(file)).status();
    EXPECT_EQ(status.code(), Code::kBadInput) << file.substr(0, 4);
    EXPECT_NE(status.message().find("13000 x 13000"), std::string::npos) << status.ToString();
  }
}

TEST(Decode, BmpRunsJumpAndEndEarly) {
  std::string palette(1024, '\0');
  palette[4 * 1 + 2] = '\xff';  // 1 is red
  // One red, a jump of one right and one up, one red, the end: the bottom row comes first.
  const std::string runs("\x01\x01\x00\x02\x01\x01\x01\x01\x00\x01", 10);
  const auto picture = Decode(Bytes(Bmp(3, 2, 8, 1, palette, runs)));
  ASSERT_TRUE(picture.ok()) << picture.status().ToString();
  EXPECT_EQ(picture->rgb, (std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Decode(Bytes(Bmp(3, 2, 8, 1, palette, runs.substr(0, 7)))).status().code(), Code::kBadInput);
}

TEST(Decode, BmpRunsOfFourBitsMayBeOdd) {
  std::string palette(64, '\0');
  for (int i = 0; i < 16; ++i) palette[static_cast<size_t>(4 * i)] = static_cast<char>(i);  // blue
  const auto picture = Decode(Bytes(Bmp(3, 1, 4, 2, palette, std::string("\x00\x03\x12\x30\x00\x01", 6))));
  ASSERT_TRUE(picture.ok()) << picture.status().ToString();
  EXPECT_EQ(picture->rgb, (std::vector<uint8_t>{0, 0, 1, 0, 0, 2, 0, 0, 3}));
}

}  // namespace
}  // namespace samoyed::image
