//! A connection to the runtime API for one request that is written as it comes.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The longest time in which the other side takes nothing; Lambda itself passes on 2 MB per second.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest wait for a status on a connection that was broken.
const SOON: Duration = Duration::from_secs(1);

/// A connection, and its destination.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    host: String,
    base: String,
}

impl Connection {
    /// Connects to `host:port`; emulators also give `http://host:port/path`.
    pub(super) fn open(address: &str) -> io::Result<Self> {
        let address = address.strip_prefix("http://").unwrap_or(address);
        let (host, base) = address.find('/').map_or((address, ""), |slash| address.split_at(slash));
        let stream = TcpStream::connect(host)?;
        // With Nagle's algorithm a small chunk waits for the acknowledgement of the one before it,
        // which the other side delays by 40 ms.
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, host: host.to_owned(), base: base.trim_end_matches('/').to_owned() })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The path of an emulator that comes before the path of a request.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Writes parts one after the other, with as few syscalls as possible.
    pub(super) fn write(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut rest = &mut slices[..];
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match self.stream.write_vectored(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => IoSlice::advance_slices(&mut rest, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The status of an answer that may have come before the connection was broken.
    pub(super) fn status_soon(&mut self) -> io::Result<u16> {
        self.stream.set_read_timeout(Some(SOON))?;
        self.status()
    }

    /// The status of the answer. Nothing else in it is needed.
    pub(super) fn status(&mut self) -> io::Result<u16> {
        // Room for the whole answer: a connection that is closed with bytes unread is reset.
        let mut answer = [0; 4096];
        let mut len = 0;
        while len < "HTTP/1.1 202".len() {
            match self.stream.read(&mut answer[len..])? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => len += count,
            }
        }
        let status = std::str::from_utf8(&answer[9..12]).ok().filter(|_| answer.starts_with(b"HTTP/1."));
        let status = status.and_then(|status| status.parse().ok());
        status.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "an answer without a status"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// The bytes that the other side received, and the status of its answer.
    fn exchange(answer: &'static [u8]) -> (Vec<u8>, io::Result<u16>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut received = [0; 8];
            stream.read_exact(&mut received).unwrap();
            stream.write_all(answer).unwrap();
            received.to_vec()
        });
        let mut connection = Connection::open(&format!("http://{address}/base/")).unwrap();
        assert_eq!((connection.host(), connection.base()), (address.to_string().as_str(), "/base"));
        connection.write(&[b"", b"one", b"", b"two", b".."]).unwrap();
        let status = connection.status();
        (server.join().unwrap(), status)
    }

    #[test]
    fn parts_follow_each_other_and_the_status_is_read() {
        let (received, status) = exchange(b"HTTP/1.1 202 Accepted\r\n\r\n");
        assert_eq!((received.as_slice(), status.unwrap()), (b"onetwo..".as_slice(), 202));
        assert_eq!(exchange(b"HTTP/1.0 413 Too").1.unwrap(), 413);
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for (answer, kind) in [
            (b"".as_slice(), ErrorKind::UnexpectedEof),
            (b"HTTP/1.1 2", ErrorKind::UnexpectedEof),
            (b"HTTP/1.1 what\r\n\r\n", ErrorKind::InvalidData),
            (b"SSH-2.0-OpenSSH_9.2", ErrorKind::InvalidData),
        ] {
            assert_eq!(exchange(answer).1.unwrap_err().kind(), kind);
        }
    }
}
