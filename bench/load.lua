-- A script for wrk: send the form in the file given after `--` in each POST request, and print the results as one line of JSON.

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Accept"] = "application/sparql-results+json"
  file:close()
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"seconds": %.6f, "responses": %d, "bytes": %d, "mean": %.6f, "p50": %.6f, "p95": %.6f, "p99": %.6f, "status_errors": %d, "socket_errors": %d, "timeouts": %d}\n',
    summary.duration / 1e6, summary.requests, summary.bytes, latency.mean / 1e6, latency:percentile(50) / 1e6,
    latency:percentile(95) / 1e6, latency:percentile(99) / 1e6, errors.status,
    errors.connect + errors.read + errors.write, errors.timeout))
end
