#pragma once

#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugins/community/wecom.hpp"

namespace community::test {

using fc::Json;
using fc::testkit::CallOptions;
using fc::testkit::Response;

/// A host with the plugin, two stores under one dealer, and one corp of store-12.
class CommunityTest : public testing::Test {
 protected:
  CommunityTest() {
    host_.add_org("dealer-1", "dealer");
    host_.add_org("store-12", "store", "dealer-1");
    host_.add_org("store-13", "store", "dealer-1");
    corp_ = made(register_corp(corp_body())).json()["id"].text();
  }

  static Json corp_body() {
    return Json::object({{"corp_id", "ww1"},
                         {"token", k_token},
                         {"encoding_aes_key", k_aes_key},
                         {"org", "store-12"}});
  }
  Response register_corp(const Json& body, const CallOptions& who = {}) {
    return host_.call("POST", "/v1/community/corps", body.dump(), who);
  }
  static Response made(Response response) {
    EXPECT_EQ(response.status, 201) << response.body;
    return response;
  }
  std::string callback_path(const std::string& corp) {
    return "/v1/community/wecom/" + corp + "/callback";
  }

  Response post(const std::string& query, const std::string& body) {
    return host_.call("POST", callback_path(corp_) + query, body,
                      {.scopes = {}, .headers = {{"Content-Type", "text/xml"}}});
  }
  /// The event as WeCom would send it to the corp.
  Response send(const std::string& xml) {
    const std::string sealed = encrypt(xml, "ww1");
    return post(signed_query(sealed), envelope(sealed));
  }
  void accept(const std::string& xml) {
    const Response response = send(xml);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.body, "");
  }
  void accept(const ChatEvent& event) { accept(xml_of(event)); }
  void join(const std::string& members, const std::string& last, const std::string& current,
            int64_t time = 2) {
    accept({.update_detail = "add_member",
            .members = members,
            .last_version = last,
            .current_version = current,
            .time = time});
  }
  void leave(const std::string& members, const std::string& last, const std::string& current,
             int64_t time = 3) {
    accept({.update_detail = "del_member",
            .members = members,
            .last_version = last,
            .current_version = current,
            .time = time});
  }

  Json items(const std::string& path, const CallOptions& who = {}) {
    const Response response = host_.call("GET", path, "", who);
    EXPECT_EQ(response.status, 200) << response.body;
    return response.json()["items"];
  }
  /// The one group there is.
  Json group() {
    const Json groups = items("/v1/community/groups?corp_id=ww1");
    EXPECT_EQ(groups.items().size(), 1u);
    return groups.items().empty() ? Json() : groups.items().front();
  }
  std::string group_path() { return "/v1/community/groups/" + group()["id"].text(); }
  /// userids of those present, in order.
  std::vector<std::string> present() {
    std::vector<std::string> out;
    const Json members = items(group_path() + "/members");
    for (const Json& member : members.items()) {
      if (member["left_at"].is_null()) out.push_back(member["userid"].text());
    }
    return out;
  }
  int64_t count(const std::string& table) {
    return host_.query("SELECT COUNT(*) FROM " + table).at(0).at(0).integer();
  }

  fc::testkit::Host host_{{.bundle = BUNDLE}};
  std::string corp_;
};

using Names = std::vector<std::string>;

}  // namespace community::test
