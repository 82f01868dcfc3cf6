-- Which rules came and went with which revision of mounts and rules: who follows them takes over these, and not millions anew. What it
-- was that changed is kept for a while.

CREATE TABLE _vfs_changes (
    revision BIGINT NOT NULL,
    -- A rule that came, or that went; or more than is told here: a mount, or many rules at once.
    change TEXT NOT NULL CHECK (change IN ('added', 'removed', 'more')),
    id TEXT,
    mount TEXT,
    kind TEXT,
    principal TEXT,
    actions TEXT,
    scope TEXT,
    scope_text TEXT,
    expires_at BIGINT,
    created_at BIGINT,
    created_by TEXT,
    CHECK ((change = 'more') = (id IS NULL))
);
CREATE INDEX _vfs_changes_by_revision ON _vfs_changes (revision);

DROP TRIGGER _vfs_mounts_added;
DROP TRIGGER _vfs_mounts_changed;
DROP TRIGGER _vfs_mounts_removed;
DROP TRIGGER _vfs_rules_added;
DROP TRIGGER _vfs_rules_changed;
DROP TRIGGER _vfs_rules_removed;
CREATE TRIGGER _vfs_mounts_added AFTER INSERT ON _vfs_mounts BEGIN
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs';
    DELETE FROM _vfs_changes WHERE revision <= (SELECT revision FROM _revisions WHERE name = 'vfs') - 1000;
    INSERT INTO _vfs_changes (revision, change) SELECT revision, 'more' FROM _revisions WHERE name = 'vfs';
END;
CREATE TRIGGER _vfs_mounts_changed AFTER UPDATE ON _vfs_mounts BEGIN
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs';
    DELETE FROM _vfs_changes WHERE revision <= (SELECT revision FROM _revisions WHERE name = 'vfs') - 1000;
    INSERT INTO _vfs_changes (revision, change) SELECT revision, 'more' FROM _revisions WHERE name = 'vfs';
END;
CREATE TRIGGER _vfs_mounts_removed AFTER DELETE ON _vfs_mounts BEGIN
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs';
    DELETE FROM _vfs_changes WHERE revision <= (SELECT revision FROM _revisions WHERE name = 'vfs') - 1000;
    INSERT INTO _vfs_changes (revision, change) SELECT revision, 'more' FROM _revisions WHERE name = 'vfs';
END;
CREATE TRIGGER _vfs_rules_added AFTER INSERT ON _vfs_rules BEGIN
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs';
    DELETE FROM _vfs_changes WHERE revision <= (SELECT revision FROM _revisions WHERE name = 'vfs') - 1000;
    INSERT INTO _vfs_changes SELECT revision, 'added', new.id, new.mount, new.kind, new.principal, new.actions, new.scope, new.scope_text, new.expires_at, new.created_at, new.created_by FROM _revisions WHERE name = 'vfs';
END;
CREATE TRIGGER _vfs_rules_changed AFTER UPDATE ON _vfs_rules BEGIN
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs';
    DELETE FROM _vfs_changes WHERE revision <= (SELECT revision FROM _revisions WHERE name = 'vfs') - 1000;
    INSERT INTO _vfs_changes (revision, change) SELECT revision, 'more' FROM _revisions WHERE name = 'vfs';
END;
CREATE TRIGGER _vfs_rules_removed AFTER DELETE ON _vfs_rules BEGIN
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'vfs';
    DELETE FROM _vfs_changes WHERE revision <= (SELECT revision FROM _revisions WHERE name = 'vfs') - 1000;
    INSERT INTO _vfs_changes SELECT revision, 'removed', old.id, old.mount, old.kind, old.principal, old.actions, old.scope, old.scope_text, old.expires_at, old.created_at, old.created_by FROM _revisions WHERE name = 'vfs';
END;
