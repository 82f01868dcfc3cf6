-- The rules of `migrations/postgres_*.sql`, for an engine that has no row-level security: run on each connection when it is opened.
-- `caller` has one row while a transaction acts for somebody, and none otherwise: then nothing is seen and nothing changed.
-- A view stands where the name of each table would, and its triggers are the only way to write.

-- `elevation` names the right by which somebody is an admin for a while.
CREATE TEMP TABLE caller (uid TEXT, admin BIGINT NOT NULL, service BIGINT NOT NULL, scope TEXT, elevation TEXT);

CREATE TEMP VIEW my_organisations AS
    SELECT m.organisation_id AS id, m.role AS role FROM _organisation_members m JOIN caller c ON m.user_id = c.uid;
CREATE TEMP VIEW my_pages AS
    SELECT p.id AS id, 'owner' AS role FROM _pages p JOIN caller c ON p.owner_id = c.uid
    UNION ALL SELECT s.page_id, s.role FROM _page_collaborators s JOIN caller c ON s.user_id = c.uid;

-- ### users: one's own row; kept by admins and the service, but not by who is an admin for a while

CREATE TEMP VIEW users AS
    SELECT u.* FROM _users u JOIN caller c ON u.id = c.uid OR c.admin OR c.service;
CREATE TEMP TRIGGER users_insert INSTEAD OF INSERT ON users BEGIN
    SELECT raise(ABORT, 'row-level security: users') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE (admin AND elevation IS NULL) OR service);
    INSERT INTO _users (id, created_at, disabled_at) VALUES (new.id, new.created_at, new.disabled_at);
END;
CREATE TEMP TRIGGER users_update INSTEAD OF UPDATE ON users WHEN EXISTS (SELECT 1 FROM caller WHERE (admin AND elevation IS NULL) OR service) BEGIN
    UPDATE _users SET disabled_at = new.disabled_at WHERE id = old.id;
END;
CREATE TEMP TRIGGER users_update_denied INSTEAD OF UPDATE ON users WHEN NOT EXISTS (SELECT 1 FROM caller WHERE (admin AND elevation IS NULL) OR service) BEGIN
    SELECT raise(ABORT, 'row-level security: users');
END;
CREATE TEMP TRIGGER users_delete INSTEAD OF DELETE ON users BEGIN
    SELECT raise(ABORT, 'row-level security: users') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE (admin AND elevation IS NULL) OR service);
    DELETE FROM _users WHERE id = old.id;
END;

-- ### user_roles: one's own rows; kept as users are

CREATE TEMP VIEW user_roles AS
    SELECT r.* FROM _user_roles r JOIN caller c ON r.user_id = c.uid OR c.admin OR c.service;
CREATE TEMP TRIGGER user_roles_insert INSTEAD OF INSERT ON user_roles BEGIN
    SELECT raise(ABORT, 'row-level security: user_roles') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE (admin AND elevation IS NULL) OR service);
    INSERT INTO _user_roles (user_id, role, granted_at) VALUES (new.user_id, new.role, new.granted_at);
END;
CREATE TEMP TRIGGER user_roles_update INSTEAD OF UPDATE ON user_roles BEGIN
    SELECT raise(ABORT, 'row-level security: user_roles');
END;
CREATE TEMP TRIGGER user_roles_delete INSTEAD OF DELETE ON user_roles BEGIN
    SELECT raise(ABORT, 'row-level security: user_roles') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE (admin AND elevation IS NULL) OR service);
    DELETE FROM _user_roles WHERE user_id = old.user_id AND role = old.role;
END;

-- ### user_secrets: one's own rows, admins included; the service wraps them again

CREATE TEMP VIEW user_secrets AS
    SELECT s.* FROM _user_secrets s JOIN caller c ON s.user_id = c.uid OR c.service;
