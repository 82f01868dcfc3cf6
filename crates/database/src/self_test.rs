//! Whether row-level security holds for the role that the server connects as.

use sqlx::AnyPool;

use crate::{Engine, OpenError};

/// What must be guarded.
const TABLES: &str = "'users', 'user_roles', 'user_secrets', 'organisations', 'organisation_members', 'pages', 'page_collaborators', 'revisions', 'audit_log', 'api_keys', 'sign_outs', 'stream_tickets', 'shared_keys', 'orders', 'elevations', 'vfs_mounts', 'vfs_rules', 'vfs_files', 'vfs_orphans', 'vfs_changes'";

/// Refuses a role that passes by the rules, by itself or as a member of one that does.
pub(crate) async fn role(pool: &AnyPool) -> Result<(), OpenError> {
    let sql = "SELECT current_user::text,
            (SELECT count(*) FROM pg_roles r WHERE r.rolsuper AND pg_has_role(current_user, r.oid, 'MEMBER')),
            (SELECT count(*) FROM pg_roles r WHERE r.rolbypassrls AND pg_has_role(current_user, r.oid, 'MEMBER')),
            (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('public', 'palisade') AND c.relkind IN ('r', 'p', 'v')
             AND pg_has_role(current_user, c.relowner, 'MEMBER'))";
    let (role, superusers, bypassing, owned): (String, i64, i64, i64) =
        sqlx::query_as(sql).fetch_one(pool).await.map_err(unreachable)?;
    let unsafe_role = |fault, fix| Err(OpenError::UnsafeRole { role: role.clone(), fault, fix });
    let fix = "Connect as a login role of its own that is a member of `palisade_runtime` and of nothing else";
    if superusers > 0 {
        return unsafe_role("is a superuser, or may become one", fix);
    }
    if bypassing > 0 {
        return unsafe_role("has BYPASSRLS, or may become one that has", fix);
    }
    if owned > 0 {
        return unsafe_role("owns tables, or may become their owner", fix);
    }
    Ok(())
}

/// Refuses a role that could put something of its own beside what rules call by name.
pub(crate) async fn schemas(pool: &AnyPool) -> Result<(), OpenError> {
    let sql = "SELECT current_user::text FROM pg_namespace n
        WHERE n.nspname IN ('public', 'palisade', 'auth') AND has_schema_privilege(current_user, n.oid, 'CREATE') LIMIT 1";
    let open: Option<String> =
        sqlx::query_scalar(sql).fetch_optional(pool).await.map_err(unreachable)?;
    match open {
        Some(role) => Err(OpenError::UnsafeRole {
            role,
            fault: "may create things beside the tables",
            fix: "Revoke CREATE on the schemas `public`, `palisade` and `auth` from it and from PUBLIC",
        }),
        None => Ok(()),
    }
}

/// Refuses tables whose rules are off, also for their owner, and views that show them as their owner sees them.
pub(crate) async fn tables(pool: &AnyPool) -> Result<(), OpenError> {
    let sql = format!(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relname IN ({TABLES}) AND NOT (c.relrowsecurity AND c.relforcerowsecurity) LIMIT 1"
    );
    let unguarded: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_optional(pool)
        .await
        .map_err(unreachable)?;
    if let Some(table) = unguarded {
        return Err(OpenError::UnguardedTable { table, fault: "has no forced row-level security" });
    }
    // A view is read with its owner's eyes unless it says otherwise.
    let sql = format!(
        "SELECT DISTINCT v.relname::text FROM pg_class v
         JOIN pg_rewrite w ON w.ev_class = v.oid
         JOIN pg_depend d ON d.objid = w.oid AND d.classid = 'pg_rewrite'::regclass
         JOIN pg_class t ON t.oid = d.refobjid AND t.relname IN ({TABLES})
         WHERE v.relkind IN ('v', 'm') AND has_table_privilege(current_user, v.oid, 'SELECT')
         AND (v.relkind = 'm' OR NOT coalesce(v.reloptions::text ILIKE '%security_invoker=true%' OR v.reloptions::text ILIKE '%security_invoker=on%', false)) LIMIT 1"
    );
    let leaking: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_optional(pool)
        .await
        .map_err(unreachable)?;
    match leaking {
        Some(table) => Err(OpenError::UnguardedTable {
            table,
            fault: "is a view without `security_invoker`, so it shows rows past the rules",
        }),
        None => Ok(()),
    }
}

fn unreachable(source: sqlx::Error) -> OpenError {
    OpenError::Unreachable { engine: Engine::Postgres, source }
}
