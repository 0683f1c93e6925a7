// A WeChat Pay callback: "<kind><body>". A body nobody encrypted for us never opens; whatever a
// resource says is read.

#include "fuzz.hpp"
#include "wechat_callback.hpp"
#include "wechat_resource.hpp"

namespace {

void read_headers(std::string_view input) {
  payments::wechat::Headers headers;
  std::string_view* const fields[] = {&headers.timestamp, &headers.nonce, &headers.signature,
                                      &headers.serial, &headers.signature_type};
  for (std::string_view* field : fields) {
    const size_t end = input.find('\n');
    *field = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  }
  constexpr int64_t k_now_ms = 1'700'000'000'000;
  if (payments::wechat::check_headers(headers, k_now_ms)) return;
  fuzz::must(!headers.nonce.empty() && !headers.serial.empty() && !headers.signature.empty(),
             "headers that are let through are there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input = fuzz::text(data, size);
  switch (fuzz::take(input, 3)) {
    case 0: read_headers(input); break;
    case 1:
      fuzz::must(!payments::wechat::open(input, "0123456789abcdef0123456789abcdef"),
                 "only what was sealed with the key opens");
      break;
    default:
      try {
        const fc::Json resource = fc::Json::parse(input);
        const auto paid = payments::wechat::read_transaction(resource, "wx1");
        if (paid.complete()) fuzz::must(paid.amount_fen.has_value(), "a payment has an amount");
        (void)payments::wechat::read_refund(resource).complete();
      } catch (const fc::Error&) {
      }
  }
  return 0;
}
