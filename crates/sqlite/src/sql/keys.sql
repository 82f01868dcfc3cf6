-- Signs in front of the column: in the order of an index by it, each row would be looked up for its time.
SELECT {shown} AS key, count(*) AS count
FROM requests {where}
GROUP BY +{column}
HAVING +{column} IS NOT NULL
ORDER BY count DESC, key
LIMIT ?
