-- The same tables as on PostgreSQL. Each has an underscore before its name: the name without it is a view that holds the rules
-- of `policies/sqlite.sql`, and all that the server says goes through those.

CREATE TABLE _users (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 512),
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
CREATE TABLE _user_roles (
    user_id TEXT NOT NULL REFERENCES _users ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (length(role) BETWEEN 1 AND 64),
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, role)
) WITHOUT ROWID;
CREATE TABLE _user_secrets (
    user_id TEXT NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64 AND name NOT GLOB '*[^a-z0-9_-]*'),
    sealed BLOB NOT NULL CHECK (length(sealed) <= 65536),
    last_characters TEXT CHECK (length(last_characters) <= 4),
    revision BIGINT NOT NULL CHECK (revision > 0),
    key_version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE TABLE _organisations (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
    slug TEXT NOT NULL UNIQUE
        CHECK (length(slug) BETWEEN 1 AND 63 AND slug NOT GLOB '*[^a-z0-9-]*' AND slug NOT GLOB '-*' AND slug NOT GLOB '*-'),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE _organisation_members (
    organisation_id TEXT NOT NULL REFERENCES _organisations ON DELETE CASCADE,
    user_id TEXT NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    since BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, user_id)
) WITHOUT ROWID;
CREATE INDEX _organisation_members_by_user ON _organisation_members (user_id);
CREATE TABLE _pages (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
    organisation_id TEXT REFERENCES _organisations ON DELETE CASCADE,
    owner_id TEXT NOT NULL CHECK (length(owner_id) BETWEEN 1 AND 512),
    slug TEXT NOT NULL CHECK (length(slug) BETWEEN 1 AND 200),
    title TEXT NOT NULL CHECK (length(title) <= 500),
    body TEXT NOT NULL CHECK (length(body) <= 1048576),
    published BIGINT NOT NULL DEFAULT 0 CHECK (published IN (0, 1)),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner_id, slug)
);
CREATE INDEX _pages_by_organisation ON _pages (organisation_id) WHERE organisation_id IS NOT NULL;
CREATE TABLE _page_collaborators (
    page_id TEXT NOT NULL REFERENCES _pages ON DELETE CASCADE,
    user_id TEXT NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor')),
    since BIGINT NOT NULL,
    PRIMARY KEY (page_id, user_id)
);
CREATE INDEX _page_collaborators_by_user ON _page_collaborators (user_id);
-- Counted up with each change of what other instances keep in memory.
CREATE TABLE _revisions (
    name TEXT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL
);
INSERT INTO _revisions VALUES ('users', 0);
CREATE TRIGGER _users_added AFTER INSERT ON _users BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'users'; END;
CREATE TRIGGER _users_changed AFTER UPDATE ON _users BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'users'; END;
CREATE TRIGGER _users_removed AFTER DELETE ON _users BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'users'; END;
CREATE TRIGGER _user_roles_added AFTER INSERT ON _user_roles BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'users'; END;
CREATE TRIGGER _user_roles_removed AFTER DELETE ON _user_roles BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'users'; END;

-- What was done: one chain of records (`palisade-audit`, docs/format.md). It is added to and never changed, but for what is erased of
-- a person.
CREATE TABLE _audit_identity (id BLOB NOT NULL CHECK (length(id) = 32));
INSERT INTO _audit_identity VALUES (randomblob(32));
CREATE TABLE _audit_log (
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    time BIGINT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    request_id TEXT,
    actor_kind TEXT NOT NULL,
    actor_issuer TEXT,
    actor_seal BLOB,
    actor_salt BLOB,
    actor_subject TEXT,
    actor_address TEXT,
    actor_user_agent TEXT,
    behalf_issuer TEXT,
    behalf_seal BLOB,
    behalf_salt BLOB,
    behalf_subject TEXT,
    target_kind TEXT,
    target_issuer TEXT,
    target_seal BLOB,
    target_salt BLOB,
    target_id TEXT,
    words_seal BLOB,
    words_salt BLOB,
    reason TEXT,
    details TEXT,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX _audit_log_by_time ON _audit_log (time);
CREATE INDEX _audit_log_by_actor ON _audit_log (actor_subject) WHERE actor_subject IS NOT NULL;
CREATE INDEX _audit_log_by_behalf ON _audit_log (behalf_subject) WHERE behalf_subject IS NOT NULL;
CREATE INDEX _audit_log_by_target ON _audit_log (target_id) WHERE target_id IS NOT NULL;
CREATE TRIGGER _audit_follows BEFORE INSERT ON _audit_log
WHEN new.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM _audit_log)
    OR new.previous <> coalesce((SELECT hash FROM _audit_log ORDER BY sequence DESC LIMIT 1), (SELECT id FROM _audit_identity))
BEGIN SELECT raise(ABORT, 'a record of the audit log follows the last one'); END;
CREATE TRIGGER _audit_is_not_deleted BEFORE DELETE ON _audit_log
BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
-- What can be erased becomes nothing, and nothing else becomes anything.
CREATE TRIGGER _audit_stays BEFORE UPDATE ON _audit_log
WHEN new.sequence <> old.sequence
    OR new.time IS NOT old.time
    OR new.action IS NOT old.action
    OR new.outcome IS NOT old.outcome
    OR new.code IS NOT old.code
    OR new.request_id IS NOT old.request_id
    OR new.actor_kind IS NOT old.actor_kind
    OR new.actor_issuer IS NOT old.actor_issuer
    OR new.actor_seal IS NOT old.actor_seal
    OR new.behalf_issuer IS NOT old.behalf_issuer
    OR new.behalf_seal IS NOT old.behalf_seal
    OR new.target_kind IS NOT old.target_kind
    OR new.target_issuer IS NOT old.target_issuer
    OR new.target_seal IS NOT old.target_seal
    OR new.words_seal IS NOT old.words_seal
    OR new.previous IS NOT old.previous
    OR new.hash IS NOT old.hash
    OR (new.actor_salt IS NOT NULL AND new.actor_salt IS NOT old.actor_salt)
    OR (new.actor_subject IS NOT NULL AND new.actor_subject IS NOT old.actor_subject)
    OR (new.actor_address IS NOT NULL AND new.actor_address IS NOT old.actor_address)
    OR (new.actor_user_agent IS NOT NULL AND new.actor_user_agent IS NOT old.actor_user_agent)
    OR (new.behalf_salt IS NOT NULL AND new.behalf_salt IS NOT old.behalf_salt)
    OR (new.behalf_subject IS NOT NULL AND new.behalf_subject IS NOT old.behalf_subject)
    OR (new.target_salt IS NOT NULL AND new.target_salt IS NOT old.target_salt)
    OR (new.target_id IS NOT NULL AND new.target_id IS NOT old.target_id)
    OR (new.words_salt IS NOT NULL AND new.words_salt IS NOT old.words_salt)
    OR (new.reason IS NOT NULL AND new.reason IS NOT old.reason)
    OR (new.details IS NOT NULL AND new.details IS NOT old.details)
BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
