#include <forecourt/cpp/plugin.hpp>

#include "activity.hpp"
#include "callback.hpp"
#include "corps.hpp"
#include "groups.hpp"
#include "members.hpp"
#include "snapshot.hpp"

using namespace community;

FORECOURT_PLUGIN("community", "1.0.0",  //
                 fc::operation<create_corp>("createCorp"), fc::operation<list_corps>("listCorps"),
                 fc::operation<replace_corp_secrets>("replaceCorpSecrets"),
                 fc::operation<verify_url>("verifyCallbackUrl"),
                 fc::operation<verify_callback, receive_callback>("receiveCallback"),
                 fc::operation<list_groups>("listGroups"), fc::operation<get_group>("getGroup"),
                 fc::operation<list_members>("listGroupMembers"),
                 fc::operation<resynchronise>("resynchroniseGroup"),
                 fc::operation<set_customer>("setGroupCustomer"),
                 fc::operation<list_activity>("listGroupActivity"),
                 fc::event<note_redemption>("coupons.coupon.redeemed"))
