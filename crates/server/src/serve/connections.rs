//! Accepts connections and serves HTTP/1 on each: at most so many at a time, and
//! each within time-outs. hyper watches the time for a request's headers,
//! [`PacedBody`] that of its body, and [`TimeoutWriter`] that of the response.
//!
//! What must stay true: a client that is slow, silent or one too many costs the
//! others nothing; a held poll and a WebSocket are never cut for being silent.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, HeaderValue, Request, Uri},
};
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::paced_body::PacedBody;
use crate::{
    client_address::TrustedProxies,
    limits::{Capacity, Full, Share, record_hit},
};

/// A connection that holds a poll costs some 30 KB, so that these cost 600 MB.
/// A visitor has one for the poll, and mostly a second for what they send.
pub const CONNECTIONS_MAX: usize = 20_000;

/// Descriptors that connections leave to the database, files and the log.
const DESCRIPTORS_KEPT: usize = 200;

/// Browsers send less than 2 KiB. Sites on the same domain may have set large
/// cookies; nginx and Apache accept 8 KiB a header.
const HEAD_MAX_BYTES: usize = 16 * 1024;

/// How far hyper's buffers grow when a client sends or reads much at once. They
/// begin at 8 KiB, which is hyper's least.
const BUFFER_MAX_BYTES: usize = 64 * 1024;

/// From the connection, or the end of the last response, to the end of the next
/// request's headers. Proxies keep idle connections for 60 s (nginx) or 120 s
/// (Caddy): the proxy has to be the one that closes, or it sends a request into
/// a connection that closes meanwhile.
const HEAD_TIMEOUT: Duration = Duration::from_secs(150);

/// While a client reads nothing of a response. A phone that changes its network
/// takes less.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// When the process stops, held polls are answered at once. Nobody waits much
/// longer for the rest of half a request, or for a slow download.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// When there are no descriptors, some become free meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// The answer to a connection too many. Polls are answered within 25 s, and
/// leave their connection then.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n\
      Content-Length: 0\r\nConnection: close\r\n\r\n";

/// The limits of one listener.
#[derive(Debug, Clone)]
pub(super) struct ConnectionLimits {
    /// The listener's name, in metrics.
    pub(super) listener: &'static str,
    /// How many connections may be open at a time.
    pub(super) max: usize,
    /// Their connections are those of many clients, and not counted by address.
    pub(super) trusted_proxies: TrustedProxies,
}

/// Serves until `stop` is cancelled, and then until the requests that are under
/// way are answered, for [`STOP_TIMEOUT`] at most.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: CancellationToken,
) {
    let gauge = metrics::gauge!("parlor_connections_open", "listener" => limits.listener);
    let open = Capacity::new(limits.max, gauge);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, client) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_client(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        match take_place(&open, &limits.trusted_proxies, client.ip()) {
            Ok(place) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    // Disables Nagle's algorithm, so that small responses are
                    // sent at once.
                    let _ = stream.set_nodelay(true);
                    serve_stream(stream, client, router, stop).await;
                    drop(place);
                });
            }
            Err(limit) => {
                record_hit(limit);
                refuse(stream);
            }
        }
    }
    // New connections are refused at once, instead of waiting for nobody.
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Descriptors for `max` connections, as far as the system allows. Returns how
/// many connections there can be.
pub(super) fn reserve_descriptors(max: usize) -> usize {
    #[cfg(unix)]
    {
        let wanted = u64::try_from(max + DESCRIPTORS_KEPT).unwrap_or(u64::MAX);
        let limit = match rlimit::increase_nofile_limit(wanted) {
            Ok(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
            Err(error) => {
                tracing::warn!(%error, "the limit of open files is unknown");
                return max;
            }
        };
        let possible = limit.saturating_sub(DESCRIPTORS_KEPT).max(1);
        if possible < max {
            tracing::info!(
                possible,
                wanted = max,
                "the limit of open files allows fewer connections"
            );
        }
        possible.min(max)
    }
    #[cfg(not(unix))]
    max
}

/// The client closed the connection before it was accepted.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Answers without waiting for the request, and closes.
fn refuse(stream: TcpStream) {
    // A new socket has an empty send buffer, so that this does not block.
    if let Ok(mut stream) = stream.into_std() {
        let _ = io::Write::write(&mut stream, BUSY);
    }
}

/// A place among the open connections, until it is dropped.
///
/// # Errors
/// The name of the limit that is reached.
fn take_place(
    open: &Arc<Capacity>,
    trusted_proxies: &TrustedProxies,
    client: IpAddr,
) -> Result<Share, &'static str> {
    let mut place = open.share(trusted_proxies.direct_client(client));
    match place.add(1) {
        Ok(()) => Ok(place),
        Err(Full::ForAll) => Err("connections"),
        Err(Full::ForAddress) => Err("connections_per_address"),
    }
}

