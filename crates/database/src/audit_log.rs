//! The log of what was done, in the transaction that does it.

use palisade_audit::{Event, Hash, Head, LogId, Person, Record, Salt};
use sqlx::{Row, any::AnyRow};

use crate::{Act, DatabaseError, Engine};

/// Which records are asked for: those that fit all that is said.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AuditFilter {
    /// Not before, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before, in milliseconds since 1970.
    pub until: Option<i64>,
    /// What was done.
    pub action: Option<String>,
    /// What became of it.
    pub outcome: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// To whom or what.
    pub target: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
}

/// What was done, and by whom. All add to it; admins and the service read it, and erase people from it.
pub trait AuditLog {
    /// Adds what this transaction does, at the clock's time. Nobody else adds until it ends, so it is best the last statement.
    ///
    /// # Errors
    ///
    /// If it could not be added: then the transaction must not be committed.
    fn record(
        &mut self,
        event: Event,
    ) -> impl Future<Output = Result<Record, DatabaseError>> + Send;

    /// The name of the log, and its end.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn audit_head(&mut self) -> impl Future<Output = Result<(LogId, Head), DatabaseError>> + Send;

    /// Up to `most` records behind the number `after`, as they stand there: for the verifier and for exports.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn audit_records(
        &mut self,
        after: u64,
        most: u32,
    ) -> impl Future<Output = Result<Vec<Record>, DatabaseError>> + Send;

    /// Up to `most` that fit, the latest first, before the number `before`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn find_audited(
        &mut self,
        filter: &AuditFilter,
        before: Option<u64>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<Record>, DatabaseError>> + Send;

    /// Erases the parts of all records that are about `person`, and says how many those were. To be followed by
    /// [`record`](Self::record) of [`Event::erasure`], unless there were none.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn erase_person(
        &mut self,
        person: &Person,
    ) -> impl Future<Output = Result<u64, DatabaseError>> + Send;
}

// === impl AuditLog ===

impl AuditLog for Act {
    async fn record(&mut self, event: Event) -> Result<Record, DatabaseError> {
        let (_, head) = self.head(Purpose::Adding).await?;
        let record = head.next(event, self.clock().now().wall());
        self.insert(&record).await?;
        Ok(record)
    }

    async fn audit_head(&mut self) -> Result<(LogId, Head), DatabaseError> {
        self.head(Purpose::Reading).await
    }

    async fn audit_records(&mut self, after: u64, most: u32) -> Result<Vec<Record>, DatabaseError> {
        let rows =
            sqlx::query("SELECT * FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT $2")
                .bind(i64::try_from(after).unwrap_or(i64::MAX))
                .bind(i64::from(most))
                .fetch_all(self.connection())
                .await?;
        rows.iter().map(record_of).collect()
    }

    async fn find_audited(
        &mut self,
        filter: &AuditFilter,
        before: Option<u64>,
        most: u32,
    ) -> Result<Vec<Record>, DatabaseError> {
        let sql = "SELECT * FROM audit_log
            WHERE sequence < $1 AND time >= $2 AND time < $3
            AND ($4 = '' OR action = $4) AND ($5 = '' OR outcome = $5) AND ($6 = '' OR actor_subject = $6)
            AND ($7 = '' OR target_id = $7) AND ($8 = '' OR request_id = $8)
            ORDER BY sequence DESC LIMIT $9";
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let rows = sqlx::query(sql)
            .bind(before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX))
            .bind(filter.since.unwrap_or(i64::MIN))
            .bind(filter.until.unwrap_or(i64::MAX))
            .bind(text(&filter.action))
            .bind(text(&filter.outcome))
            .bind(text(&filter.actor))
            .bind(text(&filter.target))
            .bind(text(&filter.request_id))
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(record_of).collect()
    }

    async fn erase_person(&mut self, person: &Person) -> Result<u64, DatabaseError> {
        // Nobody adds meanwhile, so nobody is missed.
        self.head(Purpose::Adding).await?;
        let sql = "SELECT * FROM audit_log WHERE actor_subject = $1 OR behalf_subject = $1 OR target_id = $1";
        let rows =
            sqlx::query(sql).bind(person.subject().to_owned()).fetch_all(self.connection()).await?;
        let mut parts: u64 = 0;
        for row in &rows {
            let mut record = record_of(row)?;
            let erased = record.erase_person(person);
            if erased > 0 {
                self.keep_erased(&record).await?;
                parts = parts.saturating_add(erased);
            }
        }
        Ok(parts)
    }
}

/// Why the end of the log is asked for.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Purpose {
    Reading,
    Adding,
}

impl Act {
    async fn head(&mut self, purpose: Purpose) -> Result<(LogId, Head), DatabaseError> {
        let sql = match (self.engine(), purpose) {
            // There is one writer at a time.
            (Engine::Sqlite, _) => "SELECT sequence, hash, log FROM audit_head",
            (Engine::Postgres, Purpose::Adding) => {
                "SELECT sequence, hash, log FROM palisade.audit_head(true)"
            }
            (Engine::Postgres, Purpose::Reading) => {
                "SELECT sequence, hash, log FROM palisade.audit_head(false)"
            }
        };
        let (sequence, hash, log): (i64, Vec<u8>, Vec<u8>) =
            sqlx::query_as(sql).fetch_one(self.connection()).await?;
        let log = LogId::from_slice(&log).ok_or(DatabaseError::Invalid)?;
        let hash = Hash::from_slice(&hash).ok_or(DatabaseError::Invalid)?;
        Ok((log, Head::new(u64::try_from(sequence).unwrap_or_default(), hash)))
    }

