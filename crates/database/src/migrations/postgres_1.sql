-- Users, roles, secrets, content with collaborators, organisations: with row-level security as the last guard.
-- Run by the owner of the tables. The server itself connects as a login role that is a member of `palisade_runtime`.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'palisade_runtime') THEN
        CREATE ROLE palisade_runtime NOLOGIN NOBYPASSRLS NOSUPERUSER;
    END IF;
END $$;

CREATE SCHEMA palisade;
REVOKE ALL ON SCHEMA palisade FROM PUBLIC;
GRANT USAGE ON SCHEMA palisade TO palisade_runtime;

-- Who asks. Claims are set for one transaction, as Supabase (PostgREST) sets them, so that policies of one's own beside these
-- read the same `auth.uid()`.
CREATE FUNCTION palisade.claims() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;

DO $$ BEGIN
    IF to_regprocedure('auth.uid()') IS NULL THEN
        CREATE SCHEMA IF NOT EXISTS auth;
        CREATE FUNCTION auth.uid() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
        'SELECT nullif(nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'', '''')';
    END IF;
    GRANT USAGE ON SCHEMA auth TO palisade_runtime;
    GRANT EXECUTE ON FUNCTION auth.uid() TO palisade_runtime;
END $$;

CREATE FUNCTION palisade.is_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(auth.uid() IS NOT NULL AND palisade.claims() #> '{app_metadata,roles}' ? 'admin', false) $$;
CREATE FUNCTION palisade.is_service() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(palisade.claims() ->> 'role' = 'service_role', false) $$;
-- The organisation that the request was narrowed to.
CREATE FUNCTION palisade.scope() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(palisade.claims() ->> 'organisation', '') $$;

-- ### Tables

CREATE TABLE users (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 512),
    created_at bigint NOT NULL,
    disabled_at bigint
);
CREATE TABLE user_roles (
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (length(role) BETWEEN 1 AND 64),
    granted_at bigint NOT NULL,
    PRIMARY KEY (user_id, role)
);
CREATE TABLE user_secrets (
    user_id text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    name text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,64}$'),
    sealed bytea NOT NULL CHECK (octet_length(sealed) <= 65536),
    last_characters text CHECK (length(last_characters) <= 4),
    revision bigint NOT NULL CHECK (revision > 0),
    key_version bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE TABLE organisations (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_by text NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE organisation_members (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    user_id text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    since bigint NOT NULL,
    PRIMARY KEY (organisation_id, user_id)
);
CREATE INDEX organisation_members_by_user ON organisation_members (user_id);
CREATE TABLE pages (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    organisation_id text REFERENCES organisations ON DELETE CASCADE,
    owner_id text NOT NULL CHECK (length(owner_id) BETWEEN 1 AND 512),
    slug text NOT NULL CHECK (length(slug) BETWEEN 1 AND 200),
    title text NOT NULL CHECK (length(title) <= 500),
    body text NOT NULL CHECK (length(body) <= 1048576),
    published bigint NOT NULL DEFAULT 0 CHECK (published IN (0, 1)),
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (owner_id, slug)
);
CREATE INDEX pages_by_organisation ON pages (organisation_id) WHERE organisation_id IS NOT NULL;
CREATE TABLE page_collaborators (
    page_id text NOT NULL REFERENCES pages ON DELETE CASCADE,
    user_id text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    role text NOT NULL CHECK (role IN ('viewer', 'editor')),
    since bigint NOT NULL,
    PRIMARY KEY (page_id, user_id)
);
CREATE INDEX page_collaborators_by_user ON page_collaborators (user_id);
-- Counted up with each change of what other instances keep in memory.
CREATE TABLE revisions (
    name text PRIMARY KEY,
    revision bigint NOT NULL
);
INSERT INTO revisions VALUES ('users', 0);

CREATE FUNCTION palisade.users_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ BEGIN UPDATE revisions SET revision = revision + 1 WHERE name = 'users'; RETURN NULL; END $$;
CREATE TRIGGER users_changed AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH STATEMENT EXECUTE FUNCTION palisade.users_changed();
CREATE TRIGGER user_roles_changed AFTER INSERT OR UPDATE OR DELETE ON user_roles FOR EACH STATEMENT EXECUTE FUNCTION palisade.users_changed();

-- What rules ask about other rows. They run as the owner of the tables, or a policy would ask itself without end. `pg_temp` is named
-- last: unnamed it comes first, and a temporary table of whoever asks would answer in the place of the real one.
CREATE FUNCTION palisade.organisation_role(organisation text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ SELECT role FROM organisation_members WHERE organisation_id = organisation AND user_id = (SELECT auth.uid())::text $$;
CREATE FUNCTION palisade.founded(organisation text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ SELECT EXISTS (SELECT FROM organisations WHERE id = organisation AND created_by = (SELECT auth.uid())::text)
   AND NOT EXISTS (SELECT FROM organisation_members WHERE organisation_id = organisation) $$;
CREATE FUNCTION palisade.page_role(page text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
$$ SELECT 'owner' FROM pages WHERE id = page AND owner_id = (SELECT auth.uid())::text
   UNION ALL SELECT role FROM page_collaborators WHERE page_id = page AND user_id = (SELECT auth.uid())::text LIMIT 1 $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA palisade FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA palisade TO palisade_runtime;

-- An editor changes the text, and neither whose it is, nor where it belongs, nor who may read it.
CREATE FUNCTION palisade.page_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN
    IF (new.id, new.owner_id, new.created_at) IS DISTINCT FROM (old.id, old.owner_id, old.created_at)
       OR (new.published <> old.published AND old.owner_id IS DISTINCT FROM (SELECT auth.uid())::text)
       OR (new.organisation_id IS DISTINCT FROM old.organisation_id AND NOT (
           old.owner_id = (SELECT auth.uid())::text
           AND (new.organisation_id IS NULL OR palisade.organisation_role(new.organisation_id) IS NOT NULL))) THEN
        RAISE insufficient_privilege USING MESSAGE = 'row-level security: pages';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER page_stays BEFORE UPDATE ON pages FOR EACH ROW EXECUTE FUNCTION palisade.page_stays();

-- ### Rules

ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE user_roles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE user_secrets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE organisations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE organisation_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE pages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE page_collaborators ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE revisions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- The owner of the tables is held by the rules too: it sees what the functions above ask for, and no secret.
CREATE POLICY asked_by_rules ON organisations FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY asked_by_rules ON organisation_members FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY asked_by_rules ON pages FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY asked_by_rules ON page_collaborators FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY counted_up ON revisions TO CURRENT_USER USING (true);
CREATE POLICY read_by_service ON revisions FOR SELECT TO palisade_runtime USING (palisade.is_service());

CREATE POLICY own_row ON users FOR SELECT TO palisade_runtime
    USING (id = (SELECT auth.uid())::text OR (SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY kept_by_admins ON users TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));

CREATE POLICY own_rows ON user_roles FOR SELECT TO palisade_runtime
    USING (user_id = (SELECT auth.uid())::text);
CREATE POLICY kept_by_admins ON user_roles TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));

-- Nobody reads another's, admins included. The service wraps them again under a new key.
CREATE POLICY own_rows ON user_secrets TO palisade_runtime
    USING (user_id = (SELECT auth.uid())::text);
CREATE POLICY wrapped_again ON user_secrets FOR SELECT TO palisade_runtime USING ((SELECT palisade.is_service()));
CREATE POLICY wrapped_again_in_place ON user_secrets FOR UPDATE TO palisade_runtime USING ((SELECT palisade.is_service()));

-- By its founder until it has members: who left it knows of it no more.
CREATE POLICY seen_by_members ON organisations FOR SELECT TO palisade_runtime
    USING (palisade.organisation_role(id) IS NOT NULL OR palisade.founded(id) OR (SELECT palisade.is_admin()));
CREATE POLICY founded_by_users ON organisations FOR INSERT TO palisade_runtime
    WITH CHECK (created_by = (SELECT auth.uid())::text);
CREATE POLICY renamed_by_owners ON organisations FOR UPDATE TO palisade_runtime
    USING (palisade.organisation_role(id) = 'owner');
CREATE POLICY closed_by_owners ON organisations FOR DELETE TO palisade_runtime
    USING (palisade.organisation_role(id) = 'owner');

CREATE POLICY seen_by_members ON organisation_members FOR SELECT TO palisade_runtime
    USING (palisade.organisation_role(organisation_id) IS NOT NULL OR (SELECT palisade.is_admin()));
CREATE POLICY taken_in ON organisation_members FOR INSERT TO palisade_runtime
    WITH CHECK (palisade.organisation_role(organisation_id) = 'owner'
        OR (palisade.organisation_role(organisation_id) = 'admin' AND role = 'member')
        OR (palisade.founded(organisation_id) AND user_id = (SELECT auth.uid())::text AND role = 'owner'));
CREATE POLICY changed_by_owners ON organisation_members FOR UPDATE TO palisade_runtime
    USING (palisade.organisation_role(organisation_id) = 'owner');
CREATE POLICY let_go ON organisation_members FOR DELETE TO palisade_runtime
    USING (palisade.organisation_role(organisation_id) = 'owner'
        OR (palisade.organisation_role(organisation_id) = 'admin' AND role = 'member')
        OR user_id = (SELECT auth.uid())::text);

-- A request for one organisation meets nothing of another, whoever asks.
CREATE POLICY in_scope ON pages AS RESTRICTIVE TO palisade_runtime
    USING ((SELECT palisade.scope()) IS NULL OR organisation_id = (SELECT palisade.scope()));
CREATE POLICY read ON pages FOR SELECT TO palisade_runtime
    USING (published = 1 OR owner_id = (SELECT auth.uid())::text OR palisade.page_role(id) IS NOT NULL
        OR palisade.organisation_role(organisation_id) IN ('owner', 'admin') OR (SELECT palisade.is_admin()));
CREATE POLICY written_by_owners ON pages FOR INSERT TO palisade_runtime
    WITH CHECK (owner_id = (SELECT auth.uid())::text
        AND (organisation_id IS NULL OR palisade.organisation_role(organisation_id) IS NOT NULL));
CREATE POLICY edited ON pages FOR UPDATE TO palisade_runtime
    USING (owner_id = (SELECT auth.uid())::text OR palisade.page_role(id) = 'editor');
CREATE POLICY removed_by_owners ON pages FOR DELETE TO palisade_runtime
    USING (owner_id = (SELECT auth.uid())::text);

CREATE POLICY seen ON page_collaborators FOR SELECT TO palisade_runtime
    USING (user_id = (SELECT auth.uid())::text OR palisade.page_role(page_id) IN ('owner', 'editor'));
CREATE POLICY shared_by_owners ON page_collaborators TO palisade_runtime
    USING (palisade.page_role(page_id) = 'owner');
CREATE POLICY left_by_oneself ON page_collaborators FOR DELETE TO palisade_runtime
    USING (user_id = (SELECT auth.uid())::text);

GRANT SELECT, INSERT, UPDATE, DELETE ON users, user_roles, user_secrets, organisations, organisation_members, pages, page_collaborators
    TO palisade_runtime;
GRANT SELECT ON revisions TO palisade_runtime;

-- ### What was done
-- One chain of records (`palisade-audit`, docs/format.md). It is added to and never changed, but for what is erased of a person.

CREATE TABLE audit_identity (id bytea NOT NULL CHECK (octet_length(id) = 32));
INSERT INTO audit_identity VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
CREATE TABLE audit_log (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    time bigint NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    code text,
    request_id text,
    actor_kind text NOT NULL,
    actor_issuer text,
    actor_seal bytea,
    actor_salt bytea,
    actor_subject text,
    actor_address text,
    actor_user_agent text,
    behalf_issuer text,
    behalf_seal bytea,
    behalf_salt bytea,
    behalf_subject text,
    target_kind text,
    target_issuer text,
    target_seal bytea,
    target_salt bytea,
    target_id text,
    words_seal bytea,
    words_salt bytea,
    reason text,
    details text,
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_log_by_time ON audit_log (time);
CREATE INDEX audit_log_by_actor ON audit_log (actor_subject) WHERE actor_subject IS NOT NULL;
CREATE INDEX audit_log_by_behalf ON audit_log (behalf_subject) WHERE behalf_subject IS NOT NULL;
CREATE INDEX audit_log_by_target ON audit_log (target_id) WHERE target_id IS NOT NULL;

-- The end of the log, also for who may not read it: whoever does something is to be recorded. With `adding` nobody else adds until
-- the transaction ends.
CREATE FUNCTION palisade.audit_head(adding boolean, OUT sequence bigint, OUT hash bytea, OUT log bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN
    IF adding THEN
        PERFORM pg_advisory_xact_lock(8102137);
    END IF;
    SELECT i.id INTO log FROM audit_identity i;
    SELECT l.sequence, l.hash INTO sequence, hash FROM audit_log l ORDER BY l.sequence DESC LIMIT 1;
    sequence := coalesce(sequence, 0);
    hash := coalesce(hash, log);
END $$;
REVOKE ALL ON FUNCTION palisade.audit_head(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION palisade.audit_head(boolean) TO palisade_runtime;

-- A record follows the last one.
CREATE FUNCTION palisade.audit_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE head record;
BEGIN
    SELECT * INTO head FROM palisade.audit_head(true);
    IF new.sequence <> head.sequence + 1 OR new.previous <> head.hash THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'a record of the audit log follows the last one';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER audit_follows BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION palisade.audit_follows();
-- What can be erased becomes nothing, and nothing else becomes anything. This holds for the owner too.
CREATE FUNCTION palisade.audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'UPDATE' AND (new.sequence, new.time, new.action, new.outcome, new.code, new.request_id, new.actor_kind, new.actor_issuer, new.actor_seal,
            new.behalf_issuer, new.behalf_seal, new.target_kind, new.target_issuer, new.target_seal, new.words_seal, new.previous, new.hash)
        IS NOT DISTINCT FROM (old.sequence, old.time, old.action, old.outcome, old.code, old.request_id, old.actor_kind, old.actor_issuer, old.actor_seal,
            old.behalf_issuer, old.behalf_seal, old.target_kind, old.target_issuer, old.target_seal, old.words_seal, old.previous, old.hash)
        AND (new.actor_salt IS NULL OR new.actor_salt = old.actor_salt) AND (new.actor_subject IS NULL OR new.actor_subject = old.actor_subject)
        AND (new.actor_address IS NULL OR new.actor_address = old.actor_address)
        AND (new.actor_user_agent IS NULL OR new.actor_user_agent = old.actor_user_agent)
        AND (new.behalf_salt IS NULL OR new.behalf_salt = old.behalf_salt) AND (new.behalf_subject IS NULL OR new.behalf_subject = old.behalf_subject)
        AND (new.target_salt IS NULL OR new.target_salt = old.target_salt) AND (new.target_id IS NULL OR new.target_id = old.target_id)
        AND (new.words_salt IS NULL OR new.words_salt = old.words_salt) AND (new.reason IS NULL OR new.reason = old.reason)
        AND (new.details IS NULL OR new.details = old.details) THEN
        RETURN new;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'the audit log is only added to';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION palisade.audit_stays();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION palisade.audit_stays();

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_identity ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY asked_by_rules ON audit_log FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY asked_by_rules ON audit_identity FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY added_by_all ON audit_log FOR INSERT TO palisade_runtime WITH CHECK (true);
CREATE POLICY read_by_admins ON audit_log FOR SELECT TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
CREATE POLICY erased_by_admins ON audit_log FOR UPDATE TO palisade_runtime
    USING ((SELECT palisade.is_admin()) OR (SELECT palisade.is_service()));
GRANT SELECT, INSERT ON audit_log TO palisade_runtime;
GRANT UPDATE (actor_salt, actor_subject, actor_address, actor_user_agent, behalf_salt, behalf_subject, target_salt, target_id, words_salt, reason, details)
    ON audit_log TO palisade_runtime;
