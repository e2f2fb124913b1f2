//! The answer to an invocation, whoever sends it: recognise the sender, parse, compute, reply.

mod answered;
mod direct;
mod dispatch;
mod http;
mod record;
mod sqs;
mod streamed;

pub use answered::{Answered, Reply};
pub use dispatch::answer;
pub use record::Record;
pub use streamed::is_streamed;