CREATE TEMP TRIGGER user_secrets_insert INSTEAD OF INSERT ON user_secrets BEGIN
    SELECT raise(ABORT, 'row-level security: user_secrets') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE uid = new.user_id);
    INSERT INTO _user_secrets (user_id, name, sealed, last_characters, revision, key_version, updated_at)
    VALUES (new.user_id, new.name, new.sealed, new.last_characters, new.revision, new.key_version, new.updated_at);
END;
CREATE TEMP TRIGGER user_secrets_update INSTEAD OF UPDATE ON user_secrets BEGIN
    SELECT raise(ABORT, 'row-level security: user_secrets')
    WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service OR uid = new.user_id);
    UPDATE _user_secrets
    SET user_id = new.user_id, name = new.name, sealed = new.sealed, last_characters = new.last_characters, revision = new.revision,
        key_version = new.key_version, updated_at = new.updated_at
    WHERE user_id = old.user_id AND name = old.name;
END;
CREATE TEMP TRIGGER user_secrets_delete INSTEAD OF DELETE ON user_secrets BEGIN
    SELECT raise(ABORT, 'row-level security: user_secrets') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE uid = old.user_id);
    DELETE FROM _user_secrets WHERE user_id = old.user_id AND name = old.name;
END;

-- ### organisations: seen by members, and by the founder until there are any; founded by anybody, kept by their owners

CREATE TEMP VIEW organisations AS
    SELECT o.* FROM _organisations o JOIN caller c
    ON c.admin OR (o.created_by = c.uid AND NOT EXISTS (SELECT 1 FROM _organisation_members f WHERE f.organisation_id = o.id))
        OR EXISTS (SELECT 1 FROM my_organisations m WHERE m.id = o.id);
CREATE TEMP TRIGGER organisations_insert INSTEAD OF INSERT ON organisations BEGIN
    SELECT raise(ABORT, 'row-level security: organisations') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE uid = new.created_by);
    INSERT INTO _organisations (id, slug, name, created_by, created_at)
    VALUES (new.id, new.slug, new.name, new.created_by, new.created_at);
END;
CREATE TEMP TRIGGER organisations_update INSTEAD OF UPDATE ON organisations BEGIN
    SELECT raise(ABORT, 'row-level security: organisations')
    WHERE new.id <> old.id OR NOT EXISTS (SELECT 1 FROM my_organisations m WHERE m.id = old.id AND m.role = 'owner');
    UPDATE _organisations SET slug = new.slug, name = new.name WHERE id = old.id;
END;
CREATE TEMP TRIGGER organisations_delete INSTEAD OF DELETE ON organisations BEGIN
    SELECT raise(ABORT, 'row-level security: organisations')
    WHERE NOT EXISTS (SELECT 1 FROM my_organisations m WHERE m.id = old.id AND m.role = 'owner');
    DELETE FROM _organisations WHERE id = old.id;
END;

-- ### organisation_members: seen by each other; taken in and let go by owners, and by admins of the organisation as far as plain members go

CREATE TEMP VIEW organisation_members AS
    SELECT m.* FROM _organisation_members m JOIN caller c
    ON c.admin OR EXISTS (SELECT 1 FROM my_organisations o WHERE o.id = m.organisation_id);
CREATE TEMP TRIGGER organisation_members_insert INSTEAD OF INSERT ON organisation_members BEGIN
    SELECT raise(ABORT, 'row-level security: organisation_members') WHERE NOT EXISTS (
        SELECT 1 FROM my_organisations m WHERE m.id = new.organisation_id
        AND (m.role = 'owner' OR (m.role = 'admin' AND new.role = 'member')))
    AND NOT EXISTS (
        SELECT 1 FROM caller c JOIN _organisations o ON o.created_by = c.uid
        WHERE o.id = new.organisation_id AND new.user_id = c.uid AND new.role = 'owner'
        AND NOT EXISTS (SELECT 1 FROM _organisation_members WHERE organisation_id = new.organisation_id));
    INSERT INTO _organisation_members (organisation_id, user_id, role, since)
    VALUES (new.organisation_id, new.user_id, new.role, new.since);
