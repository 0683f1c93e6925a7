#include "isolation/wire_source.hpp"

#include "isolation/from_child.hpp"
#include "isolation/pack.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_name_bytes_max = 256;

}  // namespace

std::string WireSource::body(std::string_view rest) const {
  Packer out;
  out.put(publisher_).put(rest);
  return out.take();
}

Result<events::History> WireSource::history() {
  auto answer = ask_(Verb::source_history, body({}));
  if (!answer) return answer.error();
  return from_child::history(*answer);
}

Result<events::Page> WireSource::page(const events::PageRequest& request) {
  auto answer = ask_(Verb::source_page, body(pack(request)));
  if (!answer) return answer.error();
  return from_child::page(*answer, request, publisher_, publishes_);
}

Result<void> WireSource::register_reader(const events::Reader& reader) {
  Packer out;
  out.put(reader.name).put(reader.at.epoch).put(reader.at.number);
  auto answer = ask_(Verb::source_register, body(out.bytes()));
  if (!answer) return answer.error();
  return {};
}

Result<bool> WireSource::forget_reader(const std::string& reader) {
  Packer out;
  out.put(reader).put("").put(0);
  auto answer = ask_(Verb::source_forget, body(out.bytes()));
  if (!answer) return answer.error();
  return *answer == "1";
}

bool is_source_verb(Verb verb) {
  return verb == Verb::source_history || verb == Verb::source_page ||
         verb == Verb::source_register || verb == Verb::source_forget;
}

Result<SourceRequest> unpack_source_request(Verb verb, std::string_view body) {
  auto ask = from_child::source_ask(body);
  if (!ask) return ask.error();
  SourceRequest request;
  request.verb = verb;
  request.publisher = std::move(ask->publisher);
  if (verb == Verb::source_history) return request;
  if (verb == Verb::source_page) {
    auto page = unpack_page_request(ask->rest);
    if (!page) return page.error();
    request.page = std::move(*page);
    return request;
  }
  Unpacker in(ask->rest);
  request.reader.name = in.text(k_name_bytes_max);
  request.reader.at.epoch = in.text(k_name_bytes_max);
  request.reader.at.number = in.integer(0, INT64_MAX - 1);
  if (!in.done()) return invalid("a reader that cannot be read");
  return request;
}

Result<std::string> serve(const SourceRequest& request, events::Source& source) {
  switch (request.verb) {
    case Verb::source_history: {
      auto history = source.history();
      if (!history) return history.error();
      return pack(*history);
    }
    case Verb::source_page: {
      auto page = source.page(request.page);
      if (!page) return page.error();
      return pack(*page);
    }
    case Verb::source_register: {
      auto registered = source.register_reader(request.reader);
      if (!registered) return registered.error();
      return std::string();
    }
    case Verb::source_forget: {
      auto forgotten = source.forget_reader(request.reader.name);
      if (!forgotten) return forgotten.error();
      return std::string(*forgotten ? "1" : "0");
    }
    default: return invalid("not an ask for events");
  }
}

}  // namespace forecourt::isolation
