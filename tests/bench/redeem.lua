-- wrk script: each request redeems the next code of the file. Arguments: codes file, skip, key, prefix, idempotency, and how
-- many at most: the thread stops after them.
local codes = {}
local at = 0
local prefix, key, idempotent

function init(args)
  local skip = tonumber(args[2])
  key, prefix, idempotent = args[3], args[4], args[5] == "yes"
  local most = tonumber(args[6]) or 400000
  local n = 0
  for line in io.lines(args[1]) do
    n = n + 1
    if n > skip then codes[#codes + 1] = line end
    if #codes == most then break end
  end
end

function response()
  if at >= #codes then wrk.thread:stop() end
end

function request()
  at = math.min(at + 1, #codes)
  local code = codes[at]
  local number = prefix .. "-" .. code
  local headers = { ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json" }
  if idempotent then headers["Idempotency-Key"] = '"' .. number .. '"' end
  return wrk.format("POST", "/v1/coupons/coupons/" .. code .. "/redeem", headers,
    '{"request_no":"' .. number .. '","store":"store-12","order_amount_fen":9900}')
end