/// Errors are the client's: it closed the connection, took too long, or sent
/// what is no HTTP.
async fn serve_stream<S>(stream: S, client: SocketAddr, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(WRITE_TIMEOUT));
    let service = service_fn(move |request| router.clone().oneshot(prepared(request, client)));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_header_size(HEAD_MAX_BYTES)
            .max_buf_size(BUFFER_MAX_BYTES)
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
            .with_upgrades()
    );
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(STOP_TIMEOUT, connection).await;
}

fn prepared(request: Request<Incoming>, client: SocketAddr) -> Request<Body> {
    let mut request = compact(request).map(|body| match body.is_end_stream() {
        true => Body::empty(),
        false => Body::new(PacedBody::new(body)),
    });
    request.extensions_mut().insert(ConnectInfo(client));
    request
}

/// Copies address and headers out of the buffer that hyper read them into. A
/// poll that is held for 25 s would keep the whole buffer, 8 KiB, while hyper
/// allocates another to watch the connection.
fn compact(request: Request<Incoming>) -> Request<Incoming> {
    let (mut head, body) = request.into_parts();
    if let Ok(uri) = head.uri.to_string().parse::<Uri>() {
        head.uri = uri;
    }
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for (name, value) in &head.headers {
        let copy = HeaderValue::from_bytes(value.as_bytes());
        headers.append(name.clone(), copy.unwrap_or_else(|_| value.clone()));
    }
    head.headers = headers;
    Request::from_parts(head, body)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Bytes,
        http::StatusCode,
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        time::Instant,
    };

    use super::*;

    const REQUEST: &[u8] = b"GET /quick HTTP/1.1\r\nhost: chat.example\r\n\r\n";

    /// `/quick`, `/held` for ten minutes, `/length` of a body, `/large` of a
    /// megabyte, and `/socket`, which listens for a word and says it.
    fn router() -> Router {
        Router::new()
            .route("/quick", get(|| async { "quick" }))
            .route(
                "/held",
                get(|| async {
                    sleep(Duration::from_secs(600)).await;
                    "held"
                }),
            )
            .route(
                "/length",
                post(|body: Bytes| async move { body.len().to_string() }),
            )
            .route("/large", get(|| async { vec![0; 1024 * 1024] }))
            .route(
                "/socket",
                get(|request: axum::extract::Request| async {
                    tokio::spawn(async {
                        let upgraded = hyper::upgrade::on(request).await.unwrap();
                        let mut socket = TokioIo::new(upgraded);
                        let mut word = [0; 4];
                        while socket.read_exact(&mut word).await.is_ok() {
                            socket.write_all(&word).await.unwrap();
                        }
                    });
                    (StatusCode::SWITCHING_PROTOCOLS, [("upgrade", "words")])
                }),
            )
    }

    /// A client on a connection that is served.
    struct Client {
        stream: DuplexStream,
        began: Instant,
    }

    impl Client {
        fn connect() -> Self {
            let (stream, server) = duplex(1024);
            let address = SocketAddr::from(([192, 0, 2, 1], 50_000));
            tokio::spawn(serve_stream(
                server,
                address,
                router(),
                CancellationToken::new(),
            ));
            Self {
                stream,
                began: Instant::now(),
            }
        }

        async fn send(&mut self, bytes: &[u8]) {
            self.stream.write_all(bytes).await.unwrap();
        }

        /// What comes until these words.
        async fn read_until(&mut self, end: &str) -> String {
            let mut read = String::new();
            while !read.ends_with(end) {
                read.push(self.stream.read_u8().await.unwrap().into());
            }
            read
        }

        /// After how many seconds the endpoint closes the connection.
        async fn closed_after(mut self) -> u64 {
            let mut rest = Vec::new();
            // The endpoint drops its half, so that this ends either way.
            let _ = self.stream.read_to_end(&mut rest).await;
            assert!(rest.is_empty(), "{rest:?}");
            self.began.elapsed().as_secs()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_nothing_is_disconnected() {
        assert_eq!(Client::connect().closed_after().await, 150);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_request_may_come_after_two_minutes() {
        let mut client = Client::connect();
        for _ in 0..3 {
            client.send(REQUEST).await;
            client.read_until("quick").await;
            sleep(Duration::from_secs(120)).await;
        }
        client.began = Instant::now();
        assert_eq!(client.closed_after().await, 30);
    }

    #[tokio::test(start_paused = true)]
    async fn headers_that_come_byte_by_byte_are_cut_off() {
        let mut client = Client::connect();
        client.send(REQUEST).await;
        client.read_until("quick").await;
        client.began = Instant::now();
        for byte in b"GET /quick" {
            client.send(&[*byte]).await;
            sleep(Duration::from_secs(14)).await;
        }
        assert_eq!(client.closed_after().await, 150);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_arriving_is_cut_off() {
        let mut client = Client::connect();
        client
            .send(b"POST /length HTTP/1.1\r\ncontent-length: 100\r\n\r\nhalf")
            .await;
        client.read_until("\r\n\r\n").await;
        assert_eq!(client.began.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_byte_by_byte_is_cut_off() {
        let mut client = Client::connect();
        client
            .send(b"POST /length HTTP/1.1\r\ncontent-length: 100\r\n\r\n")
            .await;
        for _ in 0..4 {
            sleep(Duration::from_secs(9)).await;
            // Writing fails once the connection is closed.
            let _ = client.stream.write_all(b"x").await;
        }
        let answer = client.read_until("\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert_eq!(client.began.elapsed().as_secs(), 36);
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_request_is_answered_however_long_it_takes() {
        let mut client = Client::connect();
        for _ in 0..2 {
            client.send(b"GET /held HTTP/1.1\r\n\r\n").await;
            client.read_until("held").await;
        }
        assert_eq!(client.began.elapsed().as_secs(), 1200);
        client.began = Instant::now();
        assert_eq!(client.closed_after().await, 150);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_disconnected() {
        let (mut stream, server) = duplex(1024);
        let address = SocketAddr::from(([192, 0, 2, 1], 50_000));
        stream
            .write_all(b"GET /large HTTP/1.1\r\n\r\n")
            .await
            .unwrap();
        let began = Instant::now();
        serve_stream(server, address, router(), CancellationToken::new()).await;
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_web_socket_stays() {
        let mut client = Client::connect();
        client
            .send(b"GET /socket HTTP/1.1\r\nconnection: upgrade\r\nupgrade: words\r\n\r\n")
            .await;
        client.read_until("\r\n\r\n").await;
        // Both sides wait for a word, longer than for anything else.
        for hour in 1..3 {
            sleep(Duration::from_secs(3600)).await;
            client.send(b"word").await;
            client.read_until("word").await;
            assert_eq!(client.began.elapsed().as_secs(), hour * 3600);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_waits_for_the_request_under_way_and_not_for_the_next() {
        let (mut stream, server) = duplex(1024);
        let address = SocketAddr::from(([192, 0, 2, 1], 50_000));
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve_stream(server, address, router(), stop.clone()));
        stream
            .write_all(b"GET /held HTTP/1.1\r\n\r\n")
            .await
            .unwrap();
        sleep(Duration::from_secs(598)).await;
        stop.cancel();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        assert!(read.ends_with(b"held"), "{read:?}");
        served.await.unwrap();
    }

    fn limits(max: usize) -> ConnectionLimits {
        ConnectionLimits {
            listener: "test",
            max,
            trusted_proxies: TrustedProxies::default(),
        }
    }

    #[test]
    fn one_address_has_a_quarter_of_the_connections_and_a_proxy_all() {
        let open = Capacity::new(8, metrics::Gauge::noop());
        let proxies = TrustedProxies::default();
        let take = |address: &str| take_place(&open, &proxies, address.parse().unwrap());
        let mut places = vec![take("192.0.2.1").unwrap(), take("192.0.2.1").unwrap()];
        assert_eq!(take("192.0.2.1").unwrap_err(), "connections_per_address");
        places.push(take("2001:db8::1").unwrap());
        places.push(take("2001:db8::2").unwrap());
        assert_eq!(take("2001:db8::3").unwrap_err(), "connections_per_address");
        for _ in 0..4 {
            places.push(take("127.0.0.1").unwrap());
        }
        assert_eq!(take("192.0.2.2").unwrap_err(), "connections");
        places.remove(0);
        places.push(take("192.0.2.1").unwrap());
    }

    #[tokio::test]
    async fn a_connection_too_many_is_answered_503_and_the_others_are_served() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, router(), limits(1), stop.clone()));

        let mut first = TcpStream::connect(address).await.unwrap();
        let mut read = vec![0; 1024];
        first.write_all(REQUEST).await.unwrap();
        assert!(first.read(&mut read).await.unwrap() > 0);
        let mut second = TcpStream::connect(address).await.unwrap();
        let mut refused = String::new();
        second.read_to_string(&mut refused).await.unwrap();
        assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
        assert!(refused.contains("Retry-After: 10"), "{refused}");
        first.write_all(REQUEST).await.unwrap();
        assert!(first.read(&mut read).await.unwrap() > 0);

        // Once the first has gone, there is a place.
        drop(first);
        loop {
            let mut third = TcpStream::connect(address).await.unwrap();
            third.write_all(REQUEST).await.unwrap();
            let length = third.read(&mut read).await.unwrap();
            if read[..length].starts_with(b"HTTP/1.1 200") {
                break;
            }
        }
        stop.cancel();
        serving.await.unwrap();
    }
}
