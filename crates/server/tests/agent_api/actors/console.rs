//! A client on a real WebSocket: requests, responses, and pushes.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message, client::IntoClientRequest as _, error::Error, handshake::client::Request,
        protocol::frame::CloseFrame,
    },
};

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where and as whom a console is logged in.
#[derive(Clone)]
struct Account {
    address: SocketAddr,
    token: String,
}

pub(crate) struct Console {
    /// Present when it was logged in by a token.
    account: Option<Account>,
    /// Of the newest push that was received, or of the login.
    position: i64,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pushes: VecDeque<Value>,
    requests: u32,
}

impl Console {
    pub(crate) fn request(address: SocketAddr, headers: &[(&'static str, String)]) -> Request {
        let url = format!("ws://{address}/v3.6/agent/rtm/ws");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request
    }

    /// Connects without logging in. Returns the status if the handshake is
    /// refused.
    pub(crate) async fn open(request: Request) -> Result<Self, u16> {
        match timeout(PATIENCE, connect_async(request)).await.unwrap() {
            Ok((socket, _)) => Ok(Self {
                account: None,
                position: 0,
                socket,
                pushes: VecDeque::new(),
                requests: 0,
            }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Logged in with a token.
    pub(crate) async fn of(address: SocketAddr, token: &str) -> Self {
        let (console, welcome) = Self::since(address, token, None).await;
        assert_eq!(welcome["fresh"], true);
        console
    }

    /// Logged in again from a position. Returns the reply too.
    pub(crate) async fn since(
        address: SocketAddr,
        token: &str,
        position: Option<i64>,
    ) -> (Self, Value) {
        let mut console = Self::open(Self::request(address, &[])).await.unwrap();
        let mut login = json!({"token": format!("Bearer {token}")});
        if let Some(position) = position {
            login["position"] = position.into();
        }
        let welcome = console.act("login", login).await;
        console.account = Some(Account {
            address,
            token: token.to_owned(),
        });
        let newest = welcome["position"].as_i64().unwrap();
        console.position = match welcome["fresh"] == true {
            true => newest,
            // What came after is pushed.
            false => position.unwrap_or_default().max(console.position),
        };
        (console, welcome)
    }

    pub(crate) async fn say(&mut self, text: impl Into<Message>) {
        self.socket.send(text.into()).await.unwrap();
    }

    /// Sends a request and returns the whole response; pushes in between are
    /// kept.
    pub(crate) async fn ask(&mut self, action: &str, payload: Value) -> Value {
        self.requests += 1;
        let id = format!("r{}", self.requests);
        let request = json!({"request_id": id, "action": action, "payload": payload});
        self.say(request.to_string()).await;
        loop {
            let frame = self.frame().await.unwrap();
            if frame["type"] == "response" {
                assert_eq!(frame["request_id"], id.as_str(), "{frame}");
                assert_eq!(frame["action"], action, "{frame}");
                return frame;
            }
            self.pushes.push_back(frame);
        }
    }

    pub(crate) async fn act(&mut self, action: &str, payload: Value) -> Value {
        let response = self.ask(action, payload).await;
        assert_eq!(response["success"], true, "{response}");
        response["payload"].clone()
    }

    pub(crate) async fn fails(&mut self, action: &str, payload: Value) -> String {
        let response = self.ask(action, payload).await;
        assert_eq!(response["success"], false, "{response}");
        let error = &response["payload"]["error"];
        assert!(error["message"].is_string(), "{response}");
        error["type"].as_str().unwrap().to_owned()
    }

    /// The next push.
    pub(crate) async fn push(&mut self) -> Value {
        if let Some(push) = self.pushes.pop_front() {
            return push;
        }
        let frame = self.frame().await.unwrap();
        assert_eq!(frame["type"], "push", "{frame}");
        frame
    }

    /// All pushes up to the next one of this action.
    pub(crate) async fn pushes_to(&mut self, action: &str) -> Vec<Value> {
        let mut pushes = Vec::new();
        loop {
            let push = self.push().await;
            let last = push["action"] == action;
            pushes.push(push);
            if last {
                return pushes;
            }
        }
    }

    /// The next push of this action.
    pub(crate) async fn next(&mut self, action: &str) -> Value {
        self.pushes_to(action).await.pop().unwrap()
    }

    /// All pushes so far: up to the newest position, which another login is
    /// told, and before the response to a `ping`.
    pub(crate) async fn so_far(&mut self) -> Vec<Value> {
        if let Some(Account { address, token }) = self.account.clone() {
            let (other, welcome) = Box::pin(Self::since(address, &token, None)).await;
            other.close().await;
            let newest = welcome["position"].as_i64().unwrap();
            while self.position < newest {
                let push = self.frame().await.unwrap();
                self.pushes.push_back(push);
            }
        }
        self.act("ping", json!({})).await;
        self.pushes.drain(..).collect()
    }

    /// The next frame, or how the socket was closed.
    pub(crate) async fn frame(&mut self) -> Result<Value, Option<CloseFrame>> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if let Some(position) = frame["position"].as_i64() {
                        self.position = position;
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The code with which the server closes it.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Ok(_) => {}
                Err(frame) => return frame.unwrap().code.into(),
            }
        }
    }

    /// Closes it with a code, and returns the code of the server's close frame.
    pub(crate) async fn goodbye(&mut self, code: u16) -> Option<u16> {
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
        self.frame()
            .await
            .unwrap_err()
            .map(|frame| frame.code.into())
    }

    /// Closes it, and waits until the server has closed it too.
    pub(crate) async fn close(mut self) {
        self.socket.close(None).await.unwrap();
        while self.frame().await != Err(None) {}
    }
}

pub(crate) fn positions(pushes: &[Value]) -> Vec<i64> {
    pushes
        .iter()
        .filter_map(|p| p["position"].as_i64())
        .collect()
}
