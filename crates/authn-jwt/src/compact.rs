//! The outside of a token: what can be refused before a key is touched (RFC 7515, RFC 8725).

use std::cell::OnceCell;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    TokenError,
    algorithm::Algorithm,
    json::{self, Json, Object},
};

/// The longest protected header, encoded. A header names a key and an algorithm; ours are 60 to 150 bytes.
const LONGEST_HEADER: usize = 2048;
/// The longest name of a key, in tokens as in key sets.
pub(crate) const LONGEST_KID: usize = 256;

/// A token in the compact serialization whose header was read and whose signature was not looked at yet.
pub(crate) struct Compact<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Box<str>>,
    /// In lower case, without `application/`.
    pub(crate) typ: Option<Box<str>>,
    /// What the signature is over: the first two parts and the dot between them.
    pub(crate) signed: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// The payload as text, once somebody asked.
    content: OnceCell<Box<str>>,
}

// === impl Compact ===

impl<'a> Compact<'a> {
    /// Takes a token of at most `longest` bytes apart.
    pub(crate) fn parse(token: &'a str, longest: usize) -> Result<Self, TokenError> {
        if token.len() > longest {
            return Err(TokenError::TooLong);
        }
        // Also refuses the JSON serializations, whitespace and whatever a lenient base64 would skip.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        // To the end in any case: so the bytes are compared many at a time.
        if !token.bytes().fold(true, |all, byte| all & allowed(byte)) {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        // Five parts are an encrypted token (RFC 7516): nothing is ever decrypted or inflated here.
        // No content is content sent elsewhere (RFC 7515 appendix F).
        if payload.contains('.') || payload.is_empty() {
            return Err(TokenError::Malformed);
        }
        if header.len() > LONGEST_HEADER {
            return Err(TokenError::TooLong);
        }
        let header = text(decode(header)?)?;
        let header = json::object(&header).ok_or(TokenError::Malformed)?;
        let (algorithm, kid, typ) = read_header(&header)?;
        let content = OnceCell::new();
        Ok(Self { algorithm, kid, typ, signed, payload, signature, content })
    }

    /// The decoded payload.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, TokenError> {
        decode(self.payload)
    }

    /// The decoded payload, which must be text.
    pub(crate) fn content(&self) -> Result<&str, TokenError> {
        if let Some(content) = self.content.get() {
            return Ok(content);
        }
        let content = text(self.payload()?)?;
        Ok(self.content.get_or_init(|| content.into()))
    }

    /// The members of the payload, which must be a JSON object.
    pub(crate) fn claims(&self) -> Result<Object<'_>, TokenError> {
        json::object(self.content()?).ok_or(TokenError::Malformed)
    }

    /// The decoded signature.
    pub(crate) fn signature(&self) -> Result<Vec<u8>, TokenError> {
        decode(self.signature)
    }
}

type Header = (Algorithm, Option<Box<str>>, Option<Box<str>>);

/// `jku`, `jwk`, `x5u` and `x5c` are not read: a token does not bring its own key.
fn read_header(header: &Object<'_>) -> Result<Header, TokenError> {
    // Before `alg`, so that a token that needs an extension is told so.
    if header.has("crit") || header.has("b64") {
        return Err(TokenError::Critical);
    }
    if header.has("enc") || header.has("zip") {
        return Err(TokenError::Malformed);
    }
    let text = |name: &str| match header.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(&**text)),
        Some(_) => Err(TokenError::Malformed),
    };
    let algorithm = text("alg")?.ok_or(TokenError::Malformed)?;
    let algorithm = Algorithm::from_name(algorithm).ok_or(TokenError::Algorithm)?;
    let kid = text("kid")?;
    if kid.is_some_and(|kid| kid.len() > LONGEST_KID) {
        return Err(TokenError::UnknownKey);
    }
    Ok((algorithm, kid.map(Box::from), text("typ")?.map(media_type)))
}

/// A media type may leave `application/` out and is compared in any letter case (RFC 7515 section 4.1.9).
pub(crate) fn media_type(typ: &str) -> Box<str> {
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/") {
        Some(short) if !short.contains('/') => Box::from(short),
        _ => typ.into(),
    }
}

/// Decodes one part. The engine refuses padding and set trailing bits, so one content has one spelling.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    if part.is_empty() {
        return Err(TokenError::Malformed);
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

fn text(bytes: Vec<u8>) -> Result<String, TokenError> {
    String::from_utf8(bytes).map_err(|_| TokenError::Malformed)
}
