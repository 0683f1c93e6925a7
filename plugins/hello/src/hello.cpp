#include <forecourt/cpp/plugin.hpp>

namespace {

struct Name {
  std::string name;
};
FORECOURT_FIELDS(Name, name)

struct Greeting {
  std::string hello;
};
FORECOURT_FIELDS(Greeting, hello)

Greeting greet(fc::Call& call) {
  return {std::string(call.query_parameter("name").value_or("world"))};
}

Greeting greet_by_post(fc::Call&, const Name& body) { return {body.name}; }

}  // namespace

FORECOURT_PLUGIN("hello", "1.0.0",  //
                 fc::operation<greet>("greet"), fc::operation<greet_by_post>("greetByPost"))
