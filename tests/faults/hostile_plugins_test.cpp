// Plugins that attack, each attempt a function of a real library in a real host: in a process of its own it reaches
// nothing, and the others are served as if it were not there. In process the same library reaches it.

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <vector>

#include "e2e/support/scene.hpp"
#include "faults/support/bystanders.hpp"
#include "faults/support/load.hpp"
#include "faults/support/size.hpp"
#include "faults/support/victims.hpp"

namespace faults {
namespace {

namespace json = forecourt::json;
using e2e::Answer;
using e2e::HttpClient;

/// What the same attempt does in process, where it is survived.
enum class Freely { not_tried, works, harms, works_for_root, harms_for_root };

struct Attempt {
  std::string what;  ///< the attempt and what it aims at; with the names of Victims and Ground
  Freely freely = Freely::not_tried;
};

struct Lie {
  std::string what;
  const char* reason;  ///< part of why its process was ended
};

#ifdef FORECOURT_SANITIZED
constexpr double k_kept_mib = 400;  // of what was freed
#else
constexpr double k_kept_mib = 50;
#endif

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Ended ones that nobody has waited for are none.
bool lives(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.substr(name_end + 2, 1) != "Z";
}

/// A host with a hostile plugin in it.
class Ground {
 public:
  Ground(const std::string& plugin, const std::string& mode, const std::string& limits = "")
      : id_(plugin), host_(with_bystanders()), limits_(limits) {
    host_.set_environment("FORECOURT_GRACE_MS", "1000");
    std::ofstream(host_.manifests() / (id_ + ".json")) << manifest(mode);
    host_.start();
    if (host_.port() == 0) return;
    client_ = std::make_unique<HttpClient>(host_.client());
    sibling_ = process_of("coupons");
    if (sibling_ <= 1) throw std::runtime_error("no process of coupons");
    key_ = read_file(key_file());
    EXPECT_EQ(state(), "running") << text("reason");
    EXPECT_FALSE(key_.empty()) << key_file();
  }

  std::string manifest(const std::string& mode) const {
    std::string bundle = id_;
    bundle.replace(bundle.find('-'), 1, "_");
    return R"({"manifest":1,"plugin":")" + id_ + R"(","mode":")" + mode + R"(","path":")" +
           FORECOURT_BINARY_DIR "/fixtures/" + bundle +
           R"(","limits":{"crashes_max":1000000,"crash_window_ms":1)" + limits_ +
           R"(},"grants":{"services":["fc.http/1","fc.sql/1","fc.events/1","fc.config/1"]}})";
  }

  e2e::HostProcess& host() { return host_; }
  HttpClient& client() { return *client_; }
  std::string own_folder() const { return (host_.data() / "plugins" / id_).string(); }
  std::string key_file() const { return (host_.data() / "secrets.key").string(); }

  std::string aim(std::string what) const {
    const std::pair<const char*, std::string> targets[] = {
        {"{own}", own_folder()},
        {"{key}", key_file()},
        {"{coupons}", (host_.data() / "plugins" / "coupons").string()},
        {"{host}", std::to_string(host_.pid())},
        {"{host-port}", std::to_string(host_.port())},
        {"{sibling}", std::to_string(sibling_)},
        {"{call}", std::to_string(calls_ + 1)}};
    for (const auto& [name, target] : targets) what = replaced(std::move(what), name, target);
    return what;
  }
  Answer attempt(const std::string& what) {
    const std::string aimed = aim(what);
    ++calls_;
    return client_->post("/v1/" + id_ + "/run", aimed);
  }

  forecourt::json::Document plugin(const std::string& id) {
    return e2e::json_of(client_->get("/admin/v1/plugins/" + id));
  }
  pid_t process_of(const std::string& id) {
    return static_cast<pid_t>(e2e::integer_of(plugin(id), "process"));
  }
  pid_t process() { return process_of(id_); }
  std::string text(const char* member) { return std::string(json::text(plugin(id_), member)); }
  std::string state() { return text("state"); }
  int64_t crashes() { return e2e::integer_of(plugin(id_), "crashes"); }
  /// Whether it was ended once more than it had been, and runs again.
  bool has_ended(int64_t before) {
    return e2e::eventually([&] { return crashes() > before && state() == "running"; }, 30);
  }
  /// Whether a layer of its sandbox is in force.
  bool has(std::string_view layer, std::string_view detail = "") {
    const auto document = plugin(id_);
    const json::Value* layers = json::find(document, "sandbox");
    if (!layers || !layers->IsArray()) return false;
    for (const json::Value& one : layers->GetArray()) {
      const json::Value* in_force = json::find(one, "in_force");
      if (json::text(one, "name") == layer && in_force && in_force->IsTrue() &&
          json::text(one, "detail").find(detail) != std::string_view::npos)
        return true;
    }
    return false;
  }
  /// What was done to the host and the plugin beside; empty: nothing.
  std::string harm() {
    if (::kill(host_.pid(), 0) != 0) return "the host is gone";
    if (process_of("coupons") != sibling_) return "the process of coupons is another";
    if (read_file(key_file()) != key_) return "the key file was changed";
    return {};
  }

