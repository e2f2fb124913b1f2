//! Route keys of an HTTP API: `GET /pi/{digits}`, `ANY /{proxy+}`, `$default`.
//!
//! Of the routes that match a request API Gateway takes a full match first, then one with a greedy
//! variable, then `$default`. Among equals a text is better than a variable, segment by segment, and a
//! method better than `ANY`.

use hyper::Method;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The route for requests that no other route matches.
pub(super) const DEFAULT: &str = "$default";
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Variables of a path, by their names.
pub(super) type Parameters = BTreeMap<String, String>;

/// A parsed route key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RouteKey {
    /// The key as API Gateway writes it.
    pub(super) text: String,
    /// Method and path; `None` for `$default`.
    path: Option<(String, Vec<Segment>)>,
}

/// A segment of a path. The order is that of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Text(String),
    Variable(String),
    /// The rest of the path, at least one segment.
    Greedy(String),
}

/// The place of a route in the order of preference; the least is taken.
type Rank = (bool, Vec<u8>, bool);

impl RouteKey {
    /// Parses a key.
    ///
    /// # Errors
    ///
    /// The problem, as the end of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == DEFAULT {
            return Ok(Self { text: text.to_owned(), path: None });
        }
        let expected = "expected METHOD /path as in \"GET /pi/{digits}\", or \"$default\"";
        let (method, path) = text.split_once(' ').ok_or(expected)?;
        if !METHODS.contains(&method) {
            return Err(format!("has the method {method:?}; the methods are {}", METHODS.join(", ")));
        }
        let path = path.strip_prefix('/').ok_or(expected)?;
        let segments = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        let last = segments.len().saturating_sub(1);
        let segments = segments.iter().enumerate().map(|(index, segment)| match Segment::parse(segment)? {
            Segment::Greedy(name) if index < last => {
                Err(format!("has {{{name}+}} before the end of the path; a greedy variable is the last"))
            }
            segment => Ok(segment),
        });
        let segments = segments.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { text: text.to_owned(), path: Some((method.to_owned(), segments)) })
    }

    /// The variables of a path that the route matches, and the route's rank.
    fn matches(&self, method: &Method, path: &str) -> Option<(Rank, Parameters)> {
        let Some((own, segments)) = &self.path else {
            // Behind every other route.
            return Some(((true, vec![u8::MAX], true), Parameters::new()));
        };
        if own != "ANY" && own != method.as_str() {
            return None;
        }
        let path = path.strip_prefix('/').unwrap_or(path);
        let given: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        let is_greedy = matches!(segments.last(), Some(Segment::Greedy(_)));
        if given.len() < segments.len() || (given.len() > segments.len() && !is_greedy) {
            return None;
        }
        let mut parameters = Parameters::new();
        for (index, segment) in segments.iter().enumerate() {
            match segment {
                Segment::Text(text) if *text == decode(given[index]) => {}
                Segment::Variable(name) if !given[index].is_empty() => {
                    parameters.insert(name.clone(), decode(given[index]));
                }
                Segment::Greedy(name) => {
                    parameters.insert(name.clone(), decode(&given[index..].join("/")));
                }
                Segment::Text(_) | Segment::Variable(_) => return None,
            }
        }
        let rank = (is_greedy, segments.iter().map(Segment::rank).collect(), own == "ANY");
        Some((rank, parameters))
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            if text.is_empty() || text.contains(['{', '}']) {
                return Err(format!("has the segment {text:?}; expected text, {{name}} or {{name+}}"));
            }
            return Ok(Self::Text(text.to_owned()));
        };
        let (name, is_greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        if name.is_empty() || name.contains(['{', '}', '+']) {
            return Err(format!("has the variable {text:?}, which has no name"));
        }
        Ok(if is_greedy { Self::Greedy(name.to_owned()) } else { Self::Variable(name.to_owned()) })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

/// The position of the route for a request, and the variables of its path.
pub(super) fn find<'a>(
    keys: impl Iterator<Item = &'a RouteKey>,
    method: &Method,
    path: &str,
) -> Option<(usize, Parameters)> {
    let matching = keys.enumerate().filter_map(|(index, key)| {
        key.matches(method, path).map(|(rank, parameters)| (rank, index, parameters))
    });
    matching.min_by(|a, b| a.0.cmp(&b.0)).map(|(_, index, parameters)| (index, parameters))
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The routes of AWS's own example, and three more.
    const KEYS: [&str; 8] = [
        "$default",
        "ANY /{proxy+}",
        "GET /pets/{proxy+}",
        "GET /pets/dog/{id}",
        "GET /pets/dog/1",
        "ANY /pets/dog/{number}",
        "GET /",
        "POST /a/{b}/c/{d}",
    ];

    fn found(method: &str, path: &str) -> (String, Vec<String>) {
        let keys: Vec<RouteKey> = KEYS.iter().map(|key| RouteKey::parse(key).unwrap()).collect();
        let (index, parameters) = find(keys.iter(), &method.parse().unwrap(), path).unwrap();
        (
            keys[index].text.clone(),
            parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
        )
    }

    #[test]
    fn the_most_specific_route_is_taken() {
        for (method, path, key, parameters) in [
            ("GET", "/pets/dog/1", "GET /pets/dog/1", &[][..]),
            ("GET", "/pets/dog/2", "GET /pets/dog/{id}", &["id=2"]),
            ("PUT", "/pets/dog/2", "ANY /pets/dog/{number}", &["number=2"]),
            ("GET", "/pets/cat/1", "GET /pets/{proxy+}", &["proxy=cat/1"]),
            ("POST", "/test/5", "ANY /{proxy+}", &["proxy=test/5"]),
            ("GET", "/", "GET /", &[]),
            ("POST", "/", "$default", &[]),
            ("POST", "/a/x%20y/c/%2F", "POST /a/{b}/c/{d}", &["b=x y", "d=/"]),
            ("GET", "/pets/dog/", "GET /pets/{proxy+}", &["proxy=dog/"]),
        ] {
            let expected = parameters.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(found(method, path), (key.to_owned(), expected), "{method} {path}");
        }
    }

    #[test]
    fn without_a_default_route_a_request_may_find_none() {
        let keys = [RouteKey::parse("GET /a").unwrap()];
        for (method, path) in [("POST", "/a"), ("HEAD", "/a"), ("GET", "/a/"), ("GET", "/b"), ("GET", "/")] {
            assert_eq!(find(keys.iter(), &method.parse().unwrap(), path), None, "{method} {path}");
        }
    }

    #[test]
    fn wrong_keys_are_explained() {
        for (key, words) in [
            ("GET", "expected METHOD /path"),
            ("GET pi", "expected METHOD /path"),
            ("get /pi", "the method \"get\"; the methods are ANY, DELETE"),
            ("GET /{a+}/b", "{a+} before the end of the path"),
            ("GET /a//b", "the segment \"\""),
            ("GET /{a}{b}", "which has no name"),
            ("GET /x{a}", "the segment \"x{a}\""),
            ("GET /{}", "which has no name"),
        ] {
            let problem = RouteKey::parse(key).unwrap_err();
            assert!(problem.contains(words), "{key}: {problem}");
        }
    }
}
