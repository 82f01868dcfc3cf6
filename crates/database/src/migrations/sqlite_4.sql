-- Admin rights for a while: asked for by a user, given by an admin who is somebody else, and gone at their end.

CREATE TABLE _elevations (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
    user_id TEXT NOT NULL CHECK (length(user_id) BETWEEN 1 AND 512),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    minutes BIGINT NOT NULL CHECK (minutes BETWEEN 1 AND 60),
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'withdrawn', 'expired')),
    asked_at BIGINT NOT NULL,
    approved_by TEXT CHECK (approved_by <> user_id),
    approved_at BIGINT,
    granted BIGINT CHECK (granted BETWEEN 1 AND minutes),
    ends_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT,
    CHECK ((approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (granted IS NULL)),
    CHECK (state NOT IN ('pending', 'refused') OR approved_at IS NULL),
    CHECK (state <> 'approved' OR approved_at IS NOT NULL),
    -- An hour to be approved, and no minute more than was granted: there is nothing that makes it longer.
    CHECK (ends_at = coalesce(approved_at + granted * 60000, asked_at + 3600000)),
    CHECK ((state IN ('pending', 'approved')) = (ended_at IS NULL))
);
-- One at a time.
CREATE UNIQUE INDEX _elevations_open ON _elevations (user_id) WHERE state IN ('pending', 'approved');
CREATE INDEX _elevations_by_user ON _elevations (user_id, asked_at);
CREATE INDEX _elevations_by_time ON _elevations (asked_at, id);
INSERT INTO _revisions VALUES ('elevations', 0);
CREATE TRIGGER _elevations_added AFTER INSERT ON _elevations BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'elevations'; END;
CREATE TRIGGER _elevations_changed AFTER UPDATE ON _elevations BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'elevations'; END;
CREATE TRIGGER _elevations_removed AFTER DELETE ON _elevations BEGIN UPDATE _revisions SET revision = revision + 1 WHERE name = 'elevations'; END;