    async fn insert(&mut self, record: &Record) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO audit_log (sequence, time, action, outcome, code, request_id, actor_kind, actor_issuer, actor_seal, actor_salt, actor_subject, actor_address, actor_user_agent, behalf_issuer, behalf_seal, behalf_salt, behalf_subject, target_kind, target_issuer, target_seal, target_salt, target_id, words_seal, words_salt, reason, details, previous, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)";
        sqlx::query(sql)
            .bind(i64::try_from(record.sequence).unwrap_or(i64::MAX))
            .bind(record.time)
            .bind(record.action.clone())
            .bind(record.outcome.clone())
            .bind(record.code.clone())
            .bind(record.request_id.clone())
            .bind(record.actor_kind.clone())
            .bind(record.actor_issuer.clone())
            .bind(record.actor_seal.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.actor_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.actor_subject.clone())
            .bind(record.actor_address.clone())
            .bind(record.actor_user_agent.clone())
            .bind(record.behalf_issuer.clone())
            .bind(record.behalf_seal.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.behalf_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.behalf_subject.clone())
            .bind(record.target_kind.clone())
            .bind(record.target_issuer.clone())
            .bind(record.target_seal.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.target_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.target_id.clone())
            .bind(record.words_seal.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.words_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.reason.clone())
            .bind(record.details.clone())
            .bind(record.previous.as_bytes().to_vec())
            .bind(record.hash.as_bytes().to_vec())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn keep_erased(&mut self, record: &Record) -> Result<(), DatabaseError> {
        let sql = "UPDATE audit_log
            SET actor_salt = $2, actor_subject = $3, actor_address = $4, actor_user_agent = $5, behalf_salt = $6, behalf_subject = $7, target_salt = $8, target_id = $9, words_salt = $10, reason = $11, details = $12
            WHERE sequence = $1";
        sqlx::query(sql)
            .bind(i64::try_from(record.sequence).unwrap_or(i64::MAX))
            .bind(record.actor_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.actor_subject.clone())
            .bind(record.actor_address.clone())
            .bind(record.actor_user_agent.clone())
            .bind(record.behalf_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.behalf_subject.clone())
            .bind(record.target_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.target_id.clone())
            .bind(record.words_salt.map(|salt| salt.as_bytes().to_vec()))
            .bind(record.reason.clone())
            .bind(record.details.clone())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

/// A row as it stands there. What cannot be a value is read as nothing like one, for the verifier to find.
fn record_of(row: &AnyRow) -> Result<Record, DatabaseError> {
    let text = |name| row.try_get::<Option<String>, _>(name);
    let word = |name| row.try_get::<Option<String>, _>(name).map(Option::unwrap_or_default);
    let bytes = |name| row.try_get::<Option<Vec<u8>>, _>(name);
    let hash = |name| {
        Ok::<_, sqlx::Error>(bytes(name)?.map(|bytes| Hash::from_slice(&bytes).unwrap_or(NO_HASH)))
    };
    let salt = |name| {
        Ok::<_, sqlx::Error>(bytes(name)?.map(|bytes| Salt::from_slice(&bytes).unwrap_or(NO_SALT)))
    };
    Ok(Record {
        sequence: u64::try_from(row.try_get::<i64, _>("sequence")?).unwrap_or_default(),
        time: row.try_get("time")?,
        action: word("action")?,
        outcome: word("outcome")?,
        code: text("code")?,
        request_id: text("request_id")?,
        actor_kind: word("actor_kind")?,
        actor_issuer: text("actor_issuer")?,
        actor_seal: hash("actor_seal")?,
        actor_salt: salt("actor_salt")?,
        actor_subject: text("actor_subject")?,
        actor_address: text("actor_address")?,
        actor_user_agent: text("actor_user_agent")?,
        behalf_issuer: text("behalf_issuer")?,
        behalf_seal: hash("behalf_seal")?,
        behalf_salt: salt("behalf_salt")?,
        behalf_subject: text("behalf_subject")?,
        target_kind: text("target_kind")?,
        target_issuer: text("target_issuer")?,
        target_seal: hash("target_seal")?,
        target_salt: salt("target_salt")?,
        target_id: text("target_id")?,
        words_seal: hash("words_seal")?,
        words_salt: salt("words_salt")?,
        reason: text("reason")?,
        details: text("details")?,
        previous: hash("previous")?.unwrap_or(NO_HASH),
        hash: hash("hash")?.unwrap_or(NO_HASH),
    })
}

const NO_HASH: Hash = Hash::from_bytes([0; Hash::LENGTH]);
const NO_SALT: Salt = Salt::from_bytes([0; Salt::LENGTH]);