END;
CREATE TEMP TRIGGER organisation_members_update INSTEAD OF UPDATE ON organisation_members BEGIN
    SELECT raise(ABORT, 'row-level security: organisation_members')
    WHERE NOT EXISTS (SELECT 1 FROM my_organisations m WHERE m.id = old.organisation_id AND m.role = 'owner')
        OR new.organisation_id <> old.organisation_id OR new.user_id <> old.user_id;
    UPDATE _organisation_members SET role = new.role WHERE organisation_id = old.organisation_id AND user_id = old.user_id;
END;
CREATE TEMP TRIGGER organisation_members_delete INSTEAD OF DELETE ON organisation_members BEGIN
    SELECT raise(ABORT, 'row-level security: organisation_members') WHERE NOT EXISTS (
        SELECT 1 FROM my_organisations m WHERE m.id = old.organisation_id
        AND (m.role = 'owner' OR (m.role = 'admin' AND old.role = 'member')))
    AND NOT EXISTS (SELECT 1 FROM caller WHERE uid = old.user_id);
    DELETE FROM _organisation_members WHERE organisation_id = old.organisation_id AND user_id = old.user_id;
END;

-- ### pages: read by the owner, who it is shared with, who runs its organisation, admins, and all once it is published;
-- ### edited by the owner and editors, of whom the owner alone says who may read it; a request for one organisation meets nothing of another

CREATE TEMP VIEW pages AS
    SELECT p.* FROM _pages p JOIN caller c
    ON (c.scope IS NULL OR p.organisation_id = c.scope)
    AND (p.published OR p.owner_id = c.uid OR c.admin
        OR EXISTS (SELECT 1 FROM my_pages m WHERE m.id = p.id)
        OR EXISTS (SELECT 1 FROM my_organisations o WHERE o.id = p.organisation_id AND o.role IN ('owner', 'admin')));
CREATE TEMP TRIGGER pages_insert INSTEAD OF INSERT ON pages BEGIN
    SELECT raise(ABORT, 'row-level security: pages') WHERE NOT EXISTS (
        SELECT 1 FROM caller c WHERE c.uid = new.owner_id AND (c.scope IS NULL OR new.organisation_id IS c.scope)
        AND (new.organisation_id IS NULL OR EXISTS (SELECT 1 FROM my_organisations o WHERE o.id = new.organisation_id)));
    INSERT INTO _pages (id, organisation_id, owner_id, slug, title, body, published, created_at, updated_at)
    VALUES (new.id, new.organisation_id, new.owner_id, new.slug, new.title, new.body, new.published, new.created_at, new.updated_at);
END;
CREATE TEMP TRIGGER pages_update INSTEAD OF UPDATE ON pages BEGIN
    SELECT raise(ABORT, 'row-level security: pages')
    WHERE NOT EXISTS (SELECT 1 FROM my_pages m WHERE m.id = old.id AND m.role IN ('owner', 'editor'))
        OR new.id <> old.id OR new.owner_id <> old.owner_id OR new.created_at <> old.created_at
        OR (new.published <> old.published AND NOT EXISTS (SELECT 1 FROM caller WHERE uid = old.owner_id))
        OR EXISTS (SELECT 1 FROM caller c WHERE c.scope IS NOT NULL AND new.organisation_id IS NOT c.scope)
        OR (new.organisation_id IS NOT old.organisation_id AND NOT EXISTS (
            SELECT 1 FROM caller c WHERE c.uid = old.owner_id AND (new.organisation_id IS NULL
                OR EXISTS (SELECT 1 FROM my_organisations o WHERE o.id = new.organisation_id))));
    UPDATE _pages
    SET organisation_id = new.organisation_id, slug = new.slug, title = new.title, body = new.body, published = new.published,
        updated_at = new.updated_at
    WHERE id = old.id;
