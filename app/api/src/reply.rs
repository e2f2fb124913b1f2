//! A reply, as an HTTP API reads it in JSON (payload 2.0).

use serde::Serialize;
use serde_json::{Value, json};

/// A reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Headers beside `Content-Type`.
    pub headers: Vec<(&'static str, String)>,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Body.
    pub body: String,
}

impl Reply {
    /// A reply with a JSON body.
    ///
    /// # Panics
    ///
    /// When the body has no form in JSON, which all bodies here have.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let headers = vec![("cache-control", "no-store".to_owned())];
        let body = serde_json::to_string(body).expect("the body has a form in JSON");
        Self { status, headers, content_type: "application/json", body: body + "\n" }
    }

    /// A page of HTML that may load and run nothing.
    #[must_use]
    pub fn html(body: String) -> Self {
        let headers = [
            ("cache-control", "private, max-age=60"),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ),
            ("referrer-policy", "no-referrer"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { status: 200, headers, content_type: "text/html; charset=utf-8", body }
    }

    /// A refusal. Its message is JSON and never HTML, whatever it repeats of the request.
    #[must_use]
    pub fn refusal(status: u16, kind: &str, field: Option<&str>, message: &str) -> Self {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Refusal<'a> {
            error_type: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<&'a str>,
            error_message: &'a str,
        }
        Self::json(status, &Refusal { error_type: kind, field, error_message: message })
    }

    /// This reply with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The JSON form for API Gateway.
    #[must_use]
    pub fn to_event(&self) -> Value {
        let mut headers = json!({ "content-type": self.content_type, "x-content-type-options": "nosniff" });
        for (name, value) in &self.headers {
            headers[*name] = json!(value);
        }
        json!({ "statusCode": self.status, "headers": headers, "body": self.body, "isBase64Encoded": false })
    }
}
