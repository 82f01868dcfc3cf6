-- Adds violations of one offender, and says whether all instances together have seen too many within the window.
--
-- The window is counted in 32 parts, so what is kept has a bound whatever the threshold; a violation counts for the window or up
-- to one part less. Who is told that it was too many is the only one: the count begins anew.
--
-- KEYS: a hash of part:kind -> count. ARGV: window in milliseconds, threshold, weight, counts of the four kinds.
-- Answers nothing, or: weight, when the first was in milliseconds, when the last was, counts of the four kinds.
local key = KEYS[1]
local window, threshold = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local width = math.max(math.ceil(window / 32), 1)
local part = math.floor(now / width)
for kind = 0, 4 do
  if tonumber(ARGV[3 + kind]) > 0 then
    redis.call('HINCRBY', key, string.format('%.0f:%d', part, kind), ARGV[3 + kind])
  end
end
redis.call('PEXPIRE', key, string.format('%.0f', window))
local sums, first = { 0, 0, 0, 0, 0 }, now
local counts = redis.call('HGETALL', key)
for i = 1, #counts, 2 do
  local began, kind = string.match(counts[i], '^(%d+):(%d)$')
  began = began and began * width or 0
  if began < now - window then
    redis.call('HDEL', key, counts[i])
  else
    sums[kind + 1] = sums[kind + 1] + counts[i + 1]
    first = math.min(first, began)
  end
end
if sums[1] <= threshold then
  return {}
end
redis.call('DEL', key)
return { sums[1], first, now, sums[2], sums[3], sums[4], sums[5] }
