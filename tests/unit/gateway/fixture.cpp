#include "unit/gateway/fixture.hpp"

#include <unistd.h>

#include <chrono>

#include "base/json_text.hpp"

namespace forecourt::gateway::testing {

std::string describe(const http::Request& request) {
  std::string out = "{\"operation\":" + json_string(request.operation_id);
  out += ",\"method\":" + json_string(request.method);
  out += ",\"media_type\":" + json_string(request.media_type);
  out += ",\"body\":" + json_string(request.body);
  out += ",\"blob\":" + std::to_string(request.blob ? request.blob->size() : 0);
  out += ",\"caller\":" + json_string(request.caller);
  out += ",\"org\":" + json_string(request.org);
  out += ",\"key\":" + json_string(request.idempotency_key);
  out += ",\"trace\":" + json_string(request.trace_id);
  out += ",\"parameters\":{";
  bool first = true;
  for (const http::Parameter& parameter : request.parameters) {
    out += first ? "" : ",";
    first = false;
    out += json_string(parameter.name) + ":" + json_string(parameter.value);
  }
  return out + "}}";
}

std::shared_ptr<TestHandler> echo_handler() {
  return std::make_shared<TestHandler>([](std::shared_ptr<http::Exchange> exchange) {
    exchange->answer(text(200, describe(exchange->request())));
  });
}

std::string demo_openapi() {
  return R"({
  "openapi": "3.1.0",
  "info": {"title": "Demo", "version": "1.0.0"},
  "paths": {
    "/v1/demo": {
      "get": {
        "operationId": "hello", "summary": "Say hello",
        "parameters": [
          {"name": "name", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 40}},
          {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
          {"name": "X-Shade", "in": "header", "schema": {"type": "string", "enum": ["dark", "light"]}}
        ],
        "responses": {"200": {"description": "Hello."}},
        "x-forecourt": {"access": "none", "inline": true, "scope": "any"}
      },
      "post": {
        "operationId": "post_hello", "summary": "Say hello to a body",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["name"], "additionalProperties": false,
          "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200},
                         "points": {"type": "integer", "minimum": 0}}}}}},
        "responses": {"200": {"description": "Hello."}},
        "x-forecourt": {"access": "write", "scope": "greet"}
      }
    },
    "/v1/demo/items/{id}": {
      "get": {
        "operationId": "get_item", "summary": "One item",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 64}}],
        "responses": {"200": {"description": "It."}},
        "x-forecourt": {"access": "read", "scope": "read"}
      },
      "put": {
        "operationId": "put_item", "summary": "Store an item's bytes",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 64}}],
        "requestBody": {"content": {"*/*": {}}},
        "responses": {"200": {"description": "Stored."}},
        "x-forecourt": {"access": "write", "scope": "store", "body_max_bytes": 2000000}
      }
    },
    "/v1/demo/items/special": {
      "get": {
        "operationId": "get_special", "summary": "The special item",
        "responses": {"200": {"description": "It."}},
        "x-forecourt": {"access": "read", "scope": "read"}
      }
    },
    "/v1/demo/notify": {
      "post": {
        "operationId": "notify", "summary": "A callback",
        "requestBody": {"content": {"application/json": {}}},
        "responses": {"200": {"description": "Taken."}},
        "x-forecourt": {"access": "write", "public": true}
      }
    }
  }
})";
}

http::Service demo_service(std::shared_ptr<http::Handler> handler) {
  return {"demo", "/v1/demo", demo_openapi(), std::move(handler), {}};
}

ServerFixture::ServerFixture() {
  std::string name = (std::filesystem::temp_directory_path() / "fc-gateway-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  options_.listen = "127.0.0.1:0";
  options_.clock = &clock_;
  options_.directory = &directory_;
  options_.spool_folder = folder_ / "spool";
  options_.access_log = false;
}

ServerFixture::~ServerFixture() {
  server_.reset();
  std::filesystem::remove_all(folder_);
}

void ServerFixture::start(std::shared_ptr<http::Handler> handler) {
  server_ = std::make_unique<Server>(options_);
  const auto published = server_->publish({demo_service(std::move(handler))});
  ASSERT_TRUE(published) << published.error().message;
  const auto started = server_->start();
  ASSERT_TRUE(started) << started.error().message;
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return condition();
}

}  // namespace forecourt::gateway::testing