END;
CREATE TEMP TRIGGER pages_delete INSTEAD OF DELETE ON pages BEGIN
    SELECT raise(ABORT, 'row-level security: pages') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE uid = old.owner_id);
    DELETE FROM _pages WHERE id = old.id;
END;

-- ### page_collaborators: seen by who edits the page and by oneself; shared by the owner, left by oneself

CREATE TEMP VIEW page_collaborators AS
    SELECT s.* FROM _page_collaborators s JOIN caller c
    ON s.user_id = c.uid OR EXISTS (SELECT 1 FROM my_pages m WHERE m.id = s.page_id AND m.role IN ('owner', 'editor'));
CREATE TEMP TRIGGER page_collaborators_insert INSTEAD OF INSERT ON page_collaborators BEGIN
    SELECT raise(ABORT, 'row-level security: page_collaborators')
    WHERE NOT EXISTS (SELECT 1 FROM my_pages m WHERE m.id = new.page_id AND m.role = 'owner');
    INSERT INTO _page_collaborators (page_id, user_id, role, since) VALUES (new.page_id, new.user_id, new.role, new.since);
END;
CREATE TEMP TRIGGER page_collaborators_update INSTEAD OF UPDATE ON page_collaborators BEGIN
    SELECT raise(ABORT, 'row-level security: page_collaborators')
    WHERE NOT EXISTS (SELECT 1 FROM my_pages m WHERE m.id = old.page_id AND m.role = 'owner')
        OR new.page_id <> old.page_id OR new.user_id <> old.user_id;
    UPDATE _page_collaborators SET role = new.role WHERE page_id = old.page_id AND user_id = old.user_id;
END;
CREATE TEMP TRIGGER page_collaborators_delete INSTEAD OF DELETE ON page_collaborators BEGIN
    SELECT raise(ABORT, 'row-level security: page_collaborators')
    WHERE NOT EXISTS (SELECT 1 FROM my_pages m WHERE m.id = old.page_id AND m.role = 'owner')
        AND NOT EXISTS (SELECT 1 FROM caller WHERE uid = old.user_id);
    DELETE FROM _page_collaborators WHERE page_id = old.page_id AND user_id = old.user_id;
END;

-- ### elevations: one's own, asked for by oneself; decided by admins who are somebody else, and not admins for a while

CREATE TEMP VIEW elevations AS
    SELECT e.* FROM _elevations e JOIN caller c ON e.user_id = c.uid OR c.admin OR c.service;
CREATE TEMP TRIGGER elevations_insert INSTEAD OF INSERT ON elevations BEGIN
    SELECT raise(ABORT, 'row-level security: elevations')
    WHERE NOT EXISTS (SELECT 1 FROM caller WHERE uid = new.user_id AND new.state = 'pending');
    INSERT INTO _elevations (id, user_id, reason, minutes, state, asked_at, approved_by, approved_at, granted, ends_at, ended_by, ended_at)
    VALUES (new.id, new.user_id, new.reason, new.minutes, new.state, new.asked_at, new.approved_by, new.approved_at, new.granted, new.ends_at, new.ended_by, new.ended_at);
END;
CREATE TEMP TRIGGER elevations_update INSTEAD OF UPDATE ON elevations BEGIN
    SELECT raise(ABORT, 'row-level security: elevations')
    WHERE new.id <> old.id OR new.user_id <> old.user_id OR new.reason <> old.reason OR new.minutes <> old.minutes OR new.asked_at <> old.asked_at
        OR (new.state <> 'approved' AND (new.approved_by IS NOT old.approved_by OR new.approved_at IS NOT old.approved_at
            OR new.granted IS NOT old.granted OR new.ends_at <> old.ends_at))
        OR NOT EXISTS (SELECT 1 FROM caller c WHERE
            (old.state = 'pending' AND new.state = 'approved' AND c.admin AND c.elevation IS NULL AND c.uid <> old.user_id AND new.approved_by = c.uid)
            OR (old.state = 'pending' AND new.state = 'refused' AND c.admin AND c.elevation IS NULL AND c.uid <> old.user_id AND new.ended_by = c.uid)
            OR (old.state IN ('pending', 'approved') AND new.state = 'withdrawn' AND new.ended_by = c.uid
                AND (c.uid = old.user_id OR (c.admin AND c.elevation IS NULL)))
            OR (old.state IN ('pending', 'approved') AND new.state = 'expired' AND c.service));
    UPDATE _elevations
    SET state = new.state, approved_by = new.approved_by, approved_at = new.approved_at, granted = new.granted, ends_at = new.ends_at,
        ended_by = new.ended_by, ended_at = new.ended_at
    WHERE id = old.id;
