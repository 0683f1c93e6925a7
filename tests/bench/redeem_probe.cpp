// The baseline of a redemption: one thread, epoll, SQLite. The same schema, keys and statements as
// the coupons plugin and the host's outbox, one FULL commit for all requests that are there, one
// fixed answer. Nothing else: no routing, no credential, no validation, no savepoints.
//   redeem_probe <store.db>                      prints the port it listens on
//   redeem_probe <store.db> <codes file> <n>     no socket: the median time of one redemption and
//   its commit, in us,
//                                                over the last n codes of the file

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr const char* k_take =
    "UPDATE coupons AS c SET state = 'USED', used_by = $fc_org, used_request_no = $2 "
    "WHERE c.code = $1 AND c.state = 'EFFECTIVE' AND c.valid_from_ms <= $3 AND c.valid_until_ms > "
    "$3 "
    "AND c.threshold_fen <= $4 AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = $5 AND o.ancestor = "
    "$fc_org) "
    "AND EXISTS (SELECT 1 FROM batch_reach r JOIN fc_org o ON o.id = $5 AND o.ancestor = r.org "
    "WHERE r.batch_id = c.batch_id) RETURNING batch_id, member_id, kind, threshold_fen, "
    "amount_fen, percent_off";
constexpr const char* k_record =
    "INSERT INTO redemptions (org, request_no, code, store, order_amount_fen, discount_fen, "
    "redeemed_at_ms) "
    "VALUES ($fc_org, $1, $2, $3, $4, $5, $6) ON CONFLICT (org, request_no) DO NOTHING";
constexpr const char* k_count =
    "UPDATE batches SET used = used + 1, discounted_fen = discounted_fen + $2 "
    "WHERE id = $1 AND discounted_fen <= 9223372036854775807 - $2 AND "
    "(EXISTS (SELECT 1 FROM fc_org o WHERE o.id = $fc_org AND o.ancestor = batches.org) "
    "OR EXISTS (SELECT 1 FROM fc_org o WHERE o.id = batches.org AND o.ancestor = $fc_org))";
constexpr const char* k_publish =
    "INSERT INTO fc_outbox(id, type, source, subject, org, time_ms, trace_id, data) "
    "VALUES ($1, 'coupons.coupon.redeemed', 'coupons', $2, 'group', $3, "
    "'0af7651916cd43dd8448eb211c80319c', $4)";

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

