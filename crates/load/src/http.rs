//! An HTTP/1.1 client of its own, because ten thousand connections and what they measure share two
//! cores: a request is one write, an answer usually one read, and a connection that waits owns no
//! buffer. `httparse`, which hyper uses too, reads the answer's head.
//!
//! It knows what the endpoint and the bare server answer: bodies with a length, or none. Each
//! connection has a source address of its own choice in 127.0.0.0/8, so that there are enough ports,
//! and so that visitors do not look like one.

use std::{
    cell::RefCell,
    fmt::Display,
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    time::timeout,
};

/// Room for one read. An answer that is longer is put together from several.
const READ_BYTES: usize = 64 * 1024;

/// More headers than this are an error.
const HEADERS_MAX: usize = 32;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection was refused, or ended before the answer did.
    Closed,
    /// No answer within the time that the caller waits.
    Late,
    /// Bytes that are no answer, or one that this client does not read.
    Malformed,
}

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// A request being written.
#[derive(Debug)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    pub(crate) fn get(path: impl Display) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: impl Display) -> Self {
        Self::new("POST", path)
    }

    fn new(method: &str, path: impl Display) -> Self {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        Self(head.into_bytes())
    }

    pub(crate) fn header(mut self, name: &str, value: impl Display) -> Self {
        let line = format!("{name}: {value}\r\n");
        self.0.extend_from_slice(line.as_bytes());
        self
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"\r\n");
        self.0
    }

    pub(crate) fn body(self, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.header("content-length", body.len()).end();
        bytes.extend_from_slice(body);
        bytes
    }
}

/// What is read of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Seconds of `Retry-After`.
    pub(crate) retry_after: Option<u64>,
    /// The id of the event that a visitor's POST wrote.
    pub(crate) event_id: Option<String>,
    /// The connection ends after this answer.
    closes: bool,
    pub(crate) body: Vec<u8>,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
}

impl Connection {
    pub(crate) async fn open(from: Ipv4Addr, to: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddrV4::new(from, 0).into())?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Waits for one answer.
    pub(crate) async fn read(&mut self) -> Result<Reply, Fault> {
        let mut earlier = Vec::new();
        loop {
            self.stream.readable().await?;
            let reply = SCRATCH.with_borrow_mut(|scratch| {
                let read = match self.stream.try_read(scratch) {
                    Ok(0) => return Err(Fault::Closed),
                    Ok(read) => scratch.get(..read).unwrap_or_default(),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                    Err(_) => return Err(Fault::Closed),
                };
                if earlier.is_empty()
                    && let Some(reply) = parse(read)?
                {
                    return Ok(Some(reply));
                }
                earlier.extend_from_slice(read);
                parse(&earlier)
            })?;
            if let Some(reply) = reply {
                return Ok(reply);
            }
        }
    }
}

/// The answer, once all of it is there.
fn parse(bytes: &[u8]) -> Result<Option<Reply>, Fault> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Response::new(&mut headers);
    let Ok(status) = head.parse(bytes) else {
        return Err(Fault::Malformed);
    };
    let httparse::Status::Complete(head_bytes) = status else {
        return Ok(None);
    };
    let mut reply = Reply {
        status: head.code.unwrap_or(0),
        ..Reply::default()
    };
    let mut length = None;
    for header in head.headers.iter() {
        let value = std::str::from_utf8(header.value).unwrap_or_default();
        match header.name {
            name if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok(),
            name if name.eq_ignore_ascii_case("transfer-encoding") => {
                return Err(Fault::Malformed);
            }
            name if name.eq_ignore_ascii_case("connection") => {
                reply.closes = value.eq_ignore_ascii_case("close");
            }
            name if name.eq_ignore_ascii_case("retry-after") => {
                reply.retry_after = value.parse().ok();
            }
            name if name.eq_ignore_ascii_case("x-chat-event-id") => {
                reply.event_id = Some(value.to_owned());
            }
            _ => {}
        }
    }
    let length: usize = match (reply.status, length) {
        (204, _) => 0,
        (_, Some(length)) => length,
        (_, None) => return Err(Fault::Malformed),
    };
    let body = bytes.get(head_bytes..).unwrap_or_default();
    if body.len() < length {
        return Ok(None);
    }
    if body.len() > length {
        // Nothing was asked that this could answer.
        return Err(Fault::Malformed);
    }
    reply.body = body.to_vec();
    Ok(Some(reply))
}

/// Calls one after another over a connection that is kept, opened when it is first needed, and
/// opened anew when the other side has closed it in between.
#[derive(Debug)]
pub(crate) struct Caller {
    from: Ipv4Addr,
    to: SocketAddr,
    kept: Option<Connection>,
}

impl Caller {
    pub(crate) fn new(from: Ipv4Addr, to: SocketAddr) -> Self {
        Self {
            from,
            to,
            kept: None,
        }
    }

