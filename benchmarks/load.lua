-- What wrk asks: the requests of a file, one a line, drawn at random; the figures come back as one line of JSON.
-- Arguments: the file, the method, and for POST the file of the body.
local paths, body = {}, nil

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  wrk.method = args[2]
  if args[3] then
    local file = io.open(args[3], "rb")
    body = file:read("*a")
    file:close()
    wrk.headers["Content-Type"] = "application/json"
  end
  math.randomseed(1)
end

function request() return wrk.format(nil, paths[math.random(#paths)], nil, body) end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"p50":%.2f,"p95":%.2f,"p99":%.2f,"status":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    latency:percentile(99) / 1000, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
