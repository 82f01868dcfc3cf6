//! A record as a row, and back.

use std::{
    error::Error as StdError,
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{Method, StatusCode};
use palisade_analytics::Record;
use palisade_core::{Access, Country, Ended, Location, Route};
use rusqlite::{Error, Row, Statement, params, types::Type};

use crate::codes::Codes;

pub(crate) const INSERT: &str = "INSERT INTO requests \
    (time, request_id, method, path, route, address, country, region, city, user_agent, session, user, status, code, \
    response_time, bytes, ended) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

/// What [`read`] reads.
pub(crate) const COLUMNS: &str = "id, time, lower(hex(request_id)), method, path, route, address, country, region, city, \
    user_agent, lower(hex(session)), user, status, code, response_time, bytes, ended";

/// Writes one row.
pub(crate) fn insert(insert: &mut Statement<'_>, record: &Record) -> Result<(), Error> {
    let place = record.location.as_deref();
    insert.execute(params![
        nanoseconds(record.time),
        sixteen_bytes(&record.request_id).as_slice(),
        record.method.as_str(),
        &*record.path,
        record.route.as_ref().map(Route::id),
        record.address.map(|address| address.to_string()),
        place.and_then(|place| place.country.as_ref()).map(Country::as_str),
        place.and_then(|place| place.region.as_deref()),
        place.and_then(|place| place.city.as_deref()),
        record.user_agent.as_deref(),
        record.session.map(|session| sixteen_bytes(&session).to_vec()),
        record.user.as_deref(),
        record.status.map(|status| status.as_u16()),
        record.code.map(palisade_core::Code::as_str),
        i64::try_from(record.response_time.as_nanos()).unwrap_or(i64::MAX),
        i64::try_from(record.bytes).unwrap_or(i64::MAX),
        record.ended.as_str(),
    ])?;
    Ok(())
}

/// Reads one row: its number, and the record.
pub(crate) fn read(row: &Row<'_>, codes: &Codes) -> Result<(u64, Record), Error> {
    let method: String = row.get(3)?;
    let path: String = row.get(4)?;
    let mut record = Record::new(
        time(row.get(1)?),
        parsed(row, 2)?.ok_or_else(|| broken(2, "none"))?,
        Method::from_str(&method).map_err(|error| broken(3, error))?,
        path,
    );
    // Who may ask it is not kept: that is the registry's to say, and may have changed since.
    let route: Option<String> = row.get(5)?;
    record.route = route.map(|id| Route::new(id, Access::default()));
    record.address = parsed(row, 6)?;
    record.location = location(row)?;
    record.user_agent = row.get::<_, Option<String>>(10)?.map(String::into_boxed_str);
    record.session = parsed(row, 11)?;
    record.user = row.get::<_, Option<String>>(12)?.map(String::into_boxed_str);
    let status: Option<u16> = row.get(13)?;
    let status = status.map(StatusCode::from_u16).transpose();
    record.status = status.map_err(|error| broken(13, error))?;
    record.code = row.get_ref(14)?.as_str_or_null()?.map(|code| codes.called(code));
    record.response_time = duration(row.get(15)?);
    record.bytes = u64::try_from(row.get::<_, i64>(16)?).unwrap_or_default();
    record.ended = ended(row.get_ref(17)?.as_str()?);
    Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default(), record))
}

/// Nanoseconds since the epoch; what no `i64` can say is the first or last that it can.
pub(crate) fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, i64::saturating_neg)
        }
    }
}

/// The 16 bytes that are shown as 32 hexadecimal digits.
pub(crate) fn sixteen_bytes(shown: &impl ToString) -> [u8; 16] {
    u128::from_str_radix(&shown.to_string(), 16).unwrap_or_default().to_be_bytes()
}

/// The time that so many nanoseconds are.
pub(crate) fn duration(nanoseconds: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or_default())
}

fn time(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    let time = if nanoseconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(UNIX_EPOCH)
}

fn location(row: &Row<'_>) -> Result<Option<Arc<Location>>, Error> {
    let mut location = Location::new();
    location.country = parsed(row, 7)?;
    location.region = row.get::<_, Option<String>>(8)?.map(String::into_boxed_str);
    location.city = row.get::<_, Option<String>>(9)?.map(String::into_boxed_str);
    Ok((!location.is_empty()).then(|| Arc::new(location)))
}

fn ended(text: &str) -> Ended {
    let known = [Ended::Whole, Ended::Cut];
    known.into_iter().find(|ended| ended.as_str() == text).unwrap_or(Ended::Unanswered)
}

/// What the text of a column says; nothing, if there is none.
fn parsed<T: FromStr<Err: StdError + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: usize,
) -> Result<Option<T>, Error> {
    let text = row.get_ref(column)?.as_str_or_null()?.filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(|error| broken(column, error))
}

fn broken(column: usize, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, error.into())
}
