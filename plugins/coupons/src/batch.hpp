#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coupons {

struct NewBatch {
  std::string name;
  std::string kind;
  int64_t threshold_fen = 0;
  std::optional<int64_t> amount_fen;
  std::optional<int64_t> percent_off;
  int64_t total = 0;
  int64_t per_member = 1;
  std::optional<std::string> valid_from;
  std::optional<std::string> valid_until;
  std::optional<int64_t> valid_days;
  std::vector<std::string> stores;
};
FORECOURT_FIELDS(NewBatch, name, kind, threshold_fen, amount_fen, percent_off, total, per_member,
                 valid_from, valid_until, valid_days, stores)

struct Batch {
  std::string id;
  std::string org;
  std::string name;
  std::string kind;
  int64_t threshold_fen = 0;
  std::optional<int64_t> amount_fen;
  std::optional<int64_t> percent_off;
  int64_t total = 0;
  int64_t per_member = 0;
  std::string valid_from;
  std::optional<std::string> valid_until;
  std::optional<int64_t> valid_days;
  std::vector<std::string> stores;
  std::string created_at;
  int64_t issued = 0;
  int64_t used = 0;
  int64_t discounted_fen = 0;
};
FORECOURT_FIELDS(Batch, id, org, name, kind, threshold_fen, amount_fen, percent_off, total,
                 per_member, valid_from, valid_until, valid_days, stores, created_at, issued, used,
                 discounted_fen)

fc::Reply create_batch(fc::Call& call, const NewBatch& request);
fc::Reply list_batches(fc::Call& call);
fc::Reply get_batch(fc::Call& call);

}  // namespace coupons
