-- wrk's part: requests made beforehand, one a line (token, tab, body), sent in turn; the result as one line of JSON.
-- The second argument "check" looks at every answer for errors, which costs wrk time: not while measuring. A number there is
-- how many milliseconds a connection waits between an answer and its next request, on average.
local prepared, turn = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local token, body = line:match("^([^\t]+)\t(.*)$")
    local headers = {["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json"}
    prepared[#prepared + 1] = wrk.format("POST", "/graphql", headers, body)
  end
  if args[2] == "check" then
    response = function(status, _, body)
      if status ~= 200 or body:find('"errors"', 1, true) then
        io.stderr:write("answer " .. status .. ": " .. body:sub(1, 300) .. "\n")
      end
    end
  end
  local pause = tonumber(args[2])
  if pause then
    math.randomseed(1)
    delay = function()
      return math.floor(2 * pause * math.random() + 0.5)
    end
  end
end

function request()
  turn = turn % #prepared + 1
  return prepared[turn]
end

function done(summary, latency)
  local wrong = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout
  ))
end
