// A callable lent for the time of a call: two pointers, never an allocation (std::function makes one for
// lambdas that capture more than two references).
#ifndef SAMOYED_BASE_FUNCTION_REF_H_
#define SAMOYED_BASE_FUNCTION_REF_H_

#include <memory>
#include <type_traits>
#include <utility>

namespace samoyed {

template <typename Signature>
class FunctionRef;

template <typename R, typename... Args>
class FunctionRef<R(Args...)> {
 public:
  template <typename F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& f)  // NOLINT: implicit on purpose
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))), call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}

  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

}  // namespace samoyed

#endif  // SAMOYED_BASE_FUNCTION_REF_H_
