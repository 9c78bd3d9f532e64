// Samoyed for C++17 and later: objects over the C interface (samoyed.h), errors as exceptions. Header-only.
//
//   samoyed::Session session("model.onnx", samoyed::Options().Threads(2));
//   std::vector<samoyed::Value> outputs = session.Run({samoyed::Value::Of<float>({1, 3, 224, 224}, pixels)});
//   for (float score : outputs[0].View<float>()) ...
//
// Every object owns what it holds and is moved, not copied. What a call returns is the caller's: strings are copies, and a view of
// a value's elements lives as long as the value (a temporary gives none). A Session may be used by any number of threads at once;
// other objects by one at a time.
#ifndef SAMOYED_SAMOYED_HPP_
#define SAMOYED_SAMOYED_HPP_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "samoyed/samoyed.h"

namespace samoyed {
inline namespace cpp1 {  // of this header alone: a program may link the library's own C++ without a clash

// What went wrong, in a line that names the node or the value; code() says whose fault it is (samoyed_code).
class Error : public std::runtime_error {
 public:
  Error(samoyed_code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  samoyed_code code() const noexcept { return code_; }

 private:
  samoyed_code code_;
};

// The table of functions behind everything here. Throws where the library is older than this header.
inline const samoyed_api& Api() {
  static const samoyed_api* const api = samoyed_get_api(SAMOYED_API_VERSION);
  if (api == nullptr) throw Error(SAMOYED_UNSUPPORTED, "the samoyed library is older than the headers this program was built with");
  return *api;
}

namespace detail {

inline void Check(samoyed_status* status) {
  if (status == nullptr) return;
  const std::unique_ptr<samoyed_status, void (*)(samoyed_status*)> owner(status, Api().status_free);
  throw Error(Api().status_code(status), Api().status_message(status));
}

inline std::string Take(samoyed_text* text) {
  const std::unique_ptr<samoyed_text, void (*)(samoyed_text*)> owner(text, Api().text_free);
  return std::string(Api().text_data(text), Api().text_size(text));
}

// The number that onnx.TensorProto gives an element type.
template <typename T>
constexpr int32_t TypeNumber() {
  if constexpr (std::is_same_v<T, float>)
    return 1;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return 2;
  else if constexpr (std::is_same_v<T, int8_t>)
    return 3;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return 4;
  else if constexpr (std::is_same_v<T, int16_t>)
    return 5;
  else if constexpr (std::is_same_v<T, int32_t>)
    return 6;
  else if constexpr (std::is_same_v<T, int64_t>)
    return 7;
  else if constexpr (std::is_same_v<T, bool>)
    return 9;
  else if constexpr (std::is_same_v<T, double>)
    return 11;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return 12;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return 13;
  else
    static_assert(!sizeof(T), "no element type of tensors");
}

}  // namespace detail

// Consecutive elements of a tensor, row-major; does not own them.
template <typename T>
class ElementView {
 public:
  ElementView(const T* data, size_t size) : data_(data), size_(size) {}
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  const T* data_;
  size_t size_;
};

// A tensor, sequence, map or optional. An empty one stands for an input that is left out.
class Value {
 public:
  Value() = default;
  explicit Value(samoyed_value* value) : value_(value) {}  // takes ownership

  // A tensor of this shape; `count` elements are copied. Throws where count does not fit the shape.
  template <typename T>
  static Value Of(const std::vector<int64_t>& shape, const T* elements, size_t count) {
    samoyed_value* value = nullptr;
    detail::Check(Api().tensor_create(detail::TypeNumber<T>(), shape.data(), shape.size(), elements, count * sizeof(T), &value));
    return Value(value);
  }
  template <typename T>
  static Value Of(const std::vector<int64_t>& shape, const std::vector<T>& elements) {
    static_assert(!std::is_same_v<T, bool>, "std::vector<bool> has no elements to point at: pass an array");
    return Of<T>(shape, elements.data(), elements.size());
  }
  template <typename T>
  static Value Of(const std::vector<int64_t>& shape, std::initializer_list<T> elements) {
    return Of<T>(shape, elements.begin(), elements.size());
  }
  // A tensor of strings (UTF-8).
  static Value OfStrings(const std::vector<int64_t>& shape, const std::vector<std::string>& elements) {
    std::vector<const char*> data(elements.size());
    std::vector<size_t> lengths(elements.size());
    for (size_t i = 0; i < elements.size(); ++i) data[i] = elements[i].data(), lengths[i] = elements[i].size();
    samoyed_value* value = nullptr;
    detail::Check(Api().string_tensor_create(shape.data(), shape.size(), data.data(), lengths.data(), elements.size(), &value));
    return Value(value);
  }
  // A .pb file (TensorProto; SequenceProto and the like where `type`, as InputType() writes it, says so).
  static Value Load(const std::string& path, const std::string& type = {}) {
    samoyed_value* value = nullptr;
    detail::Check(Api().value_load(path.c_str(), type.c_str(), &value));
    return Value(value);
  }
  void Save(const std::string& path) const { detail::Check(Api().value_save(path.c_str(), Get())); }

  explicit operator bool() const noexcept { return value_ != nullptr; }
  const samoyed_value* get() const noexcept { return value_.get(); }
  samoyed_value* release() noexcept { return value_.release(); }

  // 0 for what is no tensor.
  int32_t dtype() const { return Api().value_dtype(Get()); }
  std::vector<int64_t> shape() const {
    const int64_t* dims = Api().value_dims(Get());
    return dims == nullptr ? std::vector<int64_t>() : std::vector<int64_t>(dims, dims + Api().value_rank(Get()));
  }
  // The elements of a tensor of T; throws where it is of another type.
  template <typename T>
  ElementView<T> View() const& {
    if (dtype() != detail::TypeNumber<T>()) {
      throw Error(SAMOYED_USAGE, "the tensor's elements are of type number " + std::to_string(dtype()) + ", not " +
                                     std::to_string(detail::TypeNumber<T>()));
    }
    return {static_cast<const T*>(Api().value_data(Get())), Api().value_size(Get()) / sizeof(T)};
  }
  template <typename T>
  ElementView<T> View() const&& = delete;  // the view would outlive the value
  template <typename T>
  std::vector<T> Elements() const {
    const ElementView<T> view = View<T>();
    return std::vector<T>(view.begin(), view.end());
  }

  // The elements of a tensor of strings; throws where it is of another type.
  std::vector<std::string> Strings() const {
    std::vector<std::string> out;
    size_t length = 0;
    if (dtype() != 8) throw Error(SAMOYED_USAGE, "the value is no tensor of strings: its type number is " + std::to_string(dtype()));
    for (size_t i = 0; const char* s = Api().value_string(Get(), i, &length); ++i) out.emplace_back(s, length);
    return out;
  }

 private:
  const samoyed_value* Get() const {
    if (value_ == nullptr) throw Error(SAMOYED_USAGE, "an empty value has no type, shape or elements");
    return value_.get();
  }
  struct Free {
    void operator()(samoyed_value* v) const { Api().value_free(v); }
  };
  std::unique_ptr<samoyed_value, Free> value_;
};

// How a model is made ready; samoyed.h lists the names that Set takes. Setters return the object: Options().Threads(2).Strict().
class Options {
 public:
  Options() : options_(Api().options_create()) {}
  Options& Set(const std::string& name, const std::string& value) & {
    detail::Check(Api().options_set(options_.get(), name.c_str(), value.c_str()));
    return *this;
  }
  Options&& Set(const std::string& name, const std::string& value) && { return std::move(Set(name, value)); }
  Options&& Threads(int count) && { return std::move(*this).Set("threads", std::to_string(count)); }
  Options&& Providers(const std::string& names) && { return std::move(*this).Set("providers", names); }  // "cpu,reference"
  Options&& Strict() && { return std::move(*this).Set("strict", "1"); }
  Options&& StrictPrecision() && { return std::move(*this).Set("precision", "strict"); }
  Options&& MaxMemory(int64_t bytes) && { return std::move(*this).Set("max_memory", std::to_string(bytes)); }
  Options&& TimeoutMs(int64_t ms) && { return std::move(*this).Set("timeout_ms", std::to_string(ms)); }
  const samoyed_options* get() const noexcept { return options_.get(); }

 private:
  struct Free {
    void operator()(samoyed_options* o) const { Api().options_free(o); }
  };
  std::unique_ptr<samoyed_options, Free> options_;
};

// A model made ready to run.
// Ends runs from another thread: they throw with SAMOYED_LIMIT, between nodes and inside long kernels. Must outlive the runs it is given
// to.
class Cancel {
 public:
  Cancel() : cancel_(Api().cancel_create()) {
    if (cancel_ == nullptr) throw std::bad_alloc();
  }
  void Set(bool on = true) { Api().cancel_set(cancel_.get(), on ? 1 : 0); }
  const samoyed_cancel* get() const { return cancel_.get(); }

 private:
  struct Free {
    void operator()(samoyed_cancel* c) const { Api().cancel_free(c); }
  };
  std::unique_ptr<samoyed_cancel, Free> cancel_;
};

struct RunOptions {
  double timeout_ms = 0;  // 0: the session's
  const Cancel* cancel = nullptr;
};

class Session {
 public:
  explicit Session(const std::string& path, const Options& options = {}) {
    samoyed_session* session = nullptr;
    detail::Check(Api().session_load(path.c_str(), options.get(), &session));
    session_.reset(session);
  }
  // From bytes, which are copied.
  static Session FromBytes(const void* data, size_t size, const Options& options = {}) {
    samoyed_session* session = nullptr;
    detail::Check(Api().session_load_bytes(data, size, options.get(), &session));
    return Session(session);
  }

  size_t InputCount() const { return Api().session_num_inputs(session_.get()); }
  size_t OutputCount() const { return Api().session_num_outputs(session_.get()); }
  std::string InputName(size_t i) const { return Api().session_input_name(session_.get(), Below(i, InputCount())); }
  std::string OutputName(size_t i) const { return Api().session_output_name(session_.get(), Below(i, OutputCount())); }
  std::string InputType(size_t i) const {
    return Api().session_input_type(session_.get(), Below(i, InputCount()));
  }  // tensor(float)["n",3]
  std::string OutputType(size_t i) const { return Api().session_output_type(session_.get(), Below(i, OutputCount())); }
  // A value of the model's metadata_props.
  std::optional<std::string> Metadata(const std::string& key) const {
    const char* value = Api().session_metadata(session_.get(), key.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }
  // "CPUExecutionProvider: 57 nodes".
  std::string Placement() const { return Api().session_placement(session_.get()); }
  // What the model does against the standard and was taken all the same.
  std::vector<std::string> Notes() const {
    std::vector<std::string> notes;
    while (const char* note = Api().session_note(session_.get(), notes.size())) notes.emplace_back(note);
    return notes;
  }

  // All outputs, in order. `inputs` in the model's order; empty values, or a shorter list, leave out those with a default.
  std::vector<Value> Run(const std::vector<Value>& inputs, const RunOptions& options = {}) const {
    std::vector<const samoyed_value*> given;
    for (const Value& v : inputs) given.push_back(v.get());
    std::vector<samoyed_value*> made(OutputCount(), nullptr);
    detail::Check(Api().run_with(session_.get(), given.data(), given.size(), made.data(), made.size(), options.timeout_ms,
                                 options.cancel != nullptr ? options.cancel->get() : nullptr));
    std::vector<Value> outputs;
    for (samoyed_value* v : made) outputs.emplace_back(v);
    return outputs;
  }
  // The one output of a model with one input.
  Value Run(Value input) const {
    std::vector<Value> inputs;
    inputs.push_back(std::move(input));
    std::vector<Value> outputs = Run(inputs);
    if (outputs.size() != 1)
      throw Error(SAMOYED_USAGE, "the model has " + std::to_string(outputs.size()) + " outputs: give it a list of inputs");
    return std::move(outputs[0]);
  }

 private:
  explicit Session(samoyed_session* session) : session_(session) {}
  static size_t Below(size_t i, size_t count) {
    if (i >= count) throw Error(SAMOYED_USAGE, "number " + std::to_string(i) + " of " + std::to_string(count));
    return i;
  }
  struct Free {
    void operator()(samoyed_session* s) const { Api().session_free(s); }
  };
  std::unique_ptr<samoyed_session, Free> session_;
};

}  // namespace cpp1
}  // namespace samoyed

#endif  // SAMOYED_SAMOYED_HPP_
