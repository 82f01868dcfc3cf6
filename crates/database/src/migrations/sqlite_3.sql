-- API keys, what users were signed out of, and tickets for streams, as on PostgreSQL.

CREATE TABLE _api_keys (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 12 AND id NOT GLOB '*[^0-9a-z]*'),
    -- What `palisade-authn-api-key` stores of a key: digests, and no secret.
    body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 65536),
    -- Counts the changes of this key: of two that are made at once, one is refused.
    revision BIGINT NOT NULL CHECK (revision > 0),
    changed_at BIGINT NOT NULL,
    last_used BIGINT
);
CREATE TABLE _sign_outs (
    -- By the trigger of the view.
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL CHECK (length(user_id) BETWEEN 1 AND 8192),
    -- Who issued the tokens, where the name of the user does not say so.
    issuer TEXT CHECK (length(issuer) <= 8192),
    -- The SHA-256 of a token; none for all that were issued to the user by `issued_until`.
    token TEXT CHECK (length(token) = 64 AND token NOT GLOB '*[^0-9a-f]*'),
    issued_until BIGINT,
    ends_at BIGINT NOT NULL,
    CHECK (token IS NOT NULL OR issued_until IS NOT NULL)
);
CREATE INDEX _sign_outs_by_end ON _sign_outs (ends_at);
INSERT INTO _revisions VALUES ('api_keys', 0), ('sign_outs', 0);
CREATE TABLE _stream_tickets (
    -- The SHA-256 of the ticket.
    digest TEXT PRIMARY KEY NOT NULL CHECK (length(digest) = 64 AND digest NOT GLOB '*[^0-9a-f]*'),
    user_id TEXT NOT NULL CHECK (length(user_id) BETWEEN 1 AND 8192),
    -- What it stands for, sealed by a key that is made of the ticket.
    sealed BLOB NOT NULL CHECK (length(sealed) <= 262144),
    ends_at BIGINT NOT NULL
);
CREATE INDEX _stream_tickets_by_end ON _stream_tickets (ends_at);
CREATE INDEX _stream_tickets_by_user ON _stream_tickets (user_id);
-- What all processes on it know, and nobody else.
CREATE TABLE _shared_keys (
    name TEXT PRIMARY KEY NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32)
);
INSERT INTO _shared_keys VALUES ('stream-tickets', randomblob(32));
CREATE TRIGGER _api_keys_added AFTER INSERT ON _api_keys BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'api_keys'; END;
-- When a key was last used is no change.
CREATE TRIGGER _api_keys_changed AFTER UPDATE ON _api_keys WHEN new.body IS NOT old.body OR new.revision IS NOT old.revision
BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'api_keys'; END;
CREATE TRIGGER _api_keys_removed AFTER DELETE ON _api_keys BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'api_keys'; END;
