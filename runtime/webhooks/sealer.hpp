#pragma once

#include "secrets/keyring.hpp"
#include "webhooks/webhook.hpp"

namespace forecourt::webhooks {

/// Seals secrets of webhooks in the host's own table as those of plugins are, under keys no plugin
/// has.
Sealer make_sealer(const secrets::Keyring& keys);

/// Seals anew what rests under a former key, so that it need not be kept for this. How many.
Result<size_t> reseal(storage::Session& session, const Sealer& sealer);

}  // namespace forecourt::webhooks
