CREATE TABLE requests (
    -- Never given twice, so that a cursor survives what happens meanwhile.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Nanoseconds since the Unix epoch.
    time INTEGER NOT NULL,
    request_id BLOB NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    route TEXT,
    address TEXT,
    country TEXT,
    region TEXT,
    city TEXT,
    user_agent TEXT,
    session BLOB,
    user TEXT,
    status INTEGER,
    code TEXT,
    -- Nanoseconds.
    response_time INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    ended TEXT NOT NULL
) STRICT;

CREATE INDEX requests_by_time ON requests (time);

-- Where a client is may be learnt after its request was stored.
CREATE INDEX requests_by_request_id ON requests (request_id);
