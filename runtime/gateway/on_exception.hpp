#pragma once

#include <exception>
#include <utility>

namespace forecourt::gateway {

/// Does what must be done when an exception leaves the scope; the exception goes on.
template <class Do>
class OnException {
 public:
  explicit OnException(Do what) : what_(std::move(what)) {}
  ~OnException() {
    if (std::uncaught_exceptions() > before_) what_();
  }
  OnException(const OnException&) = delete;
  OnException& operator=(const OnException&) = delete;

 private:
  Do what_;
  const int before_ = std::uncaught_exceptions();
};

}  // namespace forecourt::gateway
