//! The address of an endpoint: `http://HOST:PORT`, with the path of the Invoke API by default.

use crate::error::Error;
use hyper::Uri;

/// The default path, which names the emulator's function.
const PATH: &str = "/2015-03-31/functions/function/invocations";

/// A checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Host and port.
    pub(super) authority: String,
    /// The path.
    pub(super) path: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let wrong =
            |problem: &str| Error::EndpointAddress { url: url.to_owned(), problem: problem.to_owned() };
        let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let uri: Uri = full.parse().map_err(|_| wrong("it cannot be read as an address"))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong("only http is spoken here"));
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
        let authority = format!("{host}:{}", uri.port_u16().unwrap_or(80));
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        Ok(Self { authority, path: if path.len() <= 1 { PATH } else { path }.to_owned() })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_filled_in() {
        let url = |text| Address::parse(text).unwrap().url();
        assert_eq!(url("http://127.0.0.1:9000"), format!("http://127.0.0.1:9000{PATH}"));
        assert_eq!(url("localhost:9000/"), format!("http://localhost:9000{PATH}"));
        assert_eq!(url("http://host/x/y"), "http://host:80/x/y");
        assert_eq!(url("http://[::1]:9000"), format!("http://[::1]:9000{PATH}"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in
            [("https://host", "only http"), ("http://", "cannot be read"), ("a b", "cannot be read")]
        {
            let problem = Address::parse(text).unwrap_err().to_string();
            assert!(problem.contains(expected) && problem.contains("http://HOST:PORT"), "{problem}");
        }
    }
}
