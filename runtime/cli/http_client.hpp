#pragma once

#include <string>

#include "base/result.hpp"

namespace forecourt::cli {

struct Reply {
  int status = 0;
  std::string body;
};

/// One request to an admin API, waiting for the answer; at most two minutes. An error when there is
/// none. `method` with an empty body sends none.
Result<Reply> request(const std::string& method, const std::string& url, const std::string& key,
                      const std::string& body = {});

}  // namespace forecourt::cli
