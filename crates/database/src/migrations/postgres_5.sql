-- The virtual file system: mounts, their rules, and which object is the file at a path. Content is kept elsewhere, under random ids.
-- Names and keys are compared and ordered byte by byte, whatever the database thinks of letters.

CREATE TABLE vfs_mounts (
    name text COLLATE "C" PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 1024),
    owner text CHECK (octet_length(owner) BETWEEN 1 AND 2048),
    default_access text NOT NULL CHECK (default_access IN ('nothing', 'read')),
    case_policy text COLLATE "C" NOT NULL CHECK (case_policy IN ('sensitive', 'folded')),
    created_at bigint NOT NULL,
    created_by text,
    -- Written by who removes it with its files: these become orphans then.
    emptied_at bigint,
    UNIQUE (name, case_policy)
);
CREATE TABLE vfs_rules (
    id text COLLATE "C" PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 64),
    mount text COLLATE "C" NOT NULL REFERENCES vfs_mounts ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('grant', 'revoke', 'deny')),
    principal text NOT NULL CHECK (octet_length(principal) BETWEEN 1 AND 2048),
    actions text NOT NULL CHECK (octet_length(actions) BETWEEN 1 AND 64),
    scope text NOT NULL CHECK (scope IN ('all', 'under', 'matching')),
    scope_text text CHECK (octet_length(scope_text) BETWEEN 1 AND 1024),
    expires_at bigint,
    created_at bigint NOT NULL,
    created_by text,
    CHECK ((scope = 'all') = (scope_text IS NULL))
);
CREATE INDEX vfs_rules_by_mount ON vfs_rules (mount, id);
-- A key is made by the mount's case policy, so a mount with files keeps its own: `case_policy` is here for that alone.
-- What an index holds is bounded: 2704 bytes.
CREATE TABLE vfs_files (
    mount text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 2600 - octet_length(mount)),
    case_policy text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL CHECK (octet_length(path) BETWEEN 1 AND 1024),
    object text COLLATE "C" NOT NULL UNIQUE CHECK (object ~ '^[0-9a-f]{32}$'),
    length bigint NOT NULL CHECK (length >= 0),
    content_type text NOT NULL CHECK (octet_length(content_type) BETWEEN 1 AND 255),
    modified_at bigint NOT NULL,
    written_by text CHECK (octet_length(written_by) BETWEEN 1 AND 2048),
    revision bigint NOT NULL CHECK (revision > 0),
    PRIMARY KEY (mount, key),
    FOREIGN KEY (mount, case_policy) REFERENCES vfs_mounts (name, case_policy)
);
-- Objects that are written and not yet a file, or a file no more.
CREATE TABLE vfs_orphans (
    object text COLLATE "C" PRIMARY KEY CHECK (object ~ '^[0-9a-f]{32}$'),
    since bigint NOT NULL,
    -- Since when somebody deletes it: it becomes no file any more.
    taken_at bigint
);
CREATE INDEX vfs_orphans_by_age ON vfs_orphans (since, object);

INSERT INTO revisions VALUES ('vfs', 0);
CREATE FUNCTION palisade.vfs_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ BEGIN UPDATE revisions SET revision = revision + 1 WHERE name = 'vfs'; RETURN NULL; END $$;
CREATE TRIGGER vfs_mounts_changed AFTER INSERT OR UPDATE OR DELETE ON vfs_mounts FOR EACH STATEMENT EXECUTE FUNCTION palisade.vfs_changed();
CREATE TRIGGER vfs_rules_changed AFTER INSERT OR UPDATE OR DELETE ON vfs_rules FOR EACH STATEMENT EXECUTE FUNCTION palisade.vfs_changed();

-- Whoever removes a mount sees none of its files: the owner of the tables does it for him. Who is putting a file is waited for, and
-- who comes later finds no mount. Deleted and noted at once: what was put meanwhile is the one that is noted.
CREATE FUNCTION palisade.vfs_emptied() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN
    PERFORM 1 FROM vfs_mounts WHERE name = new.name FOR UPDATE;
    WITH gone AS (DELETE FROM vfs_files WHERE mount = new.name RETURNING object)
    INSERT INTO vfs_orphans (object, since) SELECT object, new.emptied_at FROM gone;
    RETURN NULL;
END $$;
CREATE TRIGGER vfs_emptied AFTER UPDATE OF emptied_at ON vfs_mounts FOR EACH ROW
    WHEN (new.emptied_at IS DISTINCT FROM old.emptied_at) EXECUTE FUNCTION palisade.vfs_emptied();
REVOKE ALL ON FUNCTION palisade.vfs_changed(), palisade.vfs_emptied() FROM PUBLIC;

-- ### Rules

ALTER TABLE vfs_mounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE vfs_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE vfs_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE vfs_orphans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- The owner of the tables is held by the rules too: it empties a mount.
CREATE POLICY asked_by_rules ON vfs_mounts FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY held_when_emptied ON vfs_mounts FOR UPDATE TO CURRENT_USER USING (true);
CREATE POLICY found_when_emptied ON vfs_files FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY removed_when_emptied ON vfs_files FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY noted_when_emptied ON vfs_orphans FOR INSERT TO CURRENT_USER WITH CHECK (true);

CREATE POLICY kept_by_admins ON vfs_mounts TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY kept_by_admins ON vfs_rules TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
-- Who may do what with a path is said by rules that are no rows' own: the service asks those first.
CREATE POLICY kept_by_service ON vfs_files TO palisade_runtime USING ((SELECT palisade.is_service()));
CREATE POLICY kept_by_service ON vfs_orphans TO palisade_runtime USING ((SELECT palisade.is_service()));

GRANT SELECT, INSERT, DELETE ON vfs_mounts, vfs_rules, vfs_files, vfs_orphans TO palisade_runtime;
GRANT UPDATE (owner, default_access, case_policy, emptied_at) ON vfs_mounts TO palisade_runtime;
GRANT UPDATE (case_policy, path, object, length, content_type, modified_at, written_by, revision) ON vfs_files TO palisade_runtime;
GRANT UPDATE (taken_at) ON vfs_orphans TO palisade_runtime;
