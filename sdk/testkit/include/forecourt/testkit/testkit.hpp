#pragma once

/// A plugin in a host of its own, inside the test's process: no socket, a clock that the test
/// turns, databases in memory. Requests take the same way as in the real host, from routing and
/// authorisation to the commit.
///
///   fc::testkit::Host host({.bundle = BUNDLE});
///   host.add_org("store-1", "store");
///   const auto written = host.call("POST", "/v1/notes/notes", R"({"text":"call Ada"})", {.org =
///   "store-1"}); EXPECT_EQ(written.status, 201); EXPECT_EQ(host.events().at(0).type,
///   "notes.note.written");
///
/// What cannot be done (a plugin that does not load, an org twice) throws std::runtime_error, which
/// fails the test with the text a host would log.

#include <forecourt/cpp/json.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::testkit {

struct Plugin {
  std::string bundle = {};                 ///< the folder forecourt_add_plugin made
  std::string config = "{}";               ///< as in a manifest: {"group": {"keep_days": 3}}
  std::optional<std::string> grants = {};  ///< as in a manifest; else all that plugin.json asks for
};

/// Who calls.
struct CallOptions {
  std::string org = "group";  ///< the org of the key
  std::vector<std::string> scopes = {
      "*"};  ///< "<plugin>:<verb>", "<plugin>:*" or "*"; none: no credential is sent
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  Json json() const { return Json::parse(body); }
  /// The value of a header, its name without case; empty when there is none.
  std::string header(std::string_view name) const;
};

/// An event that a plugin published, or publish_event did.
struct Event {
  std::string id;
  std::string type;
  std::string source;
  std::string subject;
  std::string org;
  std::string data;

  Json json() const { return Json::parse(data); }
};

/// The host's time. Starts at 2023-11-14T22:13:20Z and stands still.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t now_ms() const = 0;
  virtual void advance_ms(int64_t ms) = 0;
};

class Host {
 public:
  explicit Host(Plugin plugin);
  /// Several at once. A template, so that `Host({.bundle = ...})` is one plugin to every compiler.
  template <std::same_as<std::vector<Plugin>> Plugins>
  explicit Host(const Plugins& plugins) : Host() {
    for (const Plugin& plugin : plugins) add(plugin);
  }
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Adds a plugin beside the others, or puts another version in place of the one with its id.
  void add(Plugin plugin);
  /// Adds an org below `parent`. A fresh host has "group" alone. Kinds: brand, region, dealer,
  /// store.
  void add_org(const std::string& id, const std::string& kind, const std::string& parent = "group");
  /// Replaces an org's own settings of a plugin (default: the first one).
  void set_config(const std::string& org, const std::string& values,
                  const std::string& plugin = "");

  /// One request, answered. The events and due jobs that its commit released have run when this
  /// returns. A body is sent as JSON unless the headers name another Content-Type.
  Response call(const std::string& method, const std::string& target, const std::string& body = "",
                const CallOptions& options = {});

  /// Publishes as another plugin would, the one the type starts with, and delivers it.
  void publish_event(const std::string& type, const std::string& data,
                     const std::string& org = "group", const std::string& subject = "");
  /// Every event so far, in the order each publisher committed its own.
  std::vector<Event> events();

  Clock& clock();
  /// Runs the jobs, and the retries of events and jobs, that have become due since the clock was
  /// turned.
  void run_due_jobs();
  /// What failed so often that it was set aside: "notes: job forget note_1: why".
  std::vector<std::string> parked();

  /// Looks into a plugin's database (default: the first one's), at all orgs' rows.
  std::vector<std::vector<Json>> query(const std::string& sql, const std::string& plugin = "");

 private:
  struct Impl;
  Host();
  std::unique_ptr<Impl> impl_;
};

}  // namespace fc::testkit
