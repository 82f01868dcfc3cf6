-- API keys, what users were signed out of, and tickets for streams: kept here, so that all instances on one database obey the same.

CREATE TABLE api_keys (
    id text PRIMARY KEY CHECK (id ~ '^[0-9a-z]{12}$'),
    -- What `palisade-authn-api-key` stores of a key: digests, and no secret.
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 65536),
    -- Counts the changes of this key: of two that are made at once, one is refused.
    revision bigint NOT NULL CHECK (revision > 0),
    changed_at bigint NOT NULL,
    last_used bigint
);
CREATE TABLE sign_outs (
    -- By the trigger, in the order in which transactions end: who follows misses none.
    number bigint PRIMARY KEY,
    user_id text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 8192),
    -- Who issued the tokens, where the name of the user does not say so.
    issuer text CHECK (length(issuer) <= 8192),
    -- The SHA-256 of a token; none for all that were issued to the user by `issued_until`.
    token text CHECK (token ~ '^[0-9a-f]{64}$'),
    issued_until bigint,
    ends_at bigint NOT NULL,
    CHECK (token IS NOT NULL OR issued_until IS NOT NULL)
);
CREATE INDEX sign_outs_by_end ON sign_outs (ends_at);
INSERT INTO revisions VALUES ('api_keys', 0), ('sign_outs', 0);
CREATE TABLE stream_tickets (
    -- The SHA-256 of the ticket.
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    user_id text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 8192),
    -- What it stands for, sealed by a key that is made of the ticket.
    sealed bytea NOT NULL CHECK (octet_length(sealed) <= 262144),
    ends_at bigint NOT NULL
);
CREATE INDEX stream_tickets_by_end ON stream_tickets (ends_at);
CREATE INDEX stream_tickets_by_user ON stream_tickets (user_id);
-- What all instances know, and nobody else.
CREATE TABLE shared_keys (
    name text PRIMARY KEY,
    key bytea NOT NULL CHECK (octet_length(key) = 32)
);
INSERT INTO shared_keys VALUES ('stream-tickets', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

CREATE FUNCTION palisade.api_keys_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ BEGIN UPDATE revisions SET revision = revision + 1 WHERE name = 'api_keys'; RETURN NULL; END $$;
-- When a key was last used is no change.
CREATE TRIGGER api_keys_changed AFTER INSERT OR UPDATE OF body OR DELETE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION palisade.api_keys_changed();
-- The row of the revision is locked until the transaction ends, so no number is seen before a lower one.
CREATE FUNCTION palisade.sign_out_numbered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ BEGIN UPDATE revisions SET revision = revision + 1 WHERE name = 'sign_outs' RETURNING revision INTO new.number; RETURN new; END $$;
CREATE TRIGGER sign_out_numbered BEFORE INSERT ON sign_outs FOR EACH ROW EXECUTE FUNCTION palisade.sign_out_numbered();
REVOKE ALL ON FUNCTION palisade.api_keys_changed(), palisade.sign_out_numbered() FROM PUBLIC;

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sign_outs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE stream_tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE shared_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY kept_by_admins ON api_keys TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY of_oneself ON sign_outs FOR INSERT TO palisade_runtime
    WITH CHECK (user_id = (SELECT auth.uid())::text OR (SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY followed_by_service ON sign_outs FOR SELECT TO palisade_runtime USING ((SELECT palisade.is_service()));
CREATE POLICY cleaned_by_service ON sign_outs FOR DELETE TO palisade_runtime USING ((SELECT palisade.is_service()));

CREATE POLICY kept_by_service ON stream_tickets TO palisade_runtime USING ((SELECT palisade.is_service()));
CREATE POLICY read_by_service ON shared_keys FOR SELECT TO palisade_runtime USING ((SELECT palisade.is_service()));

GRANT SELECT, INSERT, UPDATE ON api_keys TO palisade_runtime;
GRANT SELECT, INSERT, DELETE ON sign_outs, stream_tickets TO palisade_runtime;
GRANT SELECT ON shared_keys TO palisade_runtime;
