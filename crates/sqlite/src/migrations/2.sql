-- What is counted and added up is read from here, and not from whole rows with their paths and user agents.
CREATE INDEX requests_in_numbers ON requests
    (time, status, code, ended, response_time, bytes, session, user, address, country, route, method);

DROP INDEX requests_by_time;

-- In the order of their numbers, so a page needs no sorting.
CREATE INDEX requests_by_user ON requests (user) WHERE user IS NOT NULL;

CREATE INDEX requests_by_session ON requests (session) WHERE session IS NOT NULL;

-- One row from the moment that something is deleted until the rest was written anew: it outlives what fails in between.
CREATE TABLE owed (id INTEGER PRIMARY KEY CHECK (id = 1)) STRICT;
