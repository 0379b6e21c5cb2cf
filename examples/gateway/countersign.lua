-- Asks countersign whether a request's bearer is good, and sets txn.allowed, txn.customer and
-- txn.challenge from the answer. No answer is a no.
local url = os.getenv("COUNTERSIGN_VERIFY")

core.register_action("countersign", { "http-req" }, function(txn)
    local sent = txn.http:req_get_headers()["authorization"]
    local headers = {}
    if sent then
        headers["authorization"] = { sent[0], sent[1] }
    end
    local answer = core.httpclient():get({ url = url, headers = headers, timeout = 2000 })
    local function field(name)
        local values = answer and answer.headers and answer.headers[name]
        return values and values[0]
    end
    txn:set_var("txn.allowed", answer ~= nil and answer.status == 200)
    if field("countersign-customer") then
        txn:set_var("txn.customer", field("countersign-customer"))
    end
    if field("www-authenticate") then
        txn:set_var("txn.challenge", field("www-authenticate"))
    end
end)
