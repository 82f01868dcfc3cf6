-- Admin rights for a while: asked for by a user, given by an admin who is somebody else, and gone at their end.

CREATE TABLE elevations (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    user_id text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    reason text NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    minutes bigint NOT NULL CHECK (minutes BETWEEN 1 AND 60),
    state text NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'withdrawn', 'expired')),
    asked_at bigint NOT NULL,
    approved_by text CHECK (approved_by <> user_id),
    approved_at bigint,
    granted bigint CHECK (granted BETWEEN 1 AND minutes),
    ends_at bigint NOT NULL,
    ended_by text,
    ended_at bigint,
    CHECK ((approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (granted IS NULL)),
    CHECK (state NOT IN ('pending', 'refused') OR approved_at IS NULL),
    CHECK (state <> 'approved' OR approved_at IS NOT NULL),
    -- An hour to be approved, and no minute more than was granted: there is nothing that makes it longer.
    CHECK (ends_at = coalesce(approved_at + granted * 60000, asked_at + 3600000)),
    CHECK ((state IN ('pending', 'approved')) = (ended_at IS NULL))
);
-- One at a time.
CREATE UNIQUE INDEX elevations_open ON elevations (user_id) WHERE state IN ('pending', 'approved');
CREATE INDEX elevations_by_user ON elevations (user_id, asked_at);
CREATE INDEX elevations_by_time ON elevations (asked_at, id);
INSERT INTO revisions VALUES ('elevations', 0);

CREATE FUNCTION palisade.elevations_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ BEGIN UPDATE revisions SET revision = revision + 1 WHERE name = 'elevations'; RETURN NULL; END $$;
CREATE TRIGGER elevations_changed AFTER INSERT OR UPDATE OR DELETE ON elevations FOR EACH STATEMENT EXECUTE FUNCTION palisade.elevations_changed();

-- Whether who asks is an admin by such a right alone.
CREATE FUNCTION palisade.is_lent() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT palisade.claims() ->> 'elevation' IS NOT NULL $$;

-- What was asked for stays as it was said, and each step is of whom it belongs to.
CREATE FUNCTION palisade.elevation_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    me text := (SELECT auth.uid())::text;
    decides boolean := palisade.is_admin() AND NOT palisade.is_lent() AND me <> old.user_id;
    stays boolean := (new.approved_by, new.approved_at, new.granted, new.ends_at)
        IS NOT DISTINCT FROM (old.approved_by, old.approved_at, old.granted, old.ends_at);
BEGIN
    IF (new.id, new.user_id, new.reason, new.minutes, new.asked_at) IS NOT DISTINCT FROM (old.id, old.user_id, old.reason, old.minutes, old.asked_at)
       AND coalesce(
           (old.state = 'pending' AND new.state = 'approved' AND decides AND new.approved_by = me)
           OR (old.state = 'pending' AND new.state = 'refused' AND decides AND new.ended_by = me AND stays)
           OR (old.state IN ('pending', 'approved') AND new.state = 'withdrawn' AND (decides OR me = old.user_id) AND new.ended_by = me AND stays)
           OR (old.state IN ('pending', 'approved') AND new.state = 'expired' AND palisade.is_service() AND stays),
           false) THEN
        RETURN new;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'row-level security: elevations';
END $$;
CREATE TRIGGER elevation_stays BEFORE UPDATE ON elevations FOR EACH ROW EXECUTE FUNCTION palisade.elevation_stays();
REVOKE ALL ON FUNCTION palisade.elevations_changed(), palisade.is_lent(), palisade.elevation_stays() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION palisade.is_lent() TO palisade_runtime;

ALTER TABLE elevations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON elevations FOR SELECT TO palisade_runtime
    USING (user_id = (SELECT auth.uid())::text OR (SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY asked_by_oneself ON elevations FOR INSERT TO palisade_runtime
    WITH CHECK (user_id = (SELECT auth.uid())::text AND state = 'pending');
CREATE POLICY decided ON elevations FOR UPDATE TO palisade_runtime
    USING (user_id = (SELECT auth.uid())::text OR (SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY cleared_away ON elevations FOR DELETE TO palisade_runtime
    USING ((SELECT palisade.is_service()) AND ended_at IS NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON elevations TO palisade_runtime;

-- Who is an admin for a while makes nobody one for good.
CREATE POLICY not_by_lent_rights_added ON users AS RESTRICTIVE FOR INSERT TO palisade_runtime WITH CHECK (NOT (SELECT palisade.is_lent()));
CREATE POLICY not_by_lent_rights_changed ON users AS RESTRICTIVE FOR UPDATE TO palisade_runtime USING (NOT (SELECT palisade.is_lent()));
CREATE POLICY not_by_lent_rights_removed ON users AS RESTRICTIVE FOR DELETE TO palisade_runtime USING (NOT (SELECT palisade.is_lent()));
CREATE POLICY not_by_lent_rights_added ON user_roles AS RESTRICTIVE FOR INSERT TO palisade_runtime WITH CHECK (NOT (SELECT palisade.is_lent()));
CREATE POLICY not_by_lent_rights_changed ON user_roles AS RESTRICTIVE FOR UPDATE TO palisade_runtime USING (NOT (SELECT palisade.is_lent()));
CREATE POLICY not_by_lent_rights_removed ON user_roles AS RESTRICTIVE FOR DELETE TO palisade_runtime USING (NOT (SELECT palisade.is_lent()));
