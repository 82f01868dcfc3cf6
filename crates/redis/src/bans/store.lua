-- Writes changes of bans into the book that instances share, tells those that were news, and drops what is over.
--
-- KEYS: version (a hash: epoch, n), book (field -> kind at ends json), log (field by version), ends (field by end).
-- ARGV: an epoch for a new book, the channel, the most entries, then five per change: field, kind (`ban`, `order`, which is a ban by a
-- person, or `lift`), when it was, when it ends (both in milliseconds, 0: never), and its JSON. Answers how many found no room.
local version, book, log, ends = unpack(KEYS)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, field in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 200)) do
  redis.call('HDEL', book, field)
  redis.call('ZREM', log, field)
  redis.call('ZREM', ends, field)
end
redis.call('HSETNX', version, 'epoch', ARGV[1])

-- A lift beats a ban that is not newer, a ban a lift that is older. Of two bans a person's beats what is older, and is beaten by
-- nothing that is; else the one that lasts longer holds. What nobody can read is no entry.
local function wins(kind, at, till, known)
  local known_kind, known_at, known_till = string.match(known, '^(%a+) (%d+) (%d+) ')
  if not known_at then
    return true
  end
  known_at, known_till = tonumber(known_at), tonumber(known_till)
  if kind == 'lift' then
    return at > known_at or at == known_at and known_kind ~= 'lift'
  elseif known_kind == 'lift' then
    return at > known_at
  elseif kind == 'order' and at > known_at then
    return true
  elseif known_kind == 'order' and at < known_at then
    return false
  end
  return known_till ~= 0 and (till == 0 or till > known_till)
end

local full = 0
for i = 4, #ARGV, 5 do
  local field, kind, at, till, text = unpack(ARGV, i, i + 4)
  local known = redis.call('HGET', book, field)
  local news = tonumber(till) == 0 or tonumber(till) > now
  if news and known then
    news = wins(kind, tonumber(at), tonumber(till), known)
  elseif news and redis.call('HLEN', book) >= tonumber(ARGV[3]) then
    news, full = false, full + 1
  end
  if news then
    local number = redis.call('HINCRBY', version, 'n', 1)
    redis.call('HSET', book, field, kind .. ' ' .. at .. ' ' .. till .. ' ' .. text)
    redis.call('ZADD', log, number, field)
    if till == '0' then
      redis.call('ZREM', ends, field)
    else
      redis.call('ZADD', ends, till, field)
    end
    redis.call('PUBLISH', ARGV[2], text)
  end
end
return full
