//! Finds the call of Lambda's API and the function behind a path.

use super::api_error::ApiError;
use super::path::{INVOKE, STREAM};
use crate::subject::environment;
use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;

/// The calls of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `Invoke`.
    Invoke,
    /// `InvokeWithResponseStream`.
    Stream,
}

/// Finds the call, and the position of the function that it names in `served`, at least one name.
///
/// # Errors
///
/// For an unknown path, method, function, version or alias.
pub fn find(method: &Method, uri: &Uri, served: &[&str]) -> Result<(Route, usize), ApiError> {
    let segments: Vec<&str> = uri.path().split('/').skip(1).collect();
    let (route, name) = match segments.as_slice() {
        [date, "functions", name, call] if [*date, *call] == INVOKE => (Route::Invoke, *name),
        [date, "functions", name, call] if [*date, *call] == STREAM => (Route::Stream, *name),
        _ => return Err(ApiError::unknown_path(uri.path(), served[0])),
    };
    if method != Method::POST {
        return Err(ApiError::wrong_method(method, served[0]));
    }
    let asked = Asked::parse(&decode(name), query(uri, "Qualifier"));
    let found = served.iter().position(|name| asked.is_for(name));
    found.map(|index| (route, index)).ok_or_else(|| ApiError::not_found(&asked.arn(), &served.join(", ")))
}

/// A function's name in a call.
struct Asked {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:` or the end of it, if given.
    prefix: String,
    name: String,
    qualifier: Option<String>,
}

impl Asked {
    /// Parses `name`, `name:qualifier`, `account:function:name` and ARNs.
    fn parse(text: &str, qualifier: Option<String>) -> Self {
        let (prefix, rest) = match text.rfind("function:") {
            Some(start) => text.split_at(start + "function:".len()),
            None => ("", text),
        };
        let (name, own) =
            rest.split_once(':').map_or((rest, None), |(name, own)| (name, Some(own.to_owned())));
        Self { prefix: prefix.to_owned(), name: name.to_owned(), qualifier: qualifier.or(own) }
    }

    fn is_for(&self, name: &str) -> bool {
        self.name == name
            && is_prefix(&self.prefix)
            && self.qualifier.as_deref().is_none_or(|qualifier| qualifier == environment::VERSION)
    }

    fn arn(&self) -> String {
        let prefix = match self.prefix.as_str() {
            "" | "function:" => "arn:aws:lambda:us-east-1:123456789012:function:",
            given => given,
        };
        let qualifier = self.qualifier.as_ref().map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
        format!("{prefix}{}{qualifier}", self.name)
    }
}

/// True for the part of an ARN before a function's name, or a part of that, in any account, region
/// and partition: `arn:aws:lambda:REGION:ACCOUNT:function:`, `ACCOUNT:function:` or nothing.
fn is_prefix(prefix: &str) -> bool {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match prefix.split(':').collect::<Vec<_>>().as_slice() {
        [""] | ["function", ""] => true,
        [account, "function", ""] => is_account(account),
        ["arn", partition, "lambda", region, account, "function", ""] => {
            partition.starts_with("aws") && !region.is_empty() && is_account(account)
        }
        _ => false,
    }
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// Resolves `%24` and the like; an incomplete escape stays.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::path::invocations;
    use super::*;

    fn found(method: &Method, path: &str) -> Result<Route, u16> {
        let found = find(method, &path.parse().unwrap(), &["other", "pi"]);
        found.map(|(route, index)| (index == 1).then_some(route).unwrap()).map_err(|it| it.status.as_u16())
    }

    #[test]
    fn every_way_to_name_the_function() {
        for name in [
            "pi",
            "pi:$LATEST",
            "pi:%24LATEST",
            "123456789012:function:pi",
            "function:pi",
            "arn:aws:lambda:us-east-1:123456789012:function:pi",
            "arn:aws:lambda:eu-central-1:111122223333:function:pi",
            "arn:aws-cn:lambda:cn-north-1:111122223333:function:pi:$LATEST",
            "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Api%3A%24LATEST",
        ] {
            assert_eq!(found(&Method::POST, &invocations(name)), Ok(Route::Invoke), "{name}");
        }
        let stream = "/2021-11-15/functions/pi/response-streaming-invocations?Qualifier=%24LATEST";
        assert_eq!(found(&Method::POST, stream), Ok(Route::Stream));
    }

    #[test]
    fn others_are_not_found() {
        for name in [
            "e",
            "pi:1",
            "pi:prod",
            "arn:aws:s3:eu-central-1:123456789012:function:pi",
            "1:function:pi",
            "",
            "%",
        ] {
            assert_eq!(found(&Method::POST, &invocations(name)), Err(404), "{name}");
        }
        assert_eq!(found(&Method::POST, &format!("{}?Qualifier=7", invocations("pi"))), Err(404));
        assert_eq!(found(&Method::GET, &invocations("pi")), Err(405));
        assert_eq!(found(&Method::POST, "/2021-11-15/functions/pi/invocations"), Err(404), "the wrong year");
    }

    #[test]
    fn escapes_that_are_none_stay() {
        let decoded = ["a%20b", "%", "%4", "%zz", "%41%", "%+1"].map(decode);
        assert_eq!(decoded, ["a b", "%", "%4", "%zz", "A%", "%+1"]);
    }
}
