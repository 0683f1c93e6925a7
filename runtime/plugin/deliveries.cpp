#include "plugin/bridge.hpp"
#include "plugin/prepared.hpp"

namespace forecourt::plugin {
namespace {

/// One attempt at an event or job: its call, from prepare over every run of handle. Freed by the
/// deliverer after the commit, or when the attempt failed.
class Attempt final : public events::Prepared {
 public:
  Attempt(Flight flight, const Generation::Handler& handler, Origin origin, std::string_view name)
      : flight_(std::move(flight)),
        handler_(handler),
        call_(flight_.generation().scope(), name, origin,
              flight_.generation().scope().clock->now_ms(),
              flight_.generation().scope().clock->monotonic_ns() +
                  flight_.generation().timeout_ms() * 1'000'000) {}

  ~Attempt() override {
    call_.end();
    prepared_.finish(handler_, flight_.generation().scope(), flight_.generation().instance());
  }

  Result<void> prepare() {
    if (call_.handle == 0) return Error{Code::unavailable, "too many calls are open"};
    if (!handler_.functions.prepare) return {};
    fc_status status = FC_E_INTERNAL;
    auto done = flight_.generation().store().read(
        call_.deadline_monotonic_ns, [&](storage::Session& session) -> Result<void> {
          status = prepared_.run(call_, handler_, flight_.generation().instance(), session);
          return {};
        });
    if (!done) return done;
    done_ = status == FC_DONE;
    return outcome(status, "prepare");
  }

  Result<void> handle(storage::Session& session, Origin origin) {
    if (done_) return {};
    call_.origin = origin;
    fc_status status;
    {
      CallRun run(call_, Phase::handle, &session);
      status = invoke(
          [&] {
            return handler_.functions.handle(flight_.generation().instance(), call_.handle,
                                             prepared_.value());
          },
          call_.diagnostic);
    }
    return outcome(status, "handle");
  }

 private:
  /// The reason goes to the admin, so what the services said is in it.
  Result<void> outcome(fc_status status, std::string_view function) const {
    if (status >= FC_OK) return {};
    std::string why = std::string(function) + " returned status " + std::to_string(status);
    if (!call_.fail_text.empty()) why += ": " + call_.fail_text;
    if (!call_.diagnostic.empty()) why += " (" + call_.diagnostic + ")";
    return Error{code_of(status), std::move(why)};
  }

  const Flight flight_;
  const Generation::Handler& handler_;
  Call call_;
  PreparedValue prepared_;
  bool done_ = false;
};

Result<std::unique_ptr<Attempt>> begin(const std::shared_ptr<Generation>& generation, uint32_t kind,
                                       const std::string& name, Origin origin) {
  const Generation::Handler* const handler = generation->find(kind, name);
  if (!handler) return Error{Code::not_found, "\"" + name + "\" has no handler in this version"};
  Flight flight(generation);
  if (!flight) return Error{Code::unavailable, "the plugin is being replaced or stopped"};
  auto attempt =
      std::make_unique<Attempt>(std::move(flight), *handler, origin, handler->functions.name);
  if (auto prepared = attempt->prepare(); !prepared) return prepared.error();
  return attempt;
}

class Consumer final : public events::Consumer {
 public:
  explicit Consumer(std::shared_ptr<Generation> generation) : generation_(std::move(generation)) {}

  Result<std::unique_ptr<events::Prepared>> prepare(const events::Event& event) override {
    auto attempt = begin(generation_, FC_EVENT, event.type, {nullptr, &event, nullptr});
    if (!attempt) return attempt.error();
    return std::unique_ptr<events::Prepared>(std::move(*attempt));
  }
  Result<void> handle(storage::Session& session, const events::Event& event,
                      events::Prepared* prepared) override {
    if (!prepared) return internal("an event was handled without being prepared");
    return static_cast<Attempt*>(prepared)->handle(session, {nullptr, &event, nullptr});
  }
  int64_t timeout_ms() const override { return generation_->timeout_ms(); }

 private:
  const std::shared_ptr<Generation> generation_;
};

class Runner final : public jobs::Runner {
 public:
  explicit Runner(std::shared_ptr<Generation> generation) : generation_(std::move(generation)) {}

  Result<std::unique_ptr<events::Prepared>> prepare(const jobs::Job& job) override {
    auto attempt = begin(generation_, FC_JOB, job.kind, {nullptr, nullptr, &job});
    if (!attempt) return attempt.error();
    return std::unique_ptr<events::Prepared>(std::move(*attempt));
  }
  Result<void> handle(storage::Session& session, const jobs::Job& job,
                      events::Prepared* prepared) override {
    if (!prepared) return internal("a job was run without being prepared");
    return static_cast<Attempt*>(prepared)->handle(session, {nullptr, nullptr, &job});
  }
  int64_t timeout_ms() const override { return generation_->timeout_ms(); }

 private:
  const std::shared_ptr<Generation> generation_;
};

}  // namespace

std::shared_ptr<events::Consumer> make_consumer(std::shared_ptr<Generation> generation) {
  return std::make_shared<Consumer>(std::move(generation));
}

std::shared_ptr<jobs::Runner> make_runner(std::shared_ptr<Generation> generation) {
  return std::make_shared<Runner>(std::move(generation));
}

}  // namespace forecourt::plugin
