// samoyed pack: writes a copy of a model that carries its pipeline and its labels.
#include <cstdio>

#include "commands.h"
#include "image_input.h"
#include "support.h"

namespace samoyed::cli {

void AddPack(CLI::App& app, int& exit_code) {
  struct Flags {
    std::string model, pipeline, labels, out;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("pack", "Put the pre-processing pipeline and the labels into a model file");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("--pipeline", flags->pipeline, "JSON file with the steps");
  command->add_option("--labels", flags->labels, "file with one label a line");
  command->add_option("-o,--output", flags->out, "the file to write")->required();
  command->footer("Example:\n  samoyed pack model.onnx --pipeline pipeline.json --labels labels.txt -o packed.onnx");
  command->callback([flags, &exit_code] {
    exit_code = Guarded([&] {
      std::vector<std::string> keys, values;
      if (!flags->pipeline.empty()) {
        keys.emplace_back("samoyed.pipeline");
        values.push_back(ReadFile(flags->pipeline));
        uint8_t black[3] = {0, 0, 0};  // a pipeline that cannot run must not travel
        const samoyed_pixels pixel = {1, 1, black};
        samoyed_image_tensor tensor = {};
        char message[512] = "";
        if (const int code = samoyed_image_to_tensor(&pixel, values.back().c_str(), &tensor, message, sizeof message)) throw Error(code, flags->pipeline + ": " + message);
        samoyed_image_free(tensor.data);
      }
      if (!flags->labels.empty()) {
        keys.emplace_back("samoyed.labels");
        values.push_back(ReadFile(flags->labels));
      }
      if (keys.empty()) throw Error(SAMOYED_USAGE, "nothing to pack: give --pipeline or --labels");
      std::vector<const char*> key_list, value_list;
      for (size_t i = 0; i < keys.size(); ++i) {
        key_list.push_back(keys[i].c_str());
        value_list.push_back(values[i].c_str());
      }
      Check(Api().model_set_metadata(flags->model.c_str(), key_list.data(), value_list.data(), keys.size(), flags->out.c_str()));
      std::fprintf(stderr, "wrote %s\n", flags->out.c_str());
    });
  });
}

}  // namespace samoyed::cli
