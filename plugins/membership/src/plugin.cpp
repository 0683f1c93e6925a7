#include <forecourt/cpp/plugin.hpp>

#include "adjust.hpp"
#include "coupon_issued.hpp"
#include "ledger.hpp"
#include "member.hpp"
#include "payment.hpp"

FORECOURT_PLUGIN("membership", "1.0.0",  //
                 fc::operation<membership::list_members>("listMembers"),
                 fc::operation<membership::get_member>("getMember"),
                 fc::operation<membership::list_ledger>("listLedger"),
                 fc::operation<membership::adjust_points>("adjustPoints"),
                 fc::event<membership::credit_payment>("payments.payment.verified"),
                 fc::event<membership::see_coupon_holder>("coupons.coupon.issued"))
