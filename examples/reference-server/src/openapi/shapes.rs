//! What JSON looks like, in few words.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{
        AdditionalProperties, ArrayBuilder, KnownFormat, Object, ObjectBuilder, OneOfBuilder,
        SchemaFormat, SchemaType, Type,
    },
};

/// The members of an object.
#[derive(Default)]
pub(crate) struct Members {
    object: ObjectBuilder,
}

/// An object, by its members.
pub(crate) fn object() -> Members {
    Members { object: ObjectBuilder::new().schema_type(Type::Object) }
}

/// Whatever there is in JSON.
pub(crate) fn anything() -> Schema {
    utoipa::openapi::schema::empty()
}

/// An object of members that all look alike, by names that are data.
pub(crate) fn any() -> Schema {
    let anything = AdditionalProperties::<Schema>::FreeForm(true);
    Schema::Object(
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(anything))
            .build(),
    )
}

pub(crate) fn text() -> Schema {
    of(Type::String)
}

/// A text that is not empty.
pub(crate) fn filled() -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    Schema::Object(text.min_length(Some(1)).build())
}

/// A text of this form.
pub(crate) fn formed(pattern: &str) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    Schema::Object(text.pattern(Some(pattern)).build())
}

/// A text as it stands in a path without an escape.
pub(crate) fn segment() -> Schema {
    formed("^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$")
}

/// An address, as the analytics tell it.
pub(crate) fn address() -> Schema {
    formed("^([0-9A-Fa-f:.]+|~[0-9A-Fa-f]{32})$")
}

/// One of these words.
pub(crate) fn word<const N: usize>(words: [&str; N]) -> Schema {
    let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    Schema::Object(words.build())
}

/// A time by RFC 3339.
pub(crate) fn time() -> Schema {
    formatted(KnownFormat::DateTime)
}

pub(crate) fn flag() -> Schema {
    of(Type::Boolean)
}

/// A whole number, from nought.
pub(crate) fn count() -> Schema {
    number(0, None)
}

/// A whole number within these bounds.
pub(crate) fn number(least: u32, most: Option<u32>) -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    Schema::Object(number.minimum(Some(least)).maximum(most).build())
}

/// A number that need not be whole.
pub(crate) fn decimal() -> Schema {
    of(Type::Number)
}

pub(crate) fn list_of(of: impl Into<RefOr<Schema>>) -> Schema {
    Schema::Array(ArrayBuilder::new().items(of.into()).build())
}

/// One of two.
pub(crate) fn choice(one: Schema, other: Schema) -> Schema {
    Schema::OneOf(OneOfBuilder::new().item(one).item(other).build())
}

/// It, or nothing.
pub(crate) fn or_null(schema: Schema) -> Schema {
    choice(schema, of(Type::Null))
}

fn formatted(format: KnownFormat) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    Schema::Object(text.format(Some(SchemaFormat::KnownFormat(format))).build())
}

fn of(kind: Type) -> Schema {
    Schema::Object(Object::with_type(SchemaType::new(kind)))
}

// === impl Members ===

impl Members {
    /// A member that is always there.
    pub(crate) fn has(self, name: &str, shape: impl Into<RefOr<Schema>>) -> Self {
        Self { object: self.object.property(name, shape).required(name) }
    }

    /// A member that may be there.
    pub(crate) fn may_have(self, name: &str, shape: impl Into<RefOr<Schema>>) -> Self {
        Self { object: self.object.property(name, shape) }
    }
}

impl From<Members> for Schema {
    fn from(members: Members) -> Self {
        Self::Object(members.object.build())
    }
}

impl From<Members> for RefOr<Schema> {
    fn from(members: Members) -> Self {
        Self::T(members.into())
    }
}