class Store {
 public:
  explicit Store(const char* path) {
    if (sqlite3_open_v2(path, &db_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) die(path);
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    take_ = prepare(k_take);
    record_ = prepare(k_record);
    count_ = prepare(k_count);
    publish_ = prepare(k_publish);
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
  }
  void begin() { step(begin_); }
  void commit() { step(commit_); }

  bool redeem(std::string_view code, std::string_view request_no) {
    const int64_t now = static_cast<int64_t>(std::time(nullptr)) * 1000;
    bind(take_, "$fc_org", "group");
    bind(take_, "$1", code);
    bind(take_, "$2", request_no);
    bind(take_, "$3", now);
    bind(take_, "$4", 9900);
    bind(take_, "$5", "store-12");
    const bool taken = sqlite3_step(take_) == SQLITE_ROW;
    std::string batch;
    if (taken) batch = reinterpret_cast<const char*>(sqlite3_column_text(take_, 0));
    while (sqlite3_step(take_) == SQLITE_ROW) {
    }
    sqlite3_reset(take_);
    if (!taken) return false;
    bind(record_, "$fc_org", "group");
    bind(record_, "$1", request_no);
    bind(record_, "$2", code);
    bind(record_, "$3", "store-12");
    bind(record_, "$4", 9900);
    bind(record_, "$5", 1000);
    bind(record_, "$6", now);
    step(record_);
    bind(count_, "$fc_org", "group");
    bind(count_, "$1", batch);
    bind(count_, "$2", 1000);
    step(count_);
    const std::string data =
        "{\"code\":\"" + std::string(code) + "\",\"batch_id\":\"" + batch +
        "\",\"member_id\":\"mem_0000000\",\"store\":\"store-12\",\"request_no\":\"" +
        std::string(request_no) +
        "\",\"order_amount_fen\":9900,\"discount_fen\":1000,\"kind\":\"NORMAL\","
        "\"redeemed_at\":\"2026-01-01T00:00:00.000Z\"}";
    bind(publish_, "$1", "evt_01jd8m6e2q4v7x9z1b3d5f7h9k");
    bind(publish_, "$2", code);
    bind(publish_, "$3", now);
    bind(publish_, "$4", data);
    step(publish_);
    return true;
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) die(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
        SQLITE_OK) {
      die(sqlite3_errmsg(db_));
    }
    return statement;
  }
  static void bind(sqlite3_stmt* statement, const char* name, std::string_view value) {
    sqlite3_bind_text(statement, sqlite3_bind_parameter_index(statement, name), value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  static void bind(sqlite3_stmt* statement, const char* name, int64_t value) {
    sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, name), value);
  }
  static void bind(sqlite3_stmt* statement, const char* name, int value) {
    bind(statement, name, int64_t{value});
  }
  void step(sqlite3_stmt* statement) {
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    if (code != SQLITE_DONE) die(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt *take_, *record_, *count_, *publish_, *begin_, *commit_;
};

/// A whole request at the front of `input`: the code in its path and its request_no; 0 when more
/// bytes are needed.
size_t read_request(std::string_view input, std::string_view& code, std::string_view& request_no) {
  const size_t head = input.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  const size_t length_at = input.find("Content-Length: ");
  const size_t size =
      length_at < head ? std::strtoul(input.data() + length_at + 16, nullptr, 10) : 0;
  if (input.size() < head + 4 + size) return 0;
  constexpr std::string_view k_prefix = "/v1/coupons/coupons/";
  const size_t from = input.find(k_prefix) + k_prefix.size();
  code = input.substr(from, input.find('/', from) - from);
  constexpr std::string_view k_name = "\"request_no\":\"";
  const size_t number = input.find(k_name, head) + k_name.size();
  request_no = input.substr(number, input.find('"', number) - number);
  return head + 4 + size;
}

int time_commits(Store& store, const char* codes_file, size_t count) {
  std::ifstream in(codes_file);
  std::vector<std::string> codes;
  for (std::string line; std::getline(in, line);) codes.push_back(line);
  if (codes.size() > count)
    codes.erase(codes.begin(), codes.end() - static_cast<std::ptrdiff_t>(count));
  std::vector<double> times;
  for (const std::string& code : codes) {
    const auto began = std::chrono::steady_clock::now();
    store.begin();
    store.redeem(code, "commit-" + code);
    store.commit();
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began)
            .count());
  }
  if (times.empty()) return 1;
  std::sort(times.begin(), times.end());
  std::printf("%.1f\n", times[times.size() / 2]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) return 2;
  Store store(argv[1]);
  if (argc == 4) return time_commits(store, argv[2], std::strtoul(argv[3], nullptr, 10));
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 1024) != 0)
    die("listen");
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);

  const int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  std::unordered_map<int, std::string> inputs;
  std::vector<epoll_event> events(256);
  for (;;) {
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    std::vector<std::pair<int, bool>> answers;
    bool open = false;
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == listener) {
        const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (client < 0) continue;
        const int on = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        event.data.fd = client;
        epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
        continue;
      }
      char chunk[8192];
      const ssize_t n = read(fd, chunk, sizeof chunk);
      if (n <= 0) {
        inputs.erase(fd);
        close(fd);
        continue;
      }
      std::string& input = inputs[fd];
      input.append(chunk, static_cast<size_t>(n));
      std::string_view code, request_no;
      while (const size_t used = read_request(input, code, request_no)) {
        if (!open) store.begin();
        open = true;
        answers.emplace_back(fd, store.redeem(code, request_no));
        input.erase(0, used);
      }
    }
    if (open) store.commit();
    for (const auto& [fd, taken] : answers) {
      const std::string_view answer =
          taken ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                  "16\r\n\r\n{\"state\":\"USED\"}"
                : "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n";
      if (write(fd, answer.data(), answer.size()) < 0) close(fd);
    }
  }
}
