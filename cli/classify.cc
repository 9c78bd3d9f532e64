// samoyed classify: reads pictures, prepares them as the model was trained, runs it, prints the best labels.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "commands.h"
#include "image_input.h"
#include "support.h"

namespace samoyed::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

struct ClassifyFlags {
  std::vector<std::string> pictures;
  std::string model, labels, resize, crop, filter;
  std::vector<double> mean, std;
  int top = 5;
  bool json = false, exif = false;
  LoadFlags load;
};

double Since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

// The model of this repository, from where the program lies or from where it is called.
std::string DefaultModel() {
  namespace fs = std::filesystem;
  const char* const kName = "models/efficientnet_lite0.int8.onnx";
  std::error_code ignored;
  fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (fs::path start : {fs::current_path(), folder}) {
    for (; !start.empty(); start = start.parent_path()) {
      if (fs::exists(start / kName)) return (start / kName).string();
      if (start == start.root_path()) break;
    }
  }
  throw Error(SAMOYED_USAGE, "no model given, and the default one (" + std::string(kName) + ") is not here; use --model");
}

constexpr int kMaxSide = 16384;

// "256" or "256x128" (height x width) as the pipeline has it.
Json Size(const std::string& text) {
  int height = 0, width = 0;
  char rest = 0;
  const auto in_range = [](int side) { return side >= 1 && side <= kMaxSide; };
  if (std::sscanf(text.c_str(), "%dx%d%c", &height, &width, &rest) == 2 && in_range(height) && in_range(width))
    return Json::array({height, width});
  if (std::sscanf(text.c_str(), "%d%c", &height, &rest) == 1 && in_range(height)) return height;
  throw Error(SAMOYED_USAGE,
              "a size is a number of pixels from 1 to " + std::to_string(kMaxSide) + " or HEIGHTxWIDTH, not \"" + text + "\"");
}

// The model's own pipeline with the options on top; the usual ImageNet one where the model has none.
std::string PipelineOf(const samoyed_session& session, const ClassifyFlags& flags) {
  const char* own = Api().session_metadata(&session, "samoyed.pipeline");
  Json pipeline = own != nullptr ? Json::parse(own, nullptr, false)
                                 : Json{{"resize", 256}, {"crop", 224}, {"mean", {0.485, 0.456, 0.406}}, {"std", {0.229, 0.224, 0.225}}};
  if (!pipeline.is_object()) throw Error(SAMOYED_BAD_INPUT, "the model's samoyed.pipeline is no JSON object");
  if (!flags.resize.empty()) pipeline["resize"] = Size(flags.resize);
  if (!flags.crop.empty()) pipeline["crop"] = Size(flags.crop);
  if (!flags.filter.empty()) pipeline["filter"] = flags.filter;
  if (!flags.mean.empty()) pipeline["mean"] = flags.mean;
  if (!flags.std.empty()) pipeline["std"] = flags.std;
  if (flags.exif) pipeline["exif_orientation"] = true;
  return pipeline.dump();
}

std::vector<std::string> LabelsOf(const samoyed_session& session, const ClassifyFlags& flags) {
  const char* own = Api().session_metadata(&session, "samoyed.labels");
  std::istringstream lines(flags.labels.empty() ? (own != nullptr ? own : "") : ReadFile(flags.labels));
  std::vector<std::string> labels;
  for (std::string line; std::getline(lines, line);) labels.push_back(line);
  return labels;
}

// Scores as probabilities: softmax, unless they are probabilities already.
std::vector<double> Probabilities(const samoyed_value& output) {
  if (Api().value_dtype(&output) != 1)
    throw Error(SAMOYED_UNSUPPORTED, "classify needs a model whose first output is a float tensor of scores");
  const auto* scores = static_cast<const float*>(Api().value_data(&output));
  std::vector<double> p(scores, scores + Api().value_size(&output) / sizeof(float));
  if (p.empty()) throw Error(SAMOYED_BAD_INPUT, "the model gave no scores");
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  const bool already = std::fabs(sum - 1) < 1e-3 && *std::min_element(p.begin(), p.end()) >= 0;
  if (already) return p;
  const double largest = *std::max_element(p.begin(), p.end());
  double total = 0;
  for (double& v : p) total += v = std::exp(v - largest);
  for (double& v : p) v /= total;
  return p;
}

