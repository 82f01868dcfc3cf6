SELECT
    count(*),
    count(code),
    count(*) FILTER (WHERE ended <> 'whole'),
    -- A sum of whole numbers would fail beyond 2^63; this one is exact up to 2^53 and then loses digits.
    CAST(total(bytes) AS INTEGER),
    count(DISTINCT session),
    count(DISTINCT user),
    count(DISTINCT address),
    max(response_time)
FROM requests {where}
