SELECT place, response_time FROM
    (SELECT response_time, row_number() OVER (ORDER BY response_time) AS place FROM requests {where})
WHERE place IN (?, ?, ?)
