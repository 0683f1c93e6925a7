#include "gateway/pipeline.hpp"

#include "base/log.hpp"
#include "gateway/digest.hpp"

namespace forecourt::gateway {

Pipeline::Pipeline(Parts parts)
    : parts_(std::move(parts)),
      stats_(std::make_shared<Stats>()),
      access_log_(parts_.access_log),
      malformed_stats_(stats_->operation("host", "malformed")),
      unrouted_stats_(stats_->operation("host", "unrouted")),
      host_(parts_.host, *stats_) {
  // An empty table cannot fail.
  published_ = *RouteTable::build({}, stats_);
  table_ = published_;
}

Result<void> Pipeline::publish(std::vector<http::Service> services) {
  auto table = RouteTable::build(std::move(services), stats_);
  if (!table) return table.error();
  std::lock_guard lock(publishing_);
  published_ = std::move(*table);
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

const std::shared_ptr<const RouteTable>& Pipeline::table() {
  if (version_.load(std::memory_order_acquire) != table_version_) {
    std::lock_guard lock(publishing_);
    table_ = published_;
    table_version_ = version_.load(std::memory_order_relaxed);
  }
  return table_;
}

Pipeline::Opened Pipeline::open(const RequestHead& head, CallerCache& cache) {
  const std::shared_ptr<const RouteTable>& routes = table();
  Opened opened;
  if (opened.stats = host_.answer(head, *routes, opened.answer); opened.stats) return opened;

  std::string_view path = head.url.path;
  if (head.url.escaped) {
    decoded_path_.clear();
    append_decoded(decoded_path_, path, false);
    path = decoded_path_;
  }
  const RouteMatch match = routes->match(head.method, path);
  if (match.kind != RouteMatch::Kind::found) return refuse(match, head, cache);

  Admission admission{head,
                      *match.route,
                      parts_.limits,
                      *stats_,
                      cache,
                      parts_.directory->snapshot(),
                      parts_.clock->now_ms(),
                      parts_.clock->monotonic_ns(),
                      parts_.tokens};
  opened.stats = match.route->stats;
  opened.plugin = match.route->service->id;
  opened.answer = admit(admission);
  if (opened.answer) return opened;
  auto exchange = make_exchange(head, admission);
  opened.answer = parameters_.read(head, match, *exchange);
  if (!opened.answer) opened.exchange = std::move(exchange);
  return opened;
}

Refused Pipeline::admit(Admission& admission) {
  Refused refused = check_overload(*stats_, parts_.limits);
  if (!refused) refused = check_expectation(admission);
  if (!refused) refused = authenticate(admission);
  if (!refused) refused = rate_limit_.check(admission);
  if (!refused) refused = check_scope(admission);
  if (!refused) refused = resolve_org(admission);
  if (!refused) refused = check_availability(admission);
  if (!refused) refused = check_body(admission);
  if (!refused) refused = read_idempotency_key(admission);
  return refused;
}

Pipeline::Opened Pipeline::refuse(const RouteMatch& match, const RequestHead& head,
                                  CallerCache& cache) {
  Opened opened;
  opened.stats = unrouted_stats_;
  opened.plugin = "host";
  switch (match.kind) {
    case RouteMatch::Kind::unavailable: {
      const Route nowhere{nullptr, match.service, nullptr};
      Admission admission{head,
                          nowhere,
                          parts_.limits,
                          *stats_,
                          cache,
                          parts_.directory->snapshot(),
                          parts_.clock->now_ms(),
                          parts_.clock->monotonic_ns(),
                          parts_.tokens};
      opened.plugin = match.service->id;
      opened.answer = unavailable(*match.service, key_of(admission) != nullptr);
      break;
    }
    case RouteMatch::Kind::unknown_method:
      opened.answer = http::problem(501, "not-implemented", "the method is not known here");
      break;
    case RouteMatch::Kind::wrong_method:
      opened.answer =
          http::problem(405, "method-not-allowed", "allowed here: " + std::string(match.allow));
      opened.answer->headers.emplace_back("Allow", match.allow);
      break;
    case RouteMatch::Kind::options:
      opened.answer.emplace();
      opened.answer->status = 204;
      opened.answer->headers.emplace_back("Allow", match.allow);
      break;
    default: opened.answer = http::problem(404, "not-found", "there is nothing at this path");
  }
  return opened;
}

std::shared_ptr<ServedExchange> Pipeline::make_exchange(const RequestHead& head,
                                                        const Admission& admission) {
  const Route& route = admission.route;
  const Operation& operation = *route.operation;
  auto exchange = std::make_shared<ServedExchange>(table_, route, *stats_, *parts_.clock);

  // Everything a view may point to; parameters are at most as long as the target and the declared
  // headers.
  size_t bytes = 2 * head.target.size() + decoded_path_.size() + head.method.size() +
                 head.content_type.size() + admission.org.size() + admission.idempotency_key.size();
  if (admission.key) bytes += admission.key->id.size();
  for (const ParameterRule& rule : operation.parameters) {
    if (rule.in == http::In::header) bytes += head.find(rule.name).size();
  }
  exchange->reserve(bytes);

  http::Request& request = exchange->request();
  request.operation_id = operation.id;
  request.operation = operation.index;
  request.method = exchange->keep(head.method == "HEAD" ? std::string_view("GET") : head.method);
  request.target = exchange->keep(head.target);
  if (admission.body) {
    const std::string_view type =
        head.content_type.substr(0, head.content_type.find_first_of("; \t"));
    request.media_type = exchange->keep_lower(type);
    RequestBody::Rules rules{admission.body_max,
                             admission.body->schema ? 0 : parts_.limits.spool_bytes,
                             parts_.limits.buffered_bytes, &parts_.spool_folder};
    exchange->body().start(rules, head.content_length.value_or(0));
    exchange->rule = admission.body;
  }
  request.caller = admission.key ? exchange->keep(admission.key->id) : std::string_view("public");
  request.credential_ends_ms = admission.key ? admission.key->expires_at_ms : 0;
  request.org = exchange->keep(admission.org);
  request.idempotency_key = exchange->keep(admission.idempotency_key);
  request.admitted_ms = admission.now_ms;
  const int64_t timeout_ms =
      operation.timeout_ms > 0 ? operation.timeout_ms : parts_.limits.timeout_ms;
  request.deadline_monotonic_ns = admission.monotonic_ns + timeout_ms * 1'000'000;
  exchange->set_trace(traces_.id_of(head.traceparent));
  request.sampled = Traces::is_sampled(head.traceparent);
  exchange->started_ns = admission.monotonic_ns;
  exchange->rate_headers[0] = admission.rate_headers[0];
  exchange->rate_headers[1] = admission.rate_headers[1];
  return exchange;
}

std::optional<http::Response> Pipeline::run(const std::shared_ptr<ServedExchange>& exchange,
                                            const std::shared_ptr<AnswerSink>& sink) {
  const RequestBody& body = exchange->body();
  http::Request& request = exchange->request();
  request.body = body.text();
  request.blob = body.blob();
  if (exchange->rule && body.size() > 0) {
    if (auto refused = body_check_.check(*exchange->rule, request.body)) return refused;
  } else if (exchange->route().operation->body_required && body.size() == 0) {
    return http::problem(400, "invalid-body", "a body is required");
  }
  if (!request.idempotency_key.empty()) {
    if (!fingerprint(request))
      return http::problem(500, "internal", "the body could not be read back");
  }
  if (auto refused = check_overload(*stats_, parts_.limits)) return refused;
  if (exchange->dispatch(sink)) return exchange->take_answer();
  return {};
}

bool Pipeline::fingerprint(http::Request& request) {
  Sha256Stream digest;
  digest.add(request.method);
  digest.add(" ");
  digest.add(request.target);
  digest.add("\n");
  digest.add(request.body);
  uint8_t buffer[16 * 1024];
  for (uint64_t at = 0; request.blob && at < request.blob->size();) {
    const auto n = request.blob->read(at, buffer, sizeof buffer);
    if (!n || *n == 0) return false;
    digest.add({reinterpret_cast<const char*>(buffer), static_cast<size_t>(*n)});
    at += *n;
  }
  request.fingerprint = digest.finish();
  return true;
}

http::Response Pipeline::body_refusal(ServedExchange& exchange) const {
  const RequestBody& body = exchange.body();
  http::Response response;
  switch (body.refusal()) {
    case RequestBody::Refusal::memory_full:
      response = http::problem(503, "overloaded", "too many request bodies are being held");
      response.headers.emplace_back("Retry-After", "1");
      return response;
    case RequestBody::Refusal::spool_failed:
      log::error("gateway", "a request body could not be spooled",
                 {{"reason", body.spool_error()}});
      return http::problem(507, "store-read-only",
                           "the body could not be kept; there may be no space left");
    default:
      return http::problem(413, "body-too-large", "the body is larger than this operation takes");
  }
}

http::Response Pipeline::overdue(const ServedExchange& exchange) const {
  const Operation& operation = *exchange.route().operation;
  log::error("gateway", "a handler did not answer in time",
             {{"plugin", exchange.route().service->id},
              {"operation", operation.id},
              {"trace", exchange.trace()}});
  if (operation.access != Access::write) {
    return http::problem(504, "deadline-exceeded", "the operation took too long");
  }
  return http::problem(
      503, "outcome-unknown",
      "the operation took too long and may have happened; repeat it with the same Idempotency-Key");
}

namespace {

/// Carries one answer from whatever thread to the caller of Pipeline::call.
class CallbackSink final : public AnswerSink {
 public:
  explicit CallbackSink(std::function<void(http::Response)> answer) : answer_(std::move(answer)) {}
  void answered(std::shared_ptr<ServedExchange> exchange) override {
    answer_(exchange->take_answer());
  }

 private:
  const std::function<void(http::Response)> answer_;
};

}  // namespace

void Pipeline::call(std::string method, std::string target,
                    std::vector<std::pair<std::string, std::string>> headers, std::string body,
                    std::function<void(http::Response)> answer) {
  RequestHead head;
  head.method = method;
  head.target = target;
  if (const char* why = parse_target(head.target, head.url))
    return answer(http::problem(400, "malformed-request", why));
  for (const auto& [name, value] : headers) head.add(name, value);
  if (!body.empty()) head.content_length = body.size();
  CallerCache cache;
  Opened opened = open(head, cache);
  if (opened.answer) return answer(std::move(*opened.answer));
  if (!body.empty() && !opened.exchange->body().append(body))
    return answer(body_refusal(*opened.exchange));
  if (auto now = run(opened.exchange, std::make_shared<CallbackSink>(answer)))
    answer(std::move(*now));
}

}  // namespace forecourt::gateway
