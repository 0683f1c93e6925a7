#include "app/sealer.hpp"

#include <memory>

#include "base/ids.hpp"
#include "plugin/secret_box.hpp"

namespace forecourt::app {

using plugin::SecretBox;

webhooks::Sealer make_sealer(const std::array<uint8_t, 32>& secrets_key, const std::string& owner) {
  auto box = std::make_shared<const SecretBox>(secrets_key, owner);
  webhooks::Sealer sealer;
  sealer.seal = [box](std::string_view context, std::string_view plain) {
    std::array<uint8_t, 24> fresh;
    fill_random(fresh);
    std::string sealed(plain.size() + SecretBox::k_overhead, '\0');
    box->seal(fresh, context, plain, reinterpret_cast<uint8_t*>(sealed.data()));
    return sealed;
  };
  sealer.open = [box](std::string_view context,
                      std::string_view sealed) -> std::optional<std::string> {
    if (sealed.size() < SecretBox::k_overhead) return std::nullopt;
    std::string plain(sealed.size() - SecretBox::k_overhead, '\0');
    if (!box->open(context, sealed, reinterpret_cast<uint8_t*>(plain.data()))) return std::nullopt;
    return plain;
  };
  return sealer;
}

}  // namespace forecourt::app
