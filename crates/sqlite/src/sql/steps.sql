SELECT max(time, 0) / {step} AS step, count(*), count(code), count(DISTINCT session)
FROM requests {where}
GROUP BY step
ORDER BY step DESC
LIMIT ?
