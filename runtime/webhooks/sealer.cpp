#include "webhooks/sealer.hpp"

#include <array>
#include <memory>

#include "base/ids.hpp"
#include "secrets/secret_box.hpp"
#include "webhooks/webhooks.hpp"

namespace forecourt::webhooks {

using secrets::SecretBox;

Sealer make_sealer(const secrets::Keyring& keys) {
  // The subscriber's name is no plugin's id.
  auto box = std::make_shared<const SecretBox>(keys, Webhooks::k_subscriber);
  Sealer sealer;
  sealer.seal = [box](std::string_view context, std::string_view plain) {
    std::array<uint8_t, 24> fresh;
    fill_random(fresh);
    std::string sealed(SecretBox::sealed_size(plain.size()), '\0');
    box->seal(fresh, context, plain, reinterpret_cast<uint8_t*>(sealed.data()));
    return sealed;
  };
  sealer.open = [box](std::string_view context,
                      std::string_view sealed) -> std::optional<std::string> {
    const auto size = SecretBox::plain_size(sealed);
    if (!size) return std::nullopt;
    std::string plain(*size, '\0');
    if (!box->open(context, sealed, reinterpret_cast<uint8_t*>(plain.data()))) return std::nullopt;
    return plain;
  };
  sealer.is_outdated = [box](std::string_view sealed) { return box->is_outdated(sealed); };
  return sealer;
}

Result<size_t> reseal(storage::Session& session, const Sealer& sealer) {
  auto webhooks = load_webhooks(session);
  if (!webhooks) return webhooks.error();
  size_t changed = 0;
  for (Webhook& webhook : *webhooks) {
    size_t texts = 0;
    for (std::string* sealed : {&webhook.secret, &webhook.former}) {
      if (sealed->empty() || !sealer.is_outdated(*sealed)) continue;
      // What does not open is left as it is: its key may come back.
      const auto plain = sealer.open(webhook.id, *sealed);
      if (!plain) continue;
      *sealed = sealer.seal(webhook.id, *plain);
      ++texts;
    }
    if (texts == 0) continue;
    if (auto updated = update_webhook(session, webhook); !updated) return updated.error();
    ++changed;
  }
  return changed;
}

}  // namespace forecourt::webhooks