 private:
  const std::string id_;
  e2e::HostProcess host_;
  const std::string limits_;
  std::unique_ptr<HttpClient> client_;
  std::string key_;
  pid_t sibling_ = 0;
  int64_t calls_ = 0;
};

class HostilePlugins : public testing::Test {
 protected:
  /// Each attempt by the plugin in a process of its own, under a load on the others.
  void expect_contained(const std::string& plugin, const std::vector<Attempt>& attempts,
                        const std::string& limits = "") {
    Ground ground(plugin, "isolated", limits);
    ASSERT_TRUE(ground.host().running());
    Bystanders others(ground.host());
    others.start();
    for (int64_t round = 0; round < rounds_; ++round) {
      for (const Attempt& attempt : attempts) {
        SCOPED_TRACE(attempt.what);
        Victims victims;
        const int64_t crashes = ground.crashes();
        const Answer answer = ground.attempt(victims.aim(attempt.what));
        const bool refused = answer.status == 200 && answer.body.starts_with("refused E");
        EXPECT_TRUE(refused || answer.status == 503) << answer.status << " " << answer.body;
        if (!refused) {
          EXPECT_TRUE(ground.has_ended(crashes)) << ground.state();
        }
        EXPECT_EQ(victims.harm(), "");
        expect_unharmed(ground, others);
        ++tried_;
      }
    }
    expect_all_served(others);
    report(grouped(tried_) + " attempts", figures(attempts.size()));
  }
  /// The same in process: else the above would hold of plugins that try nothing.
  void expect_harm_in_process(const std::string& plugin, const std::vector<Attempt>& attempts) {
    Ground ground(plugin, "in-process");
    ASSERT_TRUE(ground.host().running());
    for (const Attempt& attempt : attempts) {
      const bool by_root =
          attempt.freely == Freely::works_for_root || attempt.freely == Freely::harms_for_root;
      if (attempt.freely == Freely::not_tried || (by_root && ::geteuid() != 0)) continue;
      SCOPED_TRACE(attempt.what);
      Victims victims;
      const Answer answer = ground.attempt(victims.aim(attempt.what));
      if (answer.body == "refused ENOSYS") continue;  // this kernel does not have it
      EXPECT_TRUE(answer.body.starts_with("done")) << answer.status << " " << answer.body;
      const bool harms =
          attempt.freely == Freely::harms || attempt.freely == Freely::harms_for_root;
      // A signal takes its time.
      if (harms) {
        EXPECT_TRUE(e2e::eventually([&] { return !victims.harm().empty(); }, 10));
      }
      ++worked_;
    }
    report(grouped(tried_) + " attempts", figures(attempts.size()));
  }

  /// Each lie ends its process, for that reason, and is told to nobody as an answer of another.
  void expect_lies_end_it(const std::vector<Lie>& lies) {
    Ground ground("hostile-wire", "isolated", R"(,"timeout_ms":2000)");
    ASSERT_TRUE(ground.host().running());
    Bystanders others(ground.host());
    others.start();
    for (int64_t round = 0; round < rounds_; ++round) {
      for (const Lie& lie : lies) {
        SCOPED_TRACE(lie.what);
        const int64_t crashes = ground.crashes();
        const Answer answer = ground.attempt(lie.what);
        EXPECT_TRUE(ground.has_ended(crashes)) << ground.state();
        EXPECT_NE(ground.text("reason").find(lie.reason), std::string::npos)
            << ground.text("reason");
        // Of what it says in its own call it has the first word.
        const bool own = answer.body == "forged" || answer.body.starts_with("done");
        EXPECT_TRUE(answer.status == 503 || (answer.status == 200 && own))
            << answer.status << " " << answer.body;
        expect_unharmed(ground, others);
        ++tried_;
      }
    }
    expect_all_served(others);
    report(grouped(tried_) + " lies", figures(lies.size()));
  }

