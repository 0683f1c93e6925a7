#pragma once

namespace forecourt::stream {

/// The contract of the stream, as it is served.
const char* openapi_document();

}  // namespace forecourt::stream
