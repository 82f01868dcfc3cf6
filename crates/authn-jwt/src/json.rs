//! JSON in which no name stands twice, borrowed from its text.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

/// A value. Strings without escapes are borrowed from the text.
#[derive(Clone)]
pub(crate) enum Json<'a> {
    /// Null or a truth value: nothing here asks which.
    Other,
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Object<'a>),
}

/// An object without duplicate names.
#[derive(Clone, Default)]
pub(crate) struct Object<'a> {
    /// In the order of their names.
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

/// Reads a JSON object and refuses a name that stands twice, at any depth: two readers would each take another one
/// (RFC 7519 section 4, RFC 8725bis). Nesting is bounded by the parser. O(n log n).
pub(crate) fn object(text: &str) -> Option<Object<'_>> {
    read::<true>(text)
}

/// Reads a JSON object as [`object`] does, but an object within it in which a name stands twice is null, and spoils nothing
/// beside it.
pub(crate) fn object_of_objects(text: &str) -> Option<Object<'_>> {
    read::<false>(text)
}

fn read<const STRICT: bool>(text: &str) -> Option<Object<'_>> {
    match serde_json::from_str(text).ok()? {
        Unique::<STRICT>(Json::Object(object)) => Some(object),
        Unique(_) => None,
    }
}

/// A value without duplicate names. Where there are some, nothing is read, or null in place of the object that has them.
struct Unique<'a, const STRICT: bool>(Json<'a>);

struct UniqueVisitor<const STRICT: bool>;

// === impl Json ===

impl<'a> Json<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(&**text) } else { None }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items.as_slice()) } else { None }
    }

    pub(crate) fn as_object(&self) -> Option<&Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The strings of a string or of an array.
    pub(crate) fn strings(&self) -> impl Iterator<Item = &str> {
        self.as_list().unwrap_or(std::slice::from_ref(self)).iter().filter_map(Json::as_str)
    }
}

// === impl Object ===

impl<'a> Object<'a> {
    /// The member of this name. O(log n).
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.members.get(self.place(name)?).map(|(_, value)| value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Takes the member of this name out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json<'a>> {
        self.place(name).map(|place| self.members.remove(place).1)
    }

    /// The members that are strings, in the order of their names.
    pub(crate) fn strings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().filter_map(|(name, value)| Some((&**name, value.as_str()?)))
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.members.binary_search_by(|(own, _)| (**own).cmp(name)).ok()
    }
}

// === impl Unique ===

impl<'de, const STRICT: bool> Deserialize<'de> for Unique<'de, STRICT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor::<STRICT>).map(Self)
    }
}

impl<'de, const STRICT: bool> Visitor<'de> for UniqueVisitor<STRICT> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate names")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique::<STRICT>(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Unique::<STRICT>(name)) = entries.next_key()? {
            let Json::Text(name) = name else {
                return Err(A::Error::custom("a name that is no string"));
            };
            let Unique::<STRICT>(value) = entries.next_value()?;
            members.push((name, value));
        }
        members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        if members.is_sorted_by(|(one, _), (other, _)| one < other) {
            return Ok(Json::Object(Object { members }));
        }
        if STRICT { Err(A::Error::custom("a name stands twice")) } else { Ok(Json::Other) }
    }
}