  void expect_unharmed(Ground& ground, Bystanders& others) {
    EXPECT_TRUE(others.are_served_on());
    EXPECT_EQ(ground.harm(), "");
  }
  void expect_all_served(Bystanders& others) {
    for (const auto& [id, served] : others.stop()) {
      EXPECT_EQ(served.failed, 0) << id << ": " << served.first_failure;
      others_ += served.answered;
    }
  }
  std::string figures(size_t kinds) const {
    return grouped(static_cast<int64_t>(kinds)) + " kinds, " + grouped(worked_) +
           " shown to work in process; " + grouped(others_) + " answers to others, all right";
  }

  const int64_t rounds_ = size(1, 10);
  int64_t tried_ = 0;
  int64_t worked_ = 0;
  int64_t others_ = 0;
};

const std::vector<Attempt> k_files = {
    {"read /etc/passwd", Freely::works},
    {"read {key}", Freely::works},
    {"read {coupons}/store.db", Freely::works},
    {"read /proc/{host}/environ", Freely::works},
    {"read /proc/self/root/etc/passwd", Freely::works},
    {"read {file}", Freely::works},
    {"list {coupons}", Freely::works},
    {"climb {own} ../coupons/store.db", Freely::works},
    {"through-link {key} {own}/link", Freely::works},
    {"write {file}", Freely::harms},
    {"write {outside}/planted", Freely::harms},
    {"write {coupons}/planted", Freely::works},
    {"write {key}"},
    {"truncate {file}", Freely::harms},
    {"unlink {file}", Freely::harms},
    {"link {file} {own}/second", Freely::harms},
    {"rename {file} {own}/taken", Freely::harms},
    {"chmod {file}", Freely::harms},
    {"device {own}/device", Freely::works_for_root},
};

TEST_F(HostilePlugins, ReachNoFileButTheirOwn) {
  expect_contained("hostile-files", k_files);
  expect_harm_in_process("hostile-files", k_files);
}

const std::vector<Attempt> k_network = {
    {"connect {port}", Freely::harms},
    {"connect {host-port}", Freely::works},
    {"datagram {datagrams}", Freely::harms},
    {"abstract {abstract}", Freely::harms},
    {"listen", Freely::works},
    {"netlink", Freely::works},
    {"raw", Freely::works_for_root},
};

TEST_F(HostilePlugins, ReachNoNetwork) {
  expect_contained("hostile-network", k_network);
  expect_harm_in_process("hostile-network", k_network);
}

// 9: SIGKILL. What ends the host is not tried in it.
const std::vector<Attempt> k_processes = {
    {"signal {process} 9", Freely::harms},
    {"signal {host} 9"},
    {"signal {sibling} 9"},
    {"signal -1 23"},  // SIGURG: nobody minds
    {"queue {process} 9", Freely::harms},
    {"queue {host} 9"},
    {"signal-by-handle {process} 9", Freely::harms},
    {"signal-by-handle {sibling} 9"},
    {"own {process}", Freely::works},
    {"trace {process}", Freely::works_for_root},
    {"trace {host}"},
    {"trace {sibling}"},
    {"memory {process} {memory}", Freely::works_for_root},
    {"limit {process}", Freely::harms_for_root},
    {"slow {process}", Freely::harms},
    {"fork", Freely::works},
    {"fork-bomb 100", Freely::works},
    {"spawn /bin/true", Freely::works},
    {"execute /bin/true"},
};

TEST_F(HostilePlugins, ReachNoOtherProcess) {
  expect_contained("hostile-processes", k_processes);
  expect_harm_in_process("hostile-processes", k_processes);
}

const std::vector<Attempt> k_kernel = {
    {"io-uring", Freely::works_for_root},
    {"userfaultfd", Freely::works_for_root},
    {"bpf", Freely::works_for_root},
    {"perf", Freely::works_for_root},
    {"keyring", Freely::works_for_root},
    {"dumpable", Freely::works},
    {"root", Freely::works_for_root},
    {"mount {own}"},
    {"chroot {own}"},
    {"namespace"},
    {"module"},
};

TEST_F(HostilePlugins, ReachNoPartOfTheKernelThatLeadsOut) {
  expect_contained("hostile-kernel", k_kernel);
  expect_harm_in_process("hostile-kernel", k_kernel);
}

TEST_F(HostilePlugins, HangNobodyButThemselves) {
  // Both end some seconds after the call's deadline.
  expect_contained("hostile-bombs", {{"processor"}, {"stop"}}, R"(,"timeout_ms":300)");
}

const std::vector<Attempt> k_descriptors = {{"descriptors 500", Freely::works}};

TEST_F(HostilePlugins, TakeNoMoreDescriptorsThanTheyMay) {
  expect_contained("hostile-bombs", k_descriptors);
  expect_harm_in_process("hostile-bombs", k_descriptors);
}

const std::vector<Attempt> k_threads = {{"threads 300", Freely::works}};

TEST_F(HostilePlugins, TakeNoMoreThreadsThanTheyMay) {
  {
    Ground ground("hostile-bombs", "isolated");
    if (!ground.has("cgroup-pids") && !ground.has("rlimits", "threads"))
      GTEST_SKIP() << "no cgroup, and the limit of a user counts all that the user runs";
  }
  expect_contained("hostile-bombs", k_threads);
  expect_harm_in_process("hostile-bombs", k_threads);
}

const std::vector<Attempt> k_memory = {{"memory 700", Freely::works}};

TEST_F(HostilePlugins, TakeNoMoreMemoryThanTheyMay) {
  const std::string limit = R"(,"memory_max_bytes":536870912)";
  {
    Ground ground("hostile-bombs", "isolated", limit);
    if (!ground.has("cgroup-memory") && !ground.has("rlimits", "of data"))
      GTEST_SKIP() << "no cgroup, and a sanitizer's shadow does not fit under a limit";
  }
  expect_contained("hostile-bombs", k_memory, limit);
  expect_harm_in_process("hostile-bombs", k_memory);
}

TEST_F(HostilePlugins, LieToNobody) {
  expect_lies_end_it({
      {"answer-twice {call}", "no call that is open"},
      {"answer-others {call}", "no call that is open"},
      {"split-headers {call}", "a reply that breaks the rules"},
      {"frame-the-answer {call}", "a reply that breaks the rules"},
      {"no-status {call}", "a reply that breaks the rules"},
      {"beyond-the-end {call}", "a reply that breaks the rules"},
      {"gigabyte {call}", "a frame of 1073741824 bytes"},
      {"half {call}", "a call did not end by its deadline"},
      {"nonsense", "a frame of no known kind"},
      {"call {call}", "a frame that is not for a host"},
      {"answer-unasked", "an answer that nobody asked for"},
      {"stuck", "does not return"},
      {"state", "a state that breaks the rules"},
      {"metric", "a metric that breaks the rules"},
      // These are answered, until there are too many; its own process ends at an answer that it did not ask for.
      {"ask-without-end", "its process"},
      {"foreign-body {call}", "its process"},
      {"foreign-events coupons", "its process"},
      {"hang-up", "its process"},
  });
}

TEST_F(HostilePlugins, AnswerTheirOwnCallWithTheFirstWordOnly) {
  Ground ground("hostile-wire", "isolated");
  ASSERT_TRUE(ground.host().running());
  const int64_t crashes = ground.crashes();
  // It is framed well: what is refused above is the lie.
  EXPECT_EQ(ground.attempt("answer-twice {call}").body, "forged");
  EXPECT_TRUE(ground.has_ended(crashes));
  report("1 answer");
}

TEST_F(HostilePlugins, FloodNobody) {
  Ground ground("hostile-wire", "isolated");
  ASSERT_TRUE(ground.host().running());
  Bystanders others(ground.host());
  others.start();
  const pid_t process = ground.process();
  const double before = resident_mib(ground.host().pid());
  const int64_t each = size(20'000, 200'000);
  const std::string times = " " + std::to_string(each);
  for (const char* flood : {"publish-without-end", "measure-without-end", "complain-without-end"}) {
    EXPECT_TRUE(ground.attempt(flood + times).body.starts_with("done")) << flood;
    expect_unharmed(ground, others);
  }
  EXPECT_EQ(ground.process(), process) << "none of it is against the rules";
  expect_all_served(others);
  EXPECT_LT(resident_mib(ground.host().pid()), before + k_kept_mib);
  // Each complaint is another text; of one plugin not all are kept.
  std::set<std::string> noted;
  std::string cursor;
  do {
    const auto page = e2e::json_of(ground.client().get(
        "/admin/v1/audit?limit=100" + (cursor.empty() ? "" : "&cursor=" + cursor)));
    const json::Value* items = json::find(page, "items");
    if (!items || !items->IsArray()) break;
    for (const json::Value& one : items->GetArray())
      if (json::text(one, "action") == "plugin.denied") noted.insert(json::to_text(one));
    cursor = json::text(page, "next_cursor");
  } while (!cursor.empty());
  EXPECT_GT(noted.size(), 0u);
  EXPECT_LE(noted.size(), 100u);
  report(grouped(3 * each) + " messages", std::to_string(noted.size()) +
                                              " complaints in the audit log; " + grouped(others_) +
                                              " answers to others, all right");
}

TEST_F(HostilePlugins, FillNoLog) {
  Ground ground("hostile-bombs", "isolated");
  ASSERT_TRUE(ground.host().running());
  Bystanders others(ground.host());
  others.start();
  const int64_t lines = size(2'000, 50'000);
  EXPECT_TRUE(ground.attempt("log " + std::to_string(lines)).body.starts_with("done"));
  EXPECT_TRUE(ground.attempt("nested-log 2900").body.starts_with("done"));
  EXPECT_TRUE(ground.attempt("nested-log 50000").body.starts_with("done"));
  expect_unharmed(ground, others);
  expect_all_served(others);
  report(grouped(lines) + " lines", grouped(others_) + " answers to others, all right");
}

/// Whether the plugin's thread still writes into its folder.
bool beats_on(const std::string& file) {
  const size_t before = read_file(file).size();
  return e2e::eventually([&] { return read_file(file).size() > before; }, 1);
}

TEST_F(HostilePlugins, DoNotOutliveTheirEnd) {
  Ground ground("hostile-stays", "isolated");
  ASSERT_TRUE(ground.host().running());
  Bystanders others(ground.host());
  others.start();
  const std::string path = "/admin/v1/plugins/hostile-stays";
  const std::string beats = ground.own_folder() + "/beats";
  for (int64_t round = 0; round < size(1, 5); ++round) {
    for (const char* way : {"thread", "drain", "close", "signals"}) {
      SCOPED_TRACE(way);
      EXPECT_TRUE(ground.attempt(std::string(way) + " {own}/beats").body.starts_with("done"));
      EXPECT_TRUE(beats_on(beats));
      const pid_t process = ground.process();
      ASSERT_TRUE(lives(process));
      EXPECT_EQ(ground.client().post(path + "/disable", "").status, 200);
      EXPECT_FALSE(lives(process));
      EXPECT_FALSE(beats_on(beats));
      expect_unharmed(ground, others);
      EXPECT_EQ(ground.client().post(path + "/enable", "").status, 200);
      EXPECT_EQ(ground.state(), "running") << ground.text("reason");
      ++tried_;
    }
  }
  // A generation that follows has the data, and another process.
  const pid_t process = ground.process();
  EXPECT_TRUE(ground.attempt("signals {own}/beats").body.starts_with("done"));
  std::string changed =
      replaced(ground.manifest("isolated"), R"("crash_window_ms":1)", R"("crash_window_ms":2)");
  EXPECT_EQ(ground.client().put(path, changed).status, 200);
  EXPECT_FALSE(lives(process));
  EXPECT_GT(ground.process(), 1);
  EXPECT_FALSE(beats_on(beats));
  expect_unharmed(ground, others);
  expect_all_served(others);

  Ground in_process("hostile-stays", "in-process");
  const std::string its_beats = in_process.own_folder() + "/beats";
  EXPECT_TRUE(in_process.attempt("thread {own}/beats").body.starts_with("done"));
  EXPECT_EQ(in_process.client().post(path + "/disable", "").status, 200);
  EXPECT_TRUE(beats_on(its_beats)) << "in process nobody can end it";
  report(grouped(tried_ + 1) + " ends", grouped(others_) + " answers to others, all right");
}

TEST_F(HostilePlugins, GoWithTheirHost) {
  for (const bool killed : {false, true}) {
    Ground ground("hostile-stays", "isolated");
    ASSERT_TRUE(ground.host().running());
    EXPECT_TRUE(ground.attempt("forget-the-host").body.starts_with("refused E"));
    EXPECT_TRUE(ground.attempt("signals {own}/beats").body.starts_with("done"));
    const pid_t process = ground.process();
    ASSERT_TRUE(lives(process));
    if (killed) {
      ground.host().kill();
    } else {
      EXPECT_LE(ground.host().terminate(), 1) << "1: it did not wait for the plugin any longer";
    }
    EXPECT_TRUE(e2e::eventually([&] { return !lives(process); }, 10));
  }
  report("SIGTERM and SIGKILL");
}

}  // namespace
}  // namespace faults
