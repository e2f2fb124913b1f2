//! Events of `EventBridge`: the member `detail` holds the request.
//!
//! `EventBridge` Scheduler and templates of input transformers send `detail` as a string of JSON.

use super::error::{EventError, Place};
use super::json::string;
use super::request::Request;
use std::borrow::Cow;

/// The request in `detail`; an event without `detail` has an empty one.
pub(crate) fn request(detail: Option<&str>) -> Result<Request, EventError> {
    Request::within(Place::Detail, text(detail).as_bytes())
}

/// The JSON of a member that is an object, or a string that holds one.
fn text(detail: Option<&str>) -> Cow<'_, str> {
    let detail = detail.unwrap_or("{}");
    string(detail).map_or(Cow::Borrowed(detail), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_is_an_object_or_a_string_that_holds_one() {
        let ten = Request::from_json(br#"{"digits": 10}"#);
        assert_eq!(request(Some(r#"{"digits": 10}"#)), ten);
        assert_eq!(request(Some(r#""{\"digits\": 10}""#)), ten);
        assert_eq!(request(Some(r#""{\"digits\": \"1_0\"}""#)), ten);
    }

    #[test]
    fn an_error_names_detail() {
        for (detail, error_type) in [
            (None, "MissingDigits"),
            (Some(r#""{}""#), "MissingDigits"),
            (Some(r#""""#), "EmptyPayload"),
            (Some(r#""ten""#), "InvalidJson"),
            (Some("[10]"), "InvalidPayload"),
            (Some("10"), "InvalidPayload"),
            (Some(r#""\"{}\"""#), "InvalidPayload"),
        ] {
            let error = request(detail).unwrap_err();
            assert_eq!(error.error_type(), error_type, "{detail:?}");
            assert!(error.to_string().contains("`detail`"), "{error}");
        }
    }
}
