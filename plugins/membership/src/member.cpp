#include "member.hpp"

#include <map>

#include "tier.hpp"
#include "visibility.hpp"

namespace membership {
namespace {

#define MEMBER_SELECT                                                                      \
  "SELECT m.id, m.openid, m.appid, m.org, m.card_no, m.points, m.earned, m.enrolled_at_ms" \
  " FROM members m "

/// Reads members; remembers each owner's tiers for the length of a call.
class MemberReader {
 public:
  explicit MemberReader(const fc::Call& call) : call_(call) {}

  Member read(const fc::Row& row) {
    const int64_t earned = row.integer(6);
    return {.id = row.string(0),
            .openid = row.string(1),
            .appid = row.string(2),
            .org = row.string(3),
            .card_no = row.string(4),
            .tier = tier_of(earned, tiers_at(row.string(3))),
            .points = row.integer(5),
            .points_earned = earned,
            .enrolled_at = fc::rfc3339(row.integer(7))};
  }

 private:
  const std::vector<Tier>& tiers_at(const std::string& owner) {
    const auto [at, is_new] = tiers_.try_emplace(owner);
    if (is_new) fc::from_json(call_.config("tiers", owner), at->second);
    return at->second;
  }

  const fc::Call& call_;
  std::map<std::string, std::vector<Tier>> tiers_;
};

}  // namespace

bool sees_member(const fc::Call& call, std::string_view id) {
  return static_cast<bool>(
      call.first("SELECT 1 FROM members m WHERE m.id = $1 AND " MEMBER_VISIBLE, id));
}

void refuse_unknown_member() { fc::refuse(404, "not-found", "no such member"); }

fc::Reply list_members(fc::Call& call) {
  auto page = fc::Page<Member>::of(call);
  MemberReader reader(call);
  const auto openid = call.query_parameter("openid");
  const auto appid = call.query_parameter("appid");
  // Two texts: with an openid its index leads, without one the order of ids does.
  auto rows = openid ? call.query(MEMBER_SELECT R"(
      WHERE m.openid = $1 AND ($2 IS NULL OR m.appid = $2) AND m.id > $3 AND )" MEMBER_VISIBLE R"(
      ORDER BY m.id LIMIT $4)",
                                  openid, appid, page.after(), page.fetch())
                     : call.query(MEMBER_SELECT R"(
      WHERE ($1 IS NULL OR m.appid = $1) AND m.id > $2 AND )" MEMBER_VISIBLE R"(
      ORDER BY m.id LIMIT $3)",
                                  appid, page.after(), page.fetch());
  for (const fc::Row row : rows) {
    if (!page.add(reader.read(row), row.text(0))) break;
  }
  return fc::ok(page);
}

fc::Reply get_member(fc::Call& call) {
  const auto row = call.first(MEMBER_SELECT "WHERE m.id = $1 AND " MEMBER_VISIBLE, call.path("id"));
  if (!row) refuse_unknown_member();
  return fc::ok(MemberReader(call).read(*row));
}

}  // namespace membership
