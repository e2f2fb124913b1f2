//! A token, and its digest.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::{Choice, ConstantTimeEq};

/// First letters of every token, by which scanners for secrets find it.
const PREFIX: &str = "pio_";
/// Random bytes of a token.
const BYTES: usize = 32;
/// Letters of a token: the prefix, and 32 bytes in base64.
const LETTERS: usize = 4 + 43;

/// A bearer token. It is shown once, and stored nowhere.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new token.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The token of an `Authorization` header: `Bearer`, one space, the token, and nothing else.
    #[must_use]
    pub fn from_header(header: &str) -> Option<Self> {
        let (scheme, token) = header.split_once(' ')?;
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_token = token.len() == LETTERS && token.starts_with(PREFIX) && token.bytes().all(is_letter);
        (scheme.eq_ignore_ascii_case("bearer") && is_token).then(|| Self(token.to_owned()))
    }

    /// The token's text, to be shown to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// SHA-256 of a token.
///
/// A plain hash is enough: a token has 256 random bits, which nobody can try.
#[derive(Debug, Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The key of the table's entry: 16 of the 64 letters, which tell nothing of the others.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(&self.0[..8])
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    /// The digest of 64 hexadecimal letters.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl ConstantTimeEq for Digest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_header() {
        let token = Token::random().unwrap();
        assert_eq!(token.reveal().len(), LETTERS);
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let read = Token::from_header(&format!("{scheme} {}", token.reveal())).unwrap();
            assert!(bool::from(read.digest().ct_eq(&token.digest())));
        }
        assert_ne!(token.reveal(), Token::random().unwrap().reveal());
        assert_eq!(format!("{token:?}"), "Token(..)", "no log shows a token");
    }

    #[test]
    fn digests_are_sha_256() {
        let token = Token("abc".to_owned());
        let digest = token.digest();
        assert!(digest.to_hex().starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert_eq!(digest.id(), "ba7816bf8f01cfea");
        assert!(bool::from(Digest::from_hex(&digest.to_hex()).unwrap().ct_eq(&digest)));
        assert!(Digest::from_hex("ba78").is_none() && Digest::from_hex(&"x".repeat(64)).is_none());
    }

    #[test]
    fn everything_else_is_no_token() {
        let token = Token::random().unwrap();
        let text = token.reveal();
        for header in [
            text.to_owned(),
            format!("Bearer  {text}"),
            format!("Bearer {text} "),
            format!("Bearer {text}, Bearer {text}"),
            format!("Basic {text}"),
            format!("Bearer {}", &text[1..]),
            format!("Bearer x{}", &text[1..]),
            format!("Bearer\t{text}"),
            format!("Bearer {}\n", &text[..46]),
            String::new(),
            "Bearer ".to_owned(),
        ] {
            assert!(Token::from_header(&header).is_none(), "{header:?}");
        }
    }
}
