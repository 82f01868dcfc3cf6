//! The two pages that show the description of the API.

use palisade::secure_headers::CspNonce;
use serde_json::{Value, json};

/// Swagger UI at `base`: it shows this server's description and no other, whatever the address says, and keeps no token.
pub(crate) fn swagger(base: &str, description: &str, nonce: &CspNonce) -> String {
    let options = in_script(&json!({
        "url": description,
        "dom_id": "#swagger-ui",
        "deepLinking": true,
        "queryConfigEnabled": false,
        "persistAuthorization": false,
        "validatorUrl": null,
        "tryItOutEnabled": true,
    }));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Palisade: API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"{base}/swagger-ui.css\"></head>\n\
         <body><div id=\"swagger-ui\"></div>\
         <script nonce=\"{nonce}\" src=\"{base}/swagger-ui-bundle.js\"></script>\n\
         <script nonce=\"{nonce}\">SwaggerUIBundle({options});</script></body></html>\n"
    )
}

/// Scalar at `base`: nothing of it comes from, or goes to, another host; it keeps no token.
pub(crate) fn scalar(
    base: &str,
    description: &str,
    token: Option<&str>,
    nonce: &CspNonce,
) -> String {
    let mut options = json!({
        "url": description,
        "withDefaultFonts": false,
        "persistAuth": false,
        "telemetry": false,
        "showDeveloperTools": "never",
        "agent": { "disabled": true },
        "mcp": { "disabled": true },
        "hideClientButton": true,
        "authentication": { "preferredSecurityScheme": "bearer" },
    });
    if let (Some(token), Some(known)) = (token, options.get_mut("authentication")) {
        *known = json!({
            "preferredSecurityScheme": "bearer",
            "securitySchemes": { "bearer": { "token": token } },
        });
    }
    let options = in_script(&options);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Palisade: API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta property=\"csp-nonce\" content=\"{nonce}\"></head>\n\
         <body><div id=\"app\"></div>\
         <script nonce=\"{nonce}\" src=\"{base}/scalar.js\"></script>\n\
         <script nonce=\"{nonce}\">Scalar.createApiReference('#app', {options});</script></body></html>\n"
    )
}

/// JSON that ends no script, whatever is in it.
fn in_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}
