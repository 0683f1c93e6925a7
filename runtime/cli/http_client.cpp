#include "cli/http_client.hpp"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>

namespace forecourt::cli {
namespace {

/// A change of mode copies a store meanwhile, for a quarter of an hour at most.
constexpr long k_timeout_seconds = 960;
constexpr long k_connect_timeout_seconds = 10;

size_t append(const char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

struct Headers {
  curl_slist* list = nullptr;
  ~Headers() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

}  // namespace

Result<Reply> request(const std::string& method, const std::string& url, const std::string& key,
                      const std::string& body) {
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), curl_easy_cleanup);
  if (!handle) return internal("libcurl did not start");
  CURL* curl = handle.get();
  Headers headers;
  headers.add("Authorization: Bearer " + key);
  headers.add("Expect:");
  if (!body.empty()) headers.add("Content-Type: application/json");
  Reply reply;
  if (const char* authorities = std::getenv("SSL_CERT_FILE"); authorities && *authorities)
    curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // The key goes to this host and nowhere else.
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "127.0.0.1,localhost,::1");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
  if (!body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, k_connect_timeout_seconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, k_timeout_seconds);
  if (const CURLcode failed = curl_easy_perform(curl); failed != CURLE_OK) {
    return Error{Code::unavailable, url + ": " + (why[0] ? why : curl_easy_strerror(failed))};
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

}  // namespace forecourt::cli
