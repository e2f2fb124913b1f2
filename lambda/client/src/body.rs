//! The body of a request: bytes that are there, or frames as they come.

use crate::Error;
use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as _, Frame, SizeHint};
use sender::Sender;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc::{self, Receiver};

/// The half of a body that is written.
pub mod sender {
    use crate::Error;
    use bytes::Bytes;
    use http::HeaderMap;
    use http_body::Frame;
    use tokio::sync::mpsc;

    /// Writes a body while it is sent. Dropping it is the body's regular end.
    #[derive(Debug)]
    pub struct Sender(pub(super) mpsc::Sender<Result<Frame<Bytes>, Error>>);

    impl Sender {
        /// Sends bytes, as soon as those before them have gone.
        ///
        /// # Errors
        ///
        /// Nobody takes them any more.
        pub async fn send_data(&mut self, data: Bytes) -> Result<(), Error> {
            self.0.send(Ok(Frame::data(data))).await.map_err(Error::new)
        }

        /// Sends trailers, which end the body.
        ///
        /// # Errors
        ///
        /// Nobody takes them any more.
        pub async fn send_trailers(&mut self, trailers: HeaderMap) -> Result<(), Error> {
            self.0.send(Ok(Frame::trailers(trailers))).await.map_err(Error::new)
        }

        /// Breaks the body off: the connection ends, and the other side sees that it has no end.
        pub fn abort(self) {
            let _ = self.0.try_send(Err(Error::new("the body was broken off")));
        }
    }
}

/// The body of a request.
#[derive(Debug)]
pub struct Body(Content);

#[derive(Debug)]
enum Content {
    Whole(Bytes),
    Frames(Receiver<Result<Frame<Bytes>, Error>>),
}

impl Body {
    /// No bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Content::Whole(Bytes::new()))
    }

    /// A body, and what writes it.
    #[must_use]
    pub fn channel() -> (Sender, Self) {
        let (sender, frames) = mpsc::channel(1);
        (Sender(sender), Self(Content::Frames(frames)))
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(Content::Whole(bytes.into()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut self.0 {
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Frames(frames) => frames.poll_recv(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Content::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Frames(_) => SizeHint::default(),
        }
    }
}

/// The bytes of the frames; trailers end it.
impl Stream for Body {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let frame = ready!(self.as_mut().poll_frame(context)?);
        Poll::Ready(frame.and_then(|frame| frame.into_data().ok()).map(Ok))
    }
}
