#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "events/source.hpp"
#include "isolation/messages.hpp"

namespace forecourt::isolation {

/// A publisher's outbox behind a connection. What comes back is held to what that publisher may
/// publish.
class WireSource final : public events::Source {
 public:
  /// Asks the other side and waits.
  using Ask = std::function<Result<std::string>(Verb verb, const std::string& body)>;

  WireSource(std::string publisher, std::vector<std::string> publishes, Ask ask)
      : publisher_(std::move(publisher)), publishes_(std::move(publishes)), ask_(std::move(ask)) {}

  Result<events::History> history() override;
  Result<events::Page> page(const events::PageRequest& request) override;
  Result<void> register_reader(const events::Reader& reader) override;
  Result<bool> forget_reader(const std::string& reader) override;

 private:
  std::string body(std::string_view rest) const;

  const std::string publisher_;
  const std::vector<std::string> publishes_;
  const Ask ask_;
};

/// The other side's answer to such an ask.
struct SourceRequest {
  Verb verb{};
  std::string publisher;
  events::PageRequest page;  ///< of source_page
  events::Reader reader;     ///< of source_register; only the name of source_forget
};
Result<SourceRequest> unpack_source_request(Verb verb, std::string_view body);
bool is_source_verb(Verb verb);
Result<std::string> serve(const SourceRequest& request, events::Source& source);

}  // namespace forecourt::isolation
