-- Counts one request against every quota, or against none if one of them refuses (GCRA). A key holds the time at which its quota
-- is whole again, in microseconds by the clock of Redis, and ends at that time.
--
-- KEYS: one per quota, and behind them, where something is given back, one that no other call has.
-- ARGV: five per quota, all whole numbers:
--   1 interval: one request comes back in so many microseconds
--   2 burst: so many fit in the quota
--   3 cost: so many the request counts as
--   4 ahead: so many more are taken if they are there, for requests that did not come yet; at most half of what is left
--   5 back: so many that were taken ahead are given back first
-- Answers four per quota: microseconds to wait until the request fits (0 if it does), requests that are left, microseconds until
-- the quota is whole, and how many were taken ahead.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local quotas, fits = {}, true
-- A call that a client of a cluster sends again, because it does not know whether it came, must not give back twice.
local number = math.floor(#ARGV / 5)
local once = KEYS[number + 1]
local again = once and not redis.call('SET', once, '', 'NX', 'PX', 30000)
for i = 1, number do
  local key = KEYS[i]
  local interval, burst, cost, ahead, back = unpack(ARGV, i * 5 - 4, i * 5)
  back = again and 0 or back
  local quota = { interval = tonumber(interval), ahead = tonumber(ahead) }
  quota.whole = quota.interval * burst
  quota.cost = quota.interval * cost
  local stored = redis.call('GET', key)
  local debt = 0
  if stored then
    if #stored > 16 or string.find(stored, '%D') then
      return redis.error_reply('NOTANUMBER a rate limit holds what is no time')
    end
    debt = math.max(tonumber(stored) - now, 0)
  end
  -- More than all of it is owed only if the clock of Redis went back, or someone else wrote the key. It is put right here, so
  -- that nobody waits for longer than the quota says.
  local owed = math.max(math.min(debt, quota.whole) - quota.interval * back, 0)
  quota.changed = owed ~= debt
  quota.debt = owed
  quota.wait = math.max(owed + quota.cost - quota.whole, 0)
  fits = fits and quota.wait == 0
  quotas[i] = quota
end
local answer = {}
for i, quota in ipairs(quotas) do
  local ahead = 0
  if fits then
    quota.debt = quota.debt + quota.cost
    ahead = math.min(quota.ahead, math.floor((quota.whole - quota.debt) / quota.interval / 2))
    quota.debt = quota.debt + quota.interval * ahead
    quota.changed = quota.changed or quota.cost > 0 or ahead > 0
  end
  if quota.changed and quota.debt > 0 then
    local whole_at = string.format('%.0f', now + quota.debt)
    redis.call('SET', KEYS[i], whole_at, 'PX', string.format('%.0f', math.ceil(quota.debt / 1000)))
  elseif quota.changed then
    redis.call('DEL', KEYS[i])
  end
  local left = math.floor((quota.whole - quota.debt) / quota.interval)
  for _, number in ipairs({ quota.wait, left, quota.debt, ahead }) do
    answer[#answer + 1] = number
  end
end
return answer
