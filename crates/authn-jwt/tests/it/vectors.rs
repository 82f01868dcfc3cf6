//! Examples of the RFCs: what verifies, what is refused and why, and that nothing of it is a bearer token.

use palisade_authn_jwt::{Keys, TokenError, verify_jws};
use serde_json::{Value, json};

use crate::{
    fixture::encode,
    threats::{
        Audience, Findings, Trust,
        tokens::{Judge, keeps},
    },
};

/// A file of the cookbook, and what becomes of the tokens in it.
struct Example {
    file: &'static str,
    text: &'static str,
    /// Of the compact one, if there is one.
    compact: Option<Verdict>,
    /// Of the signatures of the JSON serialization, each put into a compact token.
    assembled: &'static [Verdict],
}

type Verdict = Result<(), TokenError>;

const GOOD: Verdict = Ok(());
const MALFORMED: Verdict = Err(TokenError::Malformed);
const CRITICAL: Verdict = Err(TokenError::Critical);
const ALGORITHM: Verdict = Err(TokenError::Algorithm);

macro_rules! example {
    ($file:literal, $compact:expr, $assembled:expr) => {
        Example {
            file: $file,
            text: include_str!(concat!("../vectors/rfc7520/", $file)),
            compact: $compact,
            assembled: &$assembled,
        }
    };
}

const COOKBOOK: [Example; 11] = [
    example!("4_1.rsa_v15_signature.json", Some(GOOD), [GOOD]),
    example!("4_2.rsa-pss_signature.json", Some(GOOD), [GOOD]),
    // ES512 is not offered.
    example!("4_3.ecdsa_signature.json", Some(ALGORITHM), [ALGORITHM]),
    example!("4_4.hmac-sha2_integrity_protection.json", Some(GOOD), [GOOD]),
    // The content is sent elsewhere.
    example!("4_5.signature_with_detached_content.json", Some(MALFORMED), [MALFORMED]),
    // Only the algorithm is protected; what is not does not count.
    example!("4_6.protecting_specific_header_fields.json", None, [GOOD]),
    // Nothing of the header is protected.
    example!("4_7.protecting_content_only.json", None, [MALFORMED]),
    // Three signatures by three keys, two of which have one name.
    example!("4_8.multiple_signatures.json", None, [GOOD, MALFORMED, GOOD]),
    // Content that is not encoded. The two have each other's names where they come from: the compact token is in the one
    // called `json_only`. The other lacks `crit`, which RFC 7797 section 6 asks for, and is no better.
    example!("rfc7797.compact.json", None, [CRITICAL]),
    example!("rfc7797.json_only.json", Some(MALFORMED), [CRITICAL]),
    example!("rfc8037.ed25519.json", Some(GOOD), [GOOD]),
];

// === impl Example ===

impl Example {
    fn read(&self) -> Value {
        serde_json::from_str(self.text).expect(self.file)
    }

    /// Its key, or the set of its keys.
    fn keys(&self) -> Value {
        match self.read()["input"]["key"].take() {
            Value::Array(keys) => json!({ "keys": keys }),
            key => key,
        }
    }

    fn compact(&self) -> Option<String> {
        self.read()["output"]["compact"].as_str().map(str::to_owned)
    }

    /// A compact token of each signature in the JSON serialization.
    fn assembled(&self) -> Vec<String> {
        let example = self.read();
        let json = &example["output"]["json"];
        let part = |of: &Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
        let content = match part(json, "payload") {
            content if content.contains([' ', '.']) => encode(content),
            content => content,
        };
        let signatures = json["signatures"].as_array().expect(self.file);
        let token =
            |of: &Value| format!("{}.{content}.{}", part(of, "protected"), part(of, "signature"));
        signatures.iter().map(token).collect()
    }

    /// The same signatures in the JSON serializations.
    fn in_json(&self) -> Vec<String> {
        let output = self.read()["output"].take();
        let in_json = ["json", "json_flat"].into_iter().filter_map(|form| output.get(form));
        in_json.map(Value::to_string).collect()
    }

    /// Checks what becomes of a token of this file: a good one gives the content back.
    fn check(&self, token: &str, expected: Verdict) {
        let payload = self.read()["input"]["payload"].as_str().expect(self.file).to_owned();
        let verdict = verify_jws(token, &self.keys().to_string());
        assert_eq!(verdict, expected.map(|()| payload.into_bytes()), "{}", self.file);
    }
}

#[test]
fn each_compact_token_of_the_cookbook_verifies_or_is_refused_for_its_reason() {
    for example in &COOKBOOK {
        assert_eq!(example.compact().is_some(), example.compact.is_some(), "{}", example.file);
        if let (Some(token), Some(expected)) = (example.compact(), example.compact) {
            example.check(&token, expected);
        }
    }
}

#[test]
fn each_signature_of_the_cookbook_counts_as_far_as_a_compact_token_can_say_the_same() {
    for example in &COOKBOOK {
        let tokens = example.assembled();
        assert_eq!(tokens.len(), example.assembled.len(), "{}", example.file);
        for (token, expected) in tokens.iter().zip(example.assembled) {
            example.check(token, *expected);
        }
    }
}

/// Nothing of the cookbook lets anybody in, also where its own keys are trusted and nothing else is asked for.
pub(crate) fn j15_cookbook(judge: Judge) -> Findings {
    let mut found = Findings::default();
    for example in &COOKBOOK {
        let any = Trust { name: None, audience: Audience::Any, ..Trust::by(example.keys()) };
        let texts = example.assembled().into_iter().chain(example.compact());
        for text in texts.chain(example.in_json()) {
            found.check(&text, judge(std::slice::from_ref(&any), &text).is_ok(), false);
        }
    }
    found
}

#[test]
fn j15_nothing_of_the_cookbook_is_a_bearer_token() {
    keeps(j15_cookbook);
    for example in &COOKBOOK {
        for text in example.in_json() {
            example.check(&text, MALFORMED);
        }
        // There is none for ES512; all others are trusted above.
        let keys = Keys::jwks_json_with_secrets(&example.keys().to_string());
        assert_eq!(keys.is_err(), example.compact == Some(ALGORITHM), "{}", example.file);
    }
}

#[test]
fn the_key_of_a_set_is_chosen_by_name_and_kind() {
    let example: Value = serde_json::from_str(include_str!(
        "../vectors/rfc7520/4_4.hmac-sha2_integrity_protection.json"
    ))
    .unwrap();
    let token = example["output"]["compact"].as_str().unwrap();
    let key = || example["input"]["key"].clone();
    let other = json!({"kty": "OKP", "crv": "Ed25519", "kid": "x", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert!(verify_jws(token, &json!({"keys": [other, key()]}).to_string()).is_ok());
    assert_eq!(
        verify_jws(token, &json!({"keys": [other]}).to_string()),
        Err(TokenError::UnknownKey)
    );
    assert_eq!(verify_jws(token, "{}"), Err(TokenError::UnknownKey));
    assert_eq!(verify_jws(token, "not JSON"), Err(TokenError::UnknownKey));
    let mut unnamed = key();
    unnamed.as_object_mut().unwrap().retain(|name, _| name != "kid" && name != "alg");
    assert!(verify_jws(token, &unnamed.to_string()).is_ok());
    unnamed["alg"] = json!("HS384");
    assert!(verify_jws(token, &unnamed.to_string()).is_err());
    // The JSON serializations are no compact token.
    assert_eq!(
        verify_jws(&example["output"]["json"].to_string(), &key().to_string()),
        Err(TokenError::Malformed)
    );
}
