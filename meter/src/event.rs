//! Reads events. Any bytes are allowed, so that a function can be tested with malformed input.

use crate::error::Error;
use std::fs;
use std::io::{self, Read};

/// The largest request of a synchronous invocation, in bytes.
pub const MAX_SIZE: usize = 6 * 1024 * 1024;

/// One event and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The path as given, `-`, or the inline JSON itself.
    pub name: String,
    /// The bytes, JSON or not.
    pub bytes: Vec<u8>,
}

/// Reads all events before any process is started, so that a bad path fails first.
///
/// Standard input is read once; a second `-` repeats that event.
///
/// # Errors
///
/// When an event cannot be read, or exceeds [`MAX_SIZE`].
pub fn read_all(names: &[String]) -> Result<Vec<Event>, Error> {
    let mut events: Vec<Event> = Vec::with_capacity(names.len());
    for name in names {
        let known = events.iter().find(|event| event.name == *name).cloned();
        events.push(match known {
            Some(event) => event,
            None => read(name)?,
        });
    }
    Ok(events)
}

fn read(name: &str) -> Result<Event, Error> {
    let bytes =
        read_bytes(name).map_err(|source| Error::EventUnreadable { name: name.to_owned(), source })?;
    if bytes.len() > MAX_SIZE {
        return Err(Error::EventTooLarge { name: name.to_owned(), size: bytes.len(), limit: MAX_SIZE });
    }
    Ok(Event { name: name.to_owned(), bytes })
}

/// True for inline JSON, which begins with a brace, instead of a path.
#[must_use]
pub fn is_inline(name: &str) -> bool {
    name.trim_start().starts_with('{')
}

fn read_bytes(name: &str) -> io::Result<Vec<u8>> {
    if is_inline(name) {
        return Ok(name.as_bytes().to_vec());
    }
    if name != "-" {
        return fs::read(name);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_a_remedy() {
        let error = read_all(&["no/such/event.json".to_owned()]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("no/such/event.json") && text.contains("--event"), "{text}");
        assert_eq!(error.exit_code(), 3);
    }

    #[test]
    fn an_event_that_begins_with_a_brace_is_the_event_itself() {
        let events = read_all(&[r#"{"digits": 10}"#.to_owned(), " {".to_owned()]).unwrap();
        assert_eq!(events[0].bytes, br#"{"digits": 10}"#);
        assert_eq!(events[1].bytes, b" {");
    }

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("event");
        let name = path.to_str().unwrap().to_owned();
        fs::write(&path, vec![b' '; MAX_SIZE]).unwrap();
        assert_eq!(read_all(std::slice::from_ref(&name)).unwrap()[0].bytes.len(), MAX_SIZE);
        fs::write(&path, vec![b' '; MAX_SIZE + 1]).unwrap();
        assert!(matches!(read_all(&[name]), Err(Error::EventTooLarge { size, .. }) if size == MAX_SIZE + 1));
    }
}