std::string Bar(double fraction) {
  constexpr int kCells = 30;
  std::string bar;
  for (int i = 0; i < static_cast<int>(std::lround(fraction * kCells)); ++i) bar += "\u2588";
  return bar;
}

void Classify(const ClassifyFlags& flags) {
  for (const std::string& path : flags.pictures) {  // before the model takes its time
    if (!std::filesystem::exists(path)) throw Error(SAMOYED_BAD_INPUT, "cannot open " + path + ": No such file or directory");
  }
  auto start = Clock::now();
  const std::string model = flags.model.empty() ? DefaultModel() : flags.model;
  const SessionPtr session = Load(model, flags.load);
  const double load_ms = Since(start);
  const std::string pipeline = PipelineOf(*session, flags);
  const std::vector<std::string> labels = LabelsOf(*session, flags);
  Json report = {
      {"model", model}, {"placement", Api().session_placement(session.get())}, {"load_ms", load_ms}, {"pictures", Json::array()}};
  for (const std::string& path : flags.pictures) {
    start = Clock::now();
    Pixels pixels;
    DecodeFile(path, WantsUpright(pipeline), pixels);
    const double decode_ms = Since(start);
    start = Clock::now();
    std::vector<ValuePtr> inputs;
    inputs.push_back(ToTensor(pixels.pixels, pipeline));
    const double prepare_ms = Since(start);
    start = Clock::now();
    const std::vector<ValuePtr> outputs = Run(*session, inputs);
    const double run_ms = Since(start);
    const std::vector<double> p = Probabilities(*outputs.at(0));
    std::vector<size_t> order(p.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const size_t top = std::min(p.size(), static_cast<size_t>(std::max(1, flags.top)));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top), order.end(),
                      [&](size_t a, size_t b) { return p[a] > p[b]; });
    Json rows = Json::array();
    if (!flags.json) std::printf("%s\n", path.c_str());
    for (size_t i = 0; i < top; ++i) {
      const size_t k = order[i];
      const std::string label = k < labels.size() ? labels[k] : "class " + std::to_string(k);
      rows.push_back({{"label", label}, {"index", k}, {"probability", p[k]}});
      if (!flags.json) std::printf("  %-24s %6.2f %%  %s\n", label.c_str(), 100 * p[k], Bar(p[k]).c_str());
    }
    report["pictures"].push_back(
        {{"file", path}, {"labels", rows}, {"decode_ms", decode_ms}, {"prepare_ms", prepare_ms}, {"run_ms", run_ms}});
    if (!flags.json)
      std::fprintf(stderr, "  load %.1f ms, decode %.1f ms, resize and normalise %.1f ms, run %.1f ms\n", load_ms, decode_ms, prepare_ms,
                   run_ms);
  }
  if (flags.json) std::printf("%s\n", report.dump(1).c_str());
}

}  // namespace

void AddClassify(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ClassifyFlags>();
  CLI::App* command = app.add_subcommand("classify", "Say what is in a picture");
  command->add_option("PICTURE", flags->pictures, "JPEG, JPEG 2000, PNG, WebP, BMP, TIFF or PNM files")->required();
  command->add_option("--model", flags->model, "an ONNX classifier (default: the one in this repository)");
  command->add_option("--labels", flags->labels, "a file with one label a line, instead of the model's own");
  command->add_option("--resize", flags->resize, "shorter side in pixels, or HEIGHTxWIDTH exactly");
  command->add_option("--crop", flags->crop, "centre crop, in pixels or HEIGHTxWIDTH");
  command->add_option("--filter", flags->filter, "nearest, box, bilinear, hamming, bicubic or lanczos");
  command->add_option("--mean", flags->mean, "three means of channels in 0..1")->expected(3);
  command->add_option("--std", flags->std, "three standard deviations, above 0")->expected(3)->check(CLI::PositiveNumber);
  command->add_flag("--exif-orientation", flags->exif, "turn the picture upright as its Exif data says");
  command->add_option("--top", flags->top, "how many labels to print")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_flag("--json", flags->json, "as JSON");
  flags->load.AddTo(*command);
  command->footer(
      "Example:\n  samoyed classify dog.jpg\n  samoyed classify dog.jpg --model googlenet.onnx --labels classes.txt --resize 256x256 "
      "--crop 224");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Classify(*flags); }); });
}

}  // namespace samoyed::cli
