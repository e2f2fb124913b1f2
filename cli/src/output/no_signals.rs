//! Systems without Unix signals: an interrupt leaves the temporary file.

use super::replacement::Pending;
use std::io;
use std::sync::Arc;

#[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
pub(super) fn watch(_: &Arc<Pending>) -> io::Result<()> {
    Ok(())
}
