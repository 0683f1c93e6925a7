#include "corps.hpp"

namespace community {
namespace {

/// A corp as the API shows it: no secret leaves.
struct CorpAnswer {
  std::string id;
  std::string corp_id;
  std::optional<std::string> suite_id;
  std::string org;
  std::string created_at;
};
FORECOURT_FIELDS(CorpAnswer, id, corp_id, suite_id, org, created_at)

/// What a secret of a corp is sealed under.
std::string context(std::string_view id, std::string_view secret) {
  return "corp/" + std::string(id) + "/" + std::string(secret);
}

CorpAnswer read_answer(const fc::Row& row) {
  CorpAnswer out;
  out.id = row.string(0);
  out.corp_id = row.string(1);
  if (!row.text(2).empty()) out.suite_id = row.string(2);
  out.org = row.string(3);
  out.created_at = fc::rfc3339(row.integer(4));
  return out;
}

CorpAnswer answer_of(const fc::Call& call, std::string_view id) {
  const auto row = call.first(
      "SELECT id, corp_id, suite_id, org, created_at FROM corps WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      id);
  if (!row) fc::refuse(404, "corp-not-found", "there is no such corp");
  return read_answer(*row);
}

/// The corp that is there already with exactly these values: asking for it again makes no second
/// URL.
std::optional<std::string> find_same(const fc::Call& call, const NewCorp& body) {
  for (const fc::Row row :
       call.query("SELECT id, token, encoding_aes_key FROM corps WHERE org = "
                  "$1 AND corp_id = $2 AND suite_id = $3 "
                  "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
                  body.org, body.corp_id, body.suite_id.value_or(""))) {
    const std::string id = row.string(0);
    if (call.unseal(context(id, "token"), row.text(1)) == body.token &&
        call.unseal(context(id, "encoding_aes_key"), row.text(2)) == body.encoding_aes_key) {
      return id;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Corp> route_to_corp(const fc::Call& call, std::string_view id) {
  const auto row = call.first(
      "/* unscoped */ SELECT org, corp_id, suite_id, token, encoding_aes_key FROM corps WHERE id = "
      "$1",
      id);
  if (!row) return std::nullopt;
  Corp out;
  out.id = id;
  out.org = row->string(0);
  out.corp_id = row->string(1);
  out.suite_id = row->string(2);
  out.token = call.unseal(context(id, "token"), row->text(3));
  out.encoding_aes_key = call.unseal(context(id, "encoding_aes_key"), row->text(4));
  return out;
}

fc::Reply create_corp(fc::Call& call, const NewCorp& body) {
  if (!call.within(body.org, call.org())) {
    return fc::problem(403, "forbidden", "org is neither the caller's nor below it");
  }
  if (const auto same = find_same(call, body)) return fc::created(answer_of(call, *same));
  const std::string id = call.id("corp");
  const std::string token = call.seal(context(id, "token"), body.token);
  const std::string key = call.seal(context(id, "encoding_aes_key"), body.encoding_aes_key);
  call.execute(
      "INSERT INTO corps (id, org, corp_id, suite_id, token, encoding_aes_key, created_at) "
      "SELECT $1, s.id, $3, $4, $5, $6, $7 FROM fc_org s WHERE s.id = $2 AND s.ancestor = $fc_org",
      id, body.org, body.corp_id, body.suite_id.value_or(""), fc::Blob{token}, fc::Blob{key},
      call.now_ms());
  call.audit("corp.create", id, fc::Json::object({{"corp_id", body.corp_id}, {"org", body.org}}));
  return fc::created(answer_of(call, id));
}

fc::Reply list_corps(fc::Call& call) {
  auto page = fc::Page<CorpAnswer>::of(call);
  for (const fc::Row row : call.query(
           "SELECT id, corp_id, suite_id, org, created_at FROM corps WHERE id > $1 AND org IN "
           "(SELECT id FROM fc_org WHERE ancestor = $fc_org) ORDER BY id LIMIT $2",
           page.after(), page.fetch())) {
    if (!page.add(read_answer(row), row.text(0))) break;
  }
  return fc::ok(page);
}

fc::Reply replace_corp_secrets(fc::Call& call, const NewCorpSecrets& body) {
  const CorpAnswer corp = answer_of(call, call.path("id"));
  const std::string token = call.seal(context(corp.id, "token"), body.token);
  const std::string key = call.seal(context(corp.id, "encoding_aes_key"), body.encoding_aes_key);
  call.execute(
      "UPDATE corps SET token = $2, encoding_aes_key = $3 WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      corp.id, fc::Blob{token}, fc::Blob{key});
  call.audit("corp.replace_secrets", corp.id);
  return fc::ok(corp);
}

}  // namespace community
