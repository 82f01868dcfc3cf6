
-- The virtual file system. The caller is asked for once per statement, not joined: a page of files then comes in the order of its index.

-- ### vfs_mounts, vfs_rules: read and kept by admins and the service

CREATE TEMP VIEW vfs_mounts AS
    SELECT m.* FROM _vfs_mounts m WHERE EXISTS (SELECT 1 FROM caller WHERE admin OR service);
CREATE TEMP TRIGGER vfs_mounts_insert INSTEAD OF INSERT ON vfs_mounts BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_mounts') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    INSERT INTO _vfs_mounts (name, owner, default_access, case_policy, created_at, created_by, emptied_at)
    VALUES (new.name, new.owner, new.default_access, new.case_policy, new.created_at, new.created_by, new.emptied_at);
END;
CREATE TEMP TRIGGER vfs_mounts_update INSTEAD OF UPDATE ON vfs_mounts BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_mounts') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service)
        OR new.name <> old.name OR new.created_at <> old.created_at OR new.created_by IS NOT old.created_by;
    UPDATE _vfs_mounts
    SET owner = new.owner, default_access = new.default_access, case_policy = new.case_policy, emptied_at = new.emptied_at
    WHERE name = old.name;
END;
CREATE TEMP TRIGGER vfs_mounts_delete INSTEAD OF DELETE ON vfs_mounts BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_mounts') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    DELETE FROM _vfs_mounts WHERE name = old.name;
END;

CREATE TEMP VIEW vfs_rules AS
    SELECT r.* FROM _vfs_rules r WHERE EXISTS (SELECT 1 FROM caller WHERE admin OR service);
CREATE TEMP TRIGGER vfs_rules_insert INSTEAD OF INSERT ON vfs_rules BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_rules') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    INSERT INTO _vfs_rules (id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by)
    VALUES (new.id, new.mount, new.kind, new.principal, new.actions, new.scope, new.scope_text, new.expires_at, new.created_at, new.created_by);
END;
CREATE TEMP TRIGGER vfs_rules_update INSTEAD OF UPDATE ON vfs_rules BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_rules');
END;
CREATE TEMP TRIGGER vfs_rules_delete INSTEAD OF DELETE ON vfs_rules BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_rules') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    DELETE FROM _vfs_rules WHERE id = old.id;
END;

-- ### vfs_changes: read by the service, written by triggers alone

CREATE TEMP VIEW vfs_changes AS
    SELECT c.* FROM _vfs_changes c WHERE EXISTS (SELECT 1 FROM caller WHERE service);

-- ### vfs_files, vfs_orphans: read and kept by the service alone, which asks the rules of the mount first

CREATE TEMP VIEW vfs_files AS
    SELECT f.* FROM _vfs_files f WHERE EXISTS (SELECT 1 FROM caller WHERE service);
CREATE TEMP TRIGGER vfs_files_insert INSTEAD OF INSERT ON vfs_files BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_files') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    INSERT INTO _vfs_files (mount, key, case_policy, path, object, length, content_type, modified_at, written_by, revision)
    VALUES (new.mount, new.key, new.case_policy, new.path, new.object, new.length, new.content_type, new.modified_at, new.written_by, new.revision);
END;
CREATE TEMP TRIGGER vfs_files_update INSTEAD OF UPDATE ON vfs_files BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_files')
    WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service) OR new.mount <> old.mount OR new.key <> old.key;
    UPDATE _vfs_files
    SET case_policy = new.case_policy, path = new.path, object = new.object, length = new.length, content_type = new.content_type,
        modified_at = new.modified_at, written_by = new.written_by, revision = new.revision
    WHERE mount = old.mount AND key = old.key;
END;
CREATE TEMP TRIGGER vfs_files_delete INSTEAD OF DELETE ON vfs_files BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_files') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    DELETE FROM _vfs_files WHERE mount = old.mount AND key = old.key;
END;

CREATE TEMP VIEW vfs_orphans AS
    SELECT o.* FROM _vfs_orphans o WHERE EXISTS (SELECT 1 FROM caller WHERE service);
CREATE TEMP TRIGGER vfs_orphans_insert INSTEAD OF INSERT ON vfs_orphans BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_orphans') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    INSERT INTO _vfs_orphans (object, since, taken_at) VALUES (new.object, new.since, new.taken_at);
END;
CREATE TEMP TRIGGER vfs_orphans_update INSTEAD OF UPDATE ON vfs_orphans BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_orphans')
    WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service) OR new.object <> old.object OR new.since <> old.since;
    UPDATE _vfs_orphans SET taken_at = new.taken_at WHERE object = old.object;
END;
CREATE TEMP TRIGGER vfs_orphans_delete INSTEAD OF DELETE ON vfs_orphans BEGIN
    SELECT raise(ABORT, 'row-level security: vfs_orphans') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    DELETE FROM _vfs_orphans WHERE object = old.object;
END;
