#include "storage/crash_marker.hpp"

#include <sys/wait.h>

#include <csignal>

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class CrashMarkerTest : public StoreTest {
 protected:
  /// Opens the store in a child, runs one call with this marker, and dies in it as `die` does.
  void die_in_a_call(const std::string& marker, void (*die)()) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::signal(SIGSEGV, [](int signal) {
        note_fatal_signal(signal);
        _exit(42);
      });
      auto opened = Store::open(options());
      if (!opened) _exit(1);
      std::unique_ptr<TestCall> call = std::make_unique<TestCall>(
          0,
          [die](Session&) {
            die();
            return Verdict::commit;
          },
          fates_);
      call->marker_text = marker;
      std::unique_ptr<WriteCall> base = std::move(call);
      if (!(*opened)->lane().submit(base)) _exit(2);
      pause();
      _exit(3);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    const bool by_handler = WIFEXITED(status) && WEXITSTATUS(status) == 42;
    ASSERT_TRUE(by_handler || WIFSIGNALED(status)) << status;
  }
};

TEST_F(CrashMarkerTest, IsEmptyAfterACleanStop) {
  open();
  auto marked = insert("a");
  marked->marker_text = "event payments 7f3a 1042";
  ASSERT_TRUE(submit(std::move(marked)));
  ASSERT_TRUE(fates_.wait_for(1));
  open();
  EXPECT_EQ(store_->last_kill(), nullptr);
}

TEST_F(CrashMarkerTest, NamesTheCallAKillHit) {
  die_in_a_call("event payments 7f3a 1042", [] { raise(SIGKILL); });
  open();
  ASSERT_NE(store_->last_kill(), nullptr);
  EXPECT_EQ(store_->last_kill()->marker, "event payments 7f3a 1042");
  EXPECT_EQ(store_->last_kill()->signal, 0);
}

TEST_F(CrashMarkerTest, NamesTheSignalThatWasCaught) {
  die_in_a_call("job expire coupon-9", [] { raise(SIGSEGV); });
  open();
  ASSERT_NE(store_->last_kill(), nullptr);
  EXPECT_EQ(store_->last_kill()->marker, "job expire coupon-9");
  EXPECT_EQ(store_->last_kill()->signal, SIGSEGV);
}

TEST_F(CrashMarkerTest, NotesTheSignalOfAnUntrackedCallToo) {
  die_in_a_call("", [] { raise(SIGSEGV); });
  open();
  ASSERT_NE(store_->last_kill(), nullptr);
  EXPECT_EQ(store_->last_kill()->marker, "");
  EXPECT_EQ(store_->last_kill()->signal, SIGSEGV);
}

TEST_F(CrashMarkerTest, IsToldOnce) {
  die_in_a_call("job expire coupon-9", [] { raise(SIGKILL); });
  open();
  ASSERT_NE(store_->last_kill(), nullptr);
  open();
  EXPECT_EQ(store_->last_kill(), nullptr);
}

}  // namespace
}  // namespace forecourt::storage
