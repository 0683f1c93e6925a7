// A full disk: writes are refused with the reason, reads go on, /readyz says so, and writes resume
// by themselves when there is room. On a real full file system where the test may mount one.

#include <sys/mount.h>

#include <fstream>

#include "faults/support/codes.hpp"
#include "faults/support/faulty_host.hpp"
#include "faults/support/modes.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

namespace fs = std::filesystem;
using e2e::Answer;
using e2e::HttpClient;

void expect_read_only_and_recovery(e2e::Scene& scene, const std::function<void()>& fill,
                                   const std::function<void()>& make_room) {
  const auto codes = issue_codes(scene, 2);
  HttpClient client = scene.host.client();
  const Answer before = client.post(redeem_path(codes[0]), redeem_body("room-1"));
  ASSERT_EQ(before.status, 200) << before.body;

  fill();
  Answer refused;
  int64_t taken = 0;
  const std::string batch = scene.batch;
  const auto issue = [&] {
    const std::string n = std::to_string(taken++);
    return client.post(
        "/v1/coupons/batches/" + batch + "/issue",
        "{\"member_id\":\"full-" + n + "\",\"source_id\":\"" + std::string(50, 'x') + n + "\"}");
  };
  // What is left of the log may still take some.
  ASSERT_TRUE(e2e::eventually([&] {
    for (int i = 0; i < 50 && refused.status / 100 != 5; ++i) refused = issue();
    return refused.status / 100 == 5;
  }));
  EXPECT_TRUE(e2e::eventually([&] {
    refused = issue();
    return refused.status == 507;
  })) << refused.status;
  EXPECT_NE(refused.body.find("store-read-only"), std::string::npos) << refused.body;
  EXPECT_EQ(client.get("/v1/coupons/coupons/" + codes[0]).status, 200) << "reads go on";
  Answer ready;
  EXPECT_TRUE(e2e::eventually([&] { return (ready = client.get("/readyz")).status == 503; }));
  EXPECT_NE(ready.body.find("coupons"), std::string::npos) << ready.body;

  make_room();
  Answer after;
  EXPECT_TRUE(e2e::eventually([&] {
    after = client.post(redeem_path(codes[1]), redeem_body("room-2"));
    return after.status == 200;
  })) << after.body;
  EXPECT_TRUE(e2e::eventually([&] { return client.get("/readyz").status == 200; }));
  EXPECT_EQ(client.post(redeem_path(codes[0]), redeem_body("room-1")).body, before.body);
}

class DiskFull : public InBothModes {};

TEST_P(DiskFull, TurnsTheHostReadOnlyUntilThereIsRoom) {
  FaultyScene faulty({.plugins = {"payments", "coupons"}, .mode = GetParam()});
  expect_read_only_and_recovery(
      faulty.scene, [&] { faulty.order("disk write 1 ENOSPC always"); },
      [&] { faulty.order("heal"); });
  report("every write refused by the disk");
}

/// A file system of 24 MiB that is gone with the test.
class SmallDisk {
 public:
  SmallDisk() {
    const std::string path = folder_.path().string();
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=24m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string data() const { return (folder_.path() / "data").string(); }
  void fill() {
    std::ofstream file(folder_.path() / "filler", std::ios::binary);
    const std::string page(4'096, '\0');
    while (file.write(page.data(), std::ssize(page)).flush()) continue;
  }
  void make_room() { fs::remove(folder_.path() / "filler"); }

 private:
  e2e::TempFolder folder_;
  bool mounted_ = false;
};

TEST_P(DiskFull, OfARealFileSystemIsTheSame) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  e2e::Scene scene({.plugins = {"payments", "coupons"},
                    .environment = {{"FORECOURT_DATA", disk.data()}},
                    .mode = GetParam()});
  expect_read_only_and_recovery(
      scene, [&] { disk.fill(); }, [&] { disk.make_room(); });
  report("a tmpfs of 24 MiB");
}

FAULTS_IN_BOTH_MODES(DiskFull);

}  // namespace
}  // namespace faults
