-- wrk script: each request redeems the next code of the file. Arguments: codes file, skip, key, prefix, idempotency.
local codes = {}
local at = 0
local prefix, key, idempotent

function init(args)
  local skip = tonumber(args[2])
  key, prefix, idempotent = args[3], args[4], args[5] == "yes"
  local n = 0
  for line in io.lines(args[1]) do
    n = n + 1
    if n > skip then codes[#codes + 1] = line end
    if #codes == 400000 then break end
  end
end

function request()
  at = at + 1
  local code = codes[at]
  local number = prefix .. "-" .. code
  local headers = { ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json" }
  if idempotent then headers["Idempotency-Key"] = '"' .. number .. '"' end
  return wrk.format("POST", "/v1/coupons/coupons/" .. code .. "/redeem", headers,
    '{"request_no":"' .. number .. '","store":"store-12","order_amount_fen":9900}')
end
