-- What changed in the book since a version, oldest first.
--
-- KEYS: version, book, log. ARGV: an epoch for a new book, the version that is known, the most entries.
-- Answers the epoch of the book, then two per entry: its version, its JSON.
local version, book, log = unpack(KEYS)
if redis.call('HSETNX', version, 'epoch', ARGV[1]) == 1 then
  return { ARGV[1] }
end
local number, known = tonumber(redis.call('HGET', version, 'n') or '0'), tonumber(ARGV[2])
if number < known then
  -- A replica that had not all of it took over: as if it were another book, so that all say again what they know.
  redis.call('HSET', version, 'epoch', ARGV[1])
end
local answer = { redis.call('HGET', version, 'epoch') }
if number <= known then
  return answer
end
local since, last = '(' .. ARGV[2], string.format('%.0f', number)
local changed = redis.call('ZRANGEBYSCORE', log, since, last, 'WITHSCORES', 'LIMIT', 0, ARGV[3])
for i = 1, #changed, 2 do
  local entry = redis.call('HGET', book, changed[i]) or ''
  answer[#answer + 1] = changed[i + 1]
  answer[#answer + 1] = string.match(entry, '^%a+ %d+ %d+ (.*)$') or ''
end
return answer
