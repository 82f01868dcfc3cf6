-- Which rules came and went with which revision of mounts and rules: who follows them takes over these, and not millions anew. What it
-- was that changed is kept for a while.

CREATE TABLE vfs_changes (
    revision bigint NOT NULL,
    -- A rule that came, or that went; or more than is told here: a mount, or many rules at once.
    change text NOT NULL CHECK (change IN ('added', 'removed', 'more')),
    id text COLLATE "C",
    mount text COLLATE "C",
    kind text,
    principal text,
    actions text,
    scope text,
    scope_text text,
    expires_at bigint,
    created_at bigint,
    created_by text,
    CHECK ((change = 'more') = (id IS NULL))
);
CREATE INDEX vfs_changes_by_revision ON vfs_changes (revision);

-- The row of the revision is locked until the transaction ends, so no revision is seen before a lower one.
CREATE OR REPLACE FUNCTION palisade.vfs_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE number bigint;
BEGIN
    UPDATE revisions SET revision = revision + 1 WHERE name = 'vfs' RETURNING revision INTO number;
    DELETE FROM vfs_changes WHERE revision <= number - 1000;
    INSERT INTO vfs_changes (revision, change) VALUES (number, 'more');
    RETURN NULL;
END $$;
CREATE FUNCTION palisade.vfs_rules_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    number bigint;
    many bigint := (SELECT count(*) FROM (SELECT 1 FROM changed LIMIT 101) AS a_few);
BEGIN
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE revisions SET revision = revision + 1 WHERE name = 'vfs' RETURNING revision INTO number;
    DELETE FROM vfs_changes WHERE revision <= number - 1000;
    IF many > 100 THEN
        INSERT INTO vfs_changes (revision, change) VALUES (number, 'more');
    ELSE
        INSERT INTO vfs_changes
        SELECT number, CASE tg_op WHEN 'INSERT' THEN 'added' ELSE 'removed' END,
            id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by
        FROM changed;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION palisade.vfs_rules_changed() FROM PUBLIC;
DROP TRIGGER vfs_rules_changed ON vfs_rules;
CREATE TRIGGER vfs_rules_changed AFTER UPDATE OR TRUNCATE ON vfs_rules FOR EACH STATEMENT EXECUTE FUNCTION palisade.vfs_changed();
CREATE TRIGGER vfs_rules_added AFTER INSERT ON vfs_rules REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION palisade.vfs_rules_changed();
CREATE TRIGGER vfs_rules_removed AFTER DELETE ON vfs_rules REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION palisade.vfs_rules_changed();

-- ### Rules

ALTER TABLE vfs_changes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- Triggers write as the owner of the tables, who is held by the rules too.
CREATE POLICY noted_when_changed ON vfs_changes TO CURRENT_USER USING (true);
CREATE POLICY followed_by_service ON vfs_changes FOR SELECT TO palisade_runtime USING ((SELECT palisade.is_service()));
GRANT SELECT ON vfs_changes TO palisade_runtime;
