//! Examples of the RFCs.

use palisade_authn_jwt::{TokenError, verify_jws};
use serde_json::{Value, json};

use crate::fixture::encode;

/// The payload that was signed, and what becomes of the compact token under the key of the example.
fn example(text: &str) -> (String, Result<String, TokenError>) {
    let example: Value = serde_json::from_str(text).expect("JSON");
    let token = example["output"]["compact"].as_str().expect("a compact token");
    let payload = example["input"]["payload"].as_str().expect("a payload").to_owned();
    let verified = verify_jws(token, &example["input"]["key"].to_string());
    (payload, verified.map(|payload| String::from_utf8(payload).expect("UTF-8")))
}

#[test]
fn rfc_7520_section_4_1_rsa_v15() {
    let (payload, verified) =
        example(include_str!("../vectors/rfc7520/4_1.rsa_v15_signature.json"));
    assert_eq!(verified, Ok(payload));
}

#[test]
fn rfc_7520_section_4_2_rsa_pss() {
    let (payload, verified) =
        example(include_str!("../vectors/rfc7520/4_2.rsa-pss_signature.json"));
    assert_eq!(verified, Ok(payload));
}

#[test]
fn rfc_7520_section_4_3_es512_is_not_supported() {
    let (_, verified) = example(include_str!("../vectors/rfc7520/4_3.ecdsa_signature.json"));
    assert_eq!(verified, Err(TokenError::Algorithm));
}

#[test]
fn rfc_7520_section_4_4_hmac() {
    let (payload, verified) =
        example(include_str!("../vectors/rfc7520/4_4.hmac-sha2_integrity_protection.json"));
    assert_eq!(verified, Ok(payload));
}

#[test]
fn rfc_7520_section_4_5_detached_content_is_refused() {
    let (_, verified) =
        example(include_str!("../vectors/rfc7520/4_5.signature_with_detached_content.json"));
    assert_eq!(verified, Err(TokenError::Malformed));
}

/// The two files have each other's names where they come from: the compact token is in the one called `json_only`.
#[test]
fn rfc_7797_content_that_is_not_encoded_is_refused() {
    let critical = include_str!("../vectors/rfc7520/rfc7797.json_only.json");
    let (_, verified) = example(critical);
    assert_eq!(verified, Err(TokenError::Malformed));
    assert_eq!(encoded(critical), Err(TokenError::Critical));
    // Without `crit` it is against RFC 7797 section 6, and no better.
    let silent = include_str!("../vectors/rfc7520/rfc7797.compact.json");
    assert_eq!(encoded(silent), Err(TokenError::Critical));
}

/// What becomes of an example with content that is not encoded if the content is encoded after all.
fn encoded(text: &str) -> Result<Vec<u8>, TokenError> {
    let example: Value = serde_json::from_str(text).unwrap();
    let part = |name: &str| example["output"]["json_flat"][name].as_str().unwrap();
    let token = format!("{}.{}.{}", part("protected"), encode(part("payload")), part("signature"));
    verify_jws(&token, &example["input"]["key"].to_string())
}

#[test]
fn rfc_8037_appendix_a_ed25519() {
    let (payload, verified) = example(include_str!("../vectors/rfc7520/rfc8037.ed25519.json"));
    assert_eq!(verified, Ok(payload));
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
