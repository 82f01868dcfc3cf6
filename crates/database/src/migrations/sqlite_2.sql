-- Orders: what an admin asked for and a server has still to carry out or to write down. One stands here from the transaction of its
-- record until it is on that server's disk, so that a server that was killed in between finishes it when it starts.
CREATE TABLE _orders (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
    server TEXT NOT NULL CHECK (length(server) BETWEEN 1 AND 64),
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    body TEXT NOT NULL CHECK (length(body) <= 1048576),
    at BIGINT NOT NULL
);
