//! Where users' data is, what seals their secrets, and what signs the log of what was done.

use super::{Part, Setting, setting};

pub(super) const DATABASE: &[Setting] = &[
    setting(
        Part::Database,
        "DATABASE_URL",
        "",
        "`sqlite:` and a path, or `postgres://user:password@host/name`",
        "Where secrets of users and the log of what admins do are kept. Unset: palisade.db in DATA_DIR. On PostgreSQL the role is one that row-level security holds for: a member of `palisade_runtime`, who owns no table.",
    ),
    setting(
        Part::Database,
        "DATABASE_MIGRATE_URL",
        "",
        "`postgres://user:password@host/name`",
        "The same PostgreSQL as the owner of its tables: the start, and `palisade-server migrate`, bring them up to date by it. Unset: the server does not start on tables of an earlier version.",
    ),
    setting(
        Part::Database,
        "VAULT_KEYS",
        "",
        "`VERSION:KEY`, separated by commas, each key from `openssl rand -base64 32`; also `primary=VERSION` and `minimum=VERSION`",
        "What seals secrets of users, and files: the highest version is used, older ones are for what they sealed. That is wrapped by it at the start: what is older than the `key_version` of `vault.rewrapped` can go. Before it seals anything all instances must have it, with `primary=` the one before. A file is better, which nobody sees who looks at the process.",
    ),
    setting(
        Part::Database,
        "VAULT_KEYS_FILE",
        "",
        "a file that its owner alone may read",
        "The same in a file, on lines. Unset, and VAULT_KEYS too: in development vault.keys in DATA_DIR, which is made; in production there are neither secrets of users nor files, `/api/me/secrets` and `/api/vfs` answer 503.",
    ),
    setting(
        Part::Database,
        "AUDIT_SIGNING_KEY_FILE",
        "",
        "a file that its owner alone may read, from `palisade-server audit key`",
        "What signs checkpoints of the log of what admins do: every 5 minutes in which something was added, and when the server ends. With AUDIT_CHECKPOINT_FILE.",
    ),
    setting(
        Part::Database,
        "AUDIT_CHECKPOINT_FILE",
        "",
        "a file",
        "Where checkpoints are added. Keep it, or a copy, where nobody can write who can write to the database: `palisade-server audit verify` compares the two.",
    ),
];