END;
CREATE TEMP TRIGGER elevations_delete INSTEAD OF DELETE ON elevations BEGIN
    SELECT raise(ABORT, 'row-level security: elevations') WHERE old.ended_at IS NULL OR NOT EXISTS (SELECT 1 FROM caller WHERE service);
    DELETE FROM _elevations WHERE id = old.id;
END;

-- ### revisions: read by the service

CREATE TEMP VIEW revisions AS SELECT r.* FROM _revisions r JOIN caller c ON c.service;

-- ### api_keys: kept by admins and the service

CREATE TEMP VIEW api_keys AS
    SELECT k.* FROM _api_keys k JOIN caller c ON c.admin OR c.service;
CREATE TEMP TRIGGER api_keys_insert INSTEAD OF INSERT ON api_keys BEGIN
    SELECT raise(ABORT, 'row-level security: api_keys') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    INSERT INTO _api_keys (id, body, revision, changed_at, last_used)
    VALUES (new.id, new.body, new.revision, new.changed_at, new.last_used);
END;
CREATE TEMP TRIGGER api_keys_update INSTEAD OF UPDATE ON api_keys BEGIN
    SELECT raise(ABORT, 'row-level security: api_keys') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    UPDATE _api_keys SET body = new.body, revision = new.revision, changed_at = new.changed_at, last_used = new.last_used
    WHERE id = old.id;
END;
CREATE TEMP TRIGGER api_keys_delete INSTEAD OF DELETE ON api_keys BEGIN
    SELECT raise(ABORT, 'row-level security: api_keys');
END;

-- ### sign_outs: written by oneself, admins and the service; followed and cleaned by the service

CREATE TEMP VIEW sign_outs AS SELECT s.* FROM _sign_outs s JOIN caller c ON c.service;
CREATE TEMP TRIGGER sign_outs_insert INSTEAD OF INSERT ON sign_outs BEGIN
    SELECT raise(ABORT, 'row-level security: sign_outs')
    WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service OR uid = new.user_id);
    UPDATE _revisions SET revision = revision + 1 WHERE name = 'sign_outs';
    INSERT INTO _sign_outs (number, user_id, issuer, token, issued_until, ends_at)
    VALUES ((SELECT revision FROM _revisions WHERE name = 'sign_outs'), new.user_id, new.issuer, new.token, new.issued_until, new.ends_at);
END;
CREATE TEMP TRIGGER sign_outs_update INSTEAD OF UPDATE ON sign_outs BEGIN
    SELECT raise(ABORT, 'row-level security: sign_outs');
END;
CREATE TEMP TRIGGER sign_outs_delete INSTEAD OF DELETE ON sign_outs BEGIN
    SELECT raise(ABORT, 'row-level security: sign_outs') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    DELETE FROM _sign_outs WHERE number = old.number;
END;

-- ### stream_tickets: kept by the service; shared_keys: read by it

CREATE TEMP VIEW stream_tickets AS SELECT t.* FROM _stream_tickets t JOIN caller c ON c.service;
CREATE TEMP TRIGGER stream_tickets_insert INSTEAD OF INSERT ON stream_tickets BEGIN
    SELECT raise(ABORT, 'row-level security: stream_tickets') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    INSERT INTO _stream_tickets (digest, user_id, sealed, ends_at) VALUES (new.digest, new.user_id, new.sealed, new.ends_at);
