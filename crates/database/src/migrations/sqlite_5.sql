-- The virtual file system: mounts, their rules, and which object is the file at a path. Content is kept elsewhere, under random ids.
-- Names and keys are compared and ordered byte by byte. PostgreSQL keeps no text with a NUL in it, and so neither does this.

CREATE TABLE _vfs_mounts (
    name TEXT PRIMARY KEY NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 1024 AND instr(name, char(0)) = 0),
    owner TEXT CHECK (octet_length(owner) BETWEEN 1 AND 2048 AND instr(owner, char(0)) = 0),
    default_access TEXT NOT NULL CHECK (default_access IN ('nothing', 'read')),
    case_policy TEXT NOT NULL CHECK (case_policy IN ('sensitive', 'folded')),
    created_at BIGINT NOT NULL,
    created_by TEXT,
    -- Written by who removes it with its files: these become orphans then.
    emptied_at BIGINT,
    UNIQUE (name, case_policy)
);
CREATE TABLE _vfs_rules (
    id TEXT PRIMARY KEY NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 64 AND instr(id, char(0)) = 0),
    mount TEXT NOT NULL REFERENCES _vfs_mounts ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'revoke', 'deny')),
    principal TEXT NOT NULL CHECK (octet_length(principal) BETWEEN 1 AND 2048 AND instr(principal, char(0)) = 0),
    actions TEXT NOT NULL CHECK (octet_length(actions) BETWEEN 1 AND 64 AND instr(actions, char(0)) = 0),
    scope TEXT NOT NULL CHECK (scope IN ('all', 'under', 'matching')),
    scope_text TEXT CHECK (octet_length(scope_text) BETWEEN 1 AND 1024 AND instr(scope_text, char(0)) = 0),
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT,
    CHECK ((scope = 'all') = (scope_text IS NULL))
);
CREATE INDEX _vfs_rules_by_mount ON _vfs_rules (mount, id);
-- A key is made by the mount's case policy, so a mount with files keeps its own: `case_policy` is here for that alone.
CREATE TABLE _vfs_files (
    mount TEXT NOT NULL,
    key TEXT NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 2600 - octet_length(mount) AND instr(key, char(0)) = 0),
    case_policy TEXT NOT NULL,
    path TEXT NOT NULL CHECK (octet_length(path) BETWEEN 1 AND 1024 AND instr(path, char(0)) = 0),
    object TEXT NOT NULL UNIQUE CHECK (length(object) = 32 AND object NOT GLOB '*[^0-9a-f]*'),
    length BIGINT NOT NULL CHECK (length >= 0),
    content_type TEXT NOT NULL CHECK (octet_length(content_type) BETWEEN 1 AND 255 AND instr(content_type, char(0)) = 0),
    modified_at BIGINT NOT NULL,
    written_by TEXT CHECK (octet_length(written_by) BETWEEN 1 AND 2048 AND instr(written_by, char(0)) = 0),
    revision BIGINT NOT NULL CHECK (revision > 0),
    PRIMARY KEY (mount, key),
    FOREIGN KEY (mount, case_policy) REFERENCES _vfs_mounts (name, case_policy)
) WITHOUT ROWID;
-- Objects that are written and not yet a file, or a file no more.
CREATE TABLE _vfs_orphans (
    object TEXT PRIMARY KEY NOT NULL CHECK (length(object) = 32 AND object NOT GLOB '*[^0-9a-f]*'),
    since BIGINT NOT NULL,
    -- Since when somebody deletes it: it becomes no file any more.
    taken_at BIGINT
) WITHOUT ROWID;
CREATE INDEX _vfs_orphans_by_age ON _vfs_orphans (since, object);

INSERT INTO _revisions VALUES ('vfs', 0);
CREATE TRIGGER _vfs_mounts_added AFTER INSERT ON _vfs_mounts BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs'; END;
CREATE TRIGGER _vfs_mounts_changed AFTER UPDATE ON _vfs_mounts BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs'; END;
CREATE TRIGGER _vfs_mounts_removed AFTER DELETE ON _vfs_mounts BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs'; END;
CREATE TRIGGER _vfs_rules_added AFTER INSERT ON _vfs_rules BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs'; END;
CREATE TRIGGER _vfs_rules_changed AFTER UPDATE ON _vfs_rules BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs'; END;
CREATE TRIGGER _vfs_rules_removed AFTER DELETE ON _vfs_rules BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs'; END;

CREATE TRIGGER _vfs_emptied AFTER UPDATE OF emptied_at ON _vfs_mounts WHEN new.emptied_at IS NOT old.emptied_at BEGIN
    INSERT INTO _vfs_orphans (object, since) SELECT object, new.emptied_at FROM _vfs_files WHERE mount = new.name;
    DELETE FROM _vfs_files WHERE mount = new.name;
END;
