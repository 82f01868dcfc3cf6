-- Orders: what an admin asked for and a server has still to carry out or to write down. One stands here from the transaction of its
-- record until it is on that server's disk, so that a server that was killed in between finishes it when it starts.
CREATE TABLE orders (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    server text NOT NULL CHECK (length(server) BETWEEN 1 AND 64),
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    body text NOT NULL CHECK (length(body) <= 1048576),
    at bigint NOT NULL
);

ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY given_by_admins ON orders FOR INSERT TO palisade_runtime
    WITH CHECK ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY read_by_service ON orders FOR SELECT TO palisade_runtime USING ((SELECT palisade.is_service()));
CREATE POLICY ended_by_service ON orders FOR DELETE TO palisade_runtime USING ((SELECT palisade.is_service()));
GRANT SELECT, INSERT, DELETE ON orders TO palisade_runtime;
