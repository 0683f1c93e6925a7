#include <forecourt/cpp/plugin.hpp>

#include "lists.hpp"
#include "merchants.hpp"
#include "notify.hpp"
#include "orders.hpp"
#include "settlement.hpp"

using namespace payments;

FORECOURT_PLUGIN("payments", "1.0.0",  //
                 fc::operation<create_merchant>("createMerchant"),
                 fc::operation<list_merchants>("listMerchants"),
                 fc::operation<get_merchant>("getMerchant"),
                 fc::operation<replace_platform_keys>("replacePlatformKeys"),
                 fc::operation<replace_api_v3_key>("replaceApiV3Key"),
                 fc::operation<create_order>("createOrder"), fc::operation<get_order>("getOrder"),
                 fc::operation<close_order>("closeOrder"),
                 fc::operation<verify_callback, receive_callback>("receiveWechatCallback"),
                 fc::operation<list_payments>("listPayments"),
                 fc::operation<list_held>("listHeldPayments"),
                 fc::operation<release_held>("releaseHeldPayment"),
                 fc::operation<list_refunds>("listRefunds"),
                 fc::operation<list_exceptions>("listExceptions"))