    /// # Errors
    /// [`Fault::Closed`] when a new connection ends without an answer. A kept one may do so: a
    /// server may end an idle connection at any time, so that the request is repeated on a new one.
    pub(crate) async fn call(&mut self, request: &[u8], within: Duration) -> Result<Reply, Fault> {
        timeout(within, self.attempt(request))
            .await
            .unwrap_or(Err(Fault::Late))
    }

    async fn attempt(&mut self, request: &[u8]) -> Result<Reply, Fault> {
        // Taken out: a call that is given up leaves an answer behind that nobody reads.
        if let Some(connection) = self.kept.take() {
            match self.exchange(connection, request).await {
                Err(Fault::Closed) => {}
                result => return result,
            }
        }
        let connection = Connection::open(self.from, self.to).await?;
        self.exchange(connection, request).await
    }

    async fn exchange(
        &mut self,
        mut connection: Connection,
        request: &[u8],
    ) -> Result<Reply, Fault> {
        connection.write(request).await?;
        let reply = connection.read().await?;
        if !reply.closes {
            self.kept = Some(connection);
        }
        Ok(reply)
    }
}

/// A few connections that many calls share, each with the next that is free.
#[derive(Debug)]
pub(crate) struct Callers {
    free: Mutex<Vec<Caller>>,
    permits: Semaphore,
}

impl Callers {
    pub(crate) fn new(callers: impl Iterator<Item = Caller>) -> Self {
        let free: Vec<_> = callers.collect();
        Self {
            permits: Semaphore::new(free.len()),
            free: Mutex::new(free),
        }
    }

    /// Waits for a connection, and makes this call.
    pub(crate) async fn call(&self, request: &[u8], within: Duration) -> Result<Reply, Fault> {
        let _permit = self.permits.acquire().await;
        let Some(caller) = self.free().pop() else {
            return Err(Fault::Closed);
        };
        let mut borrowed = Borrowed {
            caller: Some(caller),
            callers: self,
        };
        match &mut borrowed.caller {
            Some(caller) => caller.call(request, within).await,
            None => Err(Fault::Closed),
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Caller>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Given back when the call is over, or given up.
struct Borrowed<'a> {
    caller: Option<Caller>,
    callers: &'a Callers,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.callers.free().extend(self.caller.take());
    }
}

/// An address of 127.0.0.0/8 for each number; those of visitors, agents and strangers differ.
pub(crate) fn source(network: u8, number: usize) -> Ipv4Addr {
    let [high, low] = [number / 250 % 250, number % 250].map(|it| u8::try_from(it).unwrap_or(0));
    Ipv4Addr::new(127, network, high, low + 1)
}

/// The address of the client for whom this one of 127.0.0.0/8 connects, as a proxy does.
pub(crate) fn client(from: Ipv4Addr) -> Ipv4Addr {
    let [_, network, high, low] = from.octets();
    Ipv4Addr::new(10, network, high, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Option<Reply>, Fault> {
        parse(text.as_bytes())
    }

    #[test]
    fn an_answer_is_read_once_all_of_it_is_there() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Chat-Event-Id: K_7\r\n\r\nOK";
        for length in 0..whole.len() {
            assert_eq!(parsed(&whole[..length]), Ok(None), "{length} bytes");
        }
        let reply = parsed(whole).unwrap().unwrap();
        assert_eq!(
            (reply.status, reply.body.as_slice()),
            (200, b"OK".as_slice())
        );
        assert_eq!(reply.event_id.as_deref(), Some("K_7"));
    }

    #[test]
    fn an_answer_without_a_body_ends_with_its_head() {
        let reply = parsed("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        let reply = reply.unwrap().unwrap();
        assert!(reply.closes && reply.body.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let two = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        for text in [chunked, two, "HTTP/1.1 200 OK\r\n\r\n", "SSH-2.0\r\n"] {
            assert_eq!(parsed(text), Err(Fault::Malformed), "{text}");
        }
    }

    #[test]
    fn retry_after_is_in_seconds() {
        let text = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(parsed(text).unwrap().unwrap().retry_after, Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_given_up_gives_its_connection_back() {
        // Nobody accepts: the connection is made by the kernel, and never answered.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let callers = Callers::new(std::iter::once(Caller::new(source(9, 0), to)));
        let hour = Duration::from_secs(3600);
        let call = callers.call(b"GET / HTTP/1.1\r\n\r\n", hour);
        assert!(timeout(Duration::from_secs(1), call).await.is_err());
        assert_eq!(callers.free().len(), 1);
    }

    #[test]
    fn sixty_thousand_visitors_have_an_address_each() {
        let all: std::collections::HashSet<_> = (0..60_000).map(|n| source(9, n)).collect();
        assert_eq!(all.len(), 60_000);
        assert!(
            all.iter()
                .all(|it| it.octets()[3] > 0 && it.octets()[3] < 255)
        );
    }
}
