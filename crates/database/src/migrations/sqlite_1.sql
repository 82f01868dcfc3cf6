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
