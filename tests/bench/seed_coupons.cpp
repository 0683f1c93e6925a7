// Puts coupons straight into a stopped host's coupons store: `seed_coupons <store.db> <count>
// <codes file>`. The codes go to the file in random order, one a line. Only for benchmarks: a
// million issues over HTTP would take minutes.

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) return 1;
  const auto run = [&](const std::string& sql) {
    char* error = nullptr;
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error) != SQLITE_OK) {
      std::fprintf(stderr, "%s\n", error);
      std::exit(1);
    }
  };
  const int count = std::atoi(argv[2]);
  const std::string now = std::to_string(static_cast<long long>(std::time(nullptr)) * 1000);
  run("BEGIN");
  run("INSERT INTO batches (id, org, name, kind, threshold_fen, amount_fen, total, per_member, "
      "valid_from_ms, valid_days,"
      " stores, created_at_ms, issued, used, discounted_fen) VALUES ('bat_bench', 'group', "
      "'bench', 'NORMAL', 5000, 1000, " +
      std::to_string(count) + ", " + std::to_string(count) + ", 0, 365, '[]', " + now + ", " +
      std::to_string(count) + ", 0, 0)");
  run("INSERT INTO batch_reach (batch_id, org) VALUES ('bat_bench', 'group')");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db,
                     "INSERT INTO coupons (code, batch_id, state, member_id, source_id, kind, "
                     "threshold_fen, amount_fen,"
                     " valid_from_ms, valid_until_ms, issued_at_ms, issued_by) VALUES (?1, "
                     "'bat_bench', 'EFFECTIVE', ?2,"
                     " ?3, 'NORMAL', 5000, 1000, 0, 9000000000000, ?4, 'group')",
                     -1, &insert, nullptr);
  if (!insert) {
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    return 1;
  }
  std::mt19937_64 random(20261122);
  constexpr char k_alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
  std::vector<std::string> codes;
  for (int i = 0; i < count; ++i) {
    std::string code(16, ' ');
    for (char& c : code) c = k_alphabet[random() % 31];
    const std::string member = "mem_" + std::to_string(1'000'000 + i / 3);
    const std::string source = "bench-" + std::to_string(i);
    sqlite3_bind_text(insert, 1, code.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(insert, 2, member.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(insert, 3, source.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 4, std::atoll(now.c_str()) + i);
    if (sqlite3_step(insert) != SQLITE_DONE) {
      std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
      return 1;
    }
    sqlite3_reset(insert);
    codes.push_back(std::move(code));
  }
  sqlite3_finalize(insert);
  run("COMMIT");
  run("PRAGMA wal_checkpoint(TRUNCATE)");
  sqlite3_close(db);
  std::shuffle(codes.begin(), codes.end(), random);
  std::ofstream out(argv[3]);
  for (const std::string& code : codes) out << code << '\n';
  return out ? 0 : 1;
}