END;
CREATE TEMP TRIGGER stream_tickets_delete INSTEAD OF DELETE ON stream_tickets BEGIN
    SELECT raise(ABORT, 'row-level security: stream_tickets') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE service);
    DELETE FROM _stream_tickets WHERE digest = old.digest;
END;
CREATE TEMP VIEW shared_keys AS SELECT k.* FROM _shared_keys k JOIN caller c ON c.service;

-- ### audit_log: added to by all, read and erased from by admins and the service

CREATE TEMP VIEW audit_head AS
    SELECT coalesce(l.sequence, 0) AS sequence, coalesce(l.hash, i.id) AS hash, i.id AS log
    FROM caller c JOIN _audit_identity i LEFT JOIN (SELECT sequence, hash FROM _audit_log ORDER BY sequence DESC LIMIT 1) l;
CREATE TEMP VIEW audit_log AS
    SELECT l.* FROM _audit_log l JOIN caller c ON c.admin OR c.service;
CREATE TEMP TRIGGER audit_log_insert INSTEAD OF INSERT ON audit_log BEGIN
    SELECT raise(ABORT, 'row-level security: audit_log') WHERE NOT EXISTS (SELECT 1 FROM caller);
    INSERT INTO _audit_log (sequence, time, action, outcome, code, request_id, actor_kind, actor_issuer, actor_seal, actor_salt, actor_subject, actor_address, actor_user_agent, behalf_issuer, behalf_seal, behalf_salt, behalf_subject, target_kind, target_issuer, target_seal, target_salt, target_id, words_seal, words_salt, reason, details, previous, hash)
    VALUES (new.sequence, new.time, new.action, new.outcome, new.code, new.request_id, new.actor_kind, new.actor_issuer, new.actor_seal, new.actor_salt, new.actor_subject, new.actor_address, new.actor_user_agent, new.behalf_issuer, new.behalf_seal, new.behalf_salt, new.behalf_subject, new.target_kind, new.target_issuer, new.target_seal, new.target_salt, new.target_id, new.words_seal, new.words_salt, new.reason, new.details, new.previous, new.hash);
END;
CREATE TEMP TRIGGER audit_log_update INSTEAD OF UPDATE ON audit_log BEGIN
    UPDATE _audit_log
    SET actor_salt = new.actor_salt, actor_subject = new.actor_subject, actor_address = new.actor_address, actor_user_agent = new.actor_user_agent, behalf_salt = new.behalf_salt, behalf_subject = new.behalf_subject, target_salt = new.target_salt, target_id = new.target_id, words_salt = new.words_salt, reason = new.reason, details = new.details
    WHERE sequence = old.sequence;
END;
CREATE TEMP TRIGGER audit_log_delete INSTEAD OF DELETE ON audit_log BEGIN
    SELECT raise(ABORT, 'row-level security: audit_log');
END;

-- ### orders: given by admins and the service, read and ended by the service alone

CREATE TEMP VIEW orders AS SELECT o.* FROM _orders o JOIN caller c ON c.service;
CREATE TEMP TRIGGER orders_insert INSTEAD OF INSERT ON orders BEGIN
    SELECT raise(ABORT, 'row-level security: orders') WHERE NOT EXISTS (SELECT 1 FROM caller WHERE admin OR service);
    INSERT INTO _orders (id, server, kind, body, at) VALUES (new.id, new.server, new.kind, new.body, new.at);
END;
CREATE TEMP TRIGGER orders_update INSTEAD OF UPDATE ON orders BEGIN
    SELECT raise(ABORT, 'row-level security: orders');
END;
CREATE TEMP TRIGGER orders_delete INSTEAD OF DELETE ON orders BEGIN
    DELETE FROM _orders WHERE id = old.id;
END;
