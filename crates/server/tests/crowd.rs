//! Two hundred visitors talk with one agent at once: the program itself with
//! its database, over HTTP. Every visitor has a poll open, gets every reply
//! once and in order, and no call is refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as expected"
)]

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Bytes,
    http::{Request, StatusCode, request::Builder},
};
use futures_util::future::join_all;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

const VISITORS: usize = 200;
const TURNS: usize = 3;
/// Each chat that is accepted moves all who still wait: some twenty thousand
/// polls in all, on two cores that other tests use too.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_conversations_at_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    timeout(PATIENCE, converse(&server)).await.unwrap();
    server.stop(data.path());
}

async fn converse(server: &Server) {
    let status = json!({ "status": "accepting_chats" });
    server.api.act("set_routing_status", status).await;
    let arrivals = (0..VISITORS).map(async |index| {
        let mut visitor = Visitor::arrive(&server.api).await;
        visitor.ask(&format!("visitor {index}")).await;
        visitor
    });
    let mut visitors = join_all(arrivals).await;

    // All of them wait, each with a poll open, while the agent accepts one
    // chat after the other.
    let established = visitors.iter_mut().map(|it| it.next("ChatEstablished"));
    let (chats, _) = tokio::join!(accept_all(&server.api), join_all(established));

    let talks = visitors
        .iter_mut()
        .enumerate()
        .map(async |(index, visitor)| {
            let chat = chats[&format!("visitor {index}")].as_str();
            let mut said = Vec::new();
            for turn in 0..TURNS {
                let question = format!("question {turn} of {index}");
                let answer = format!("answer {turn} for {index}");
                visitor
                    .post("ChatMessage", json!({ "text": question }))
                    .await;
                let event = json!({ "type": "message", "text": answer, "visibility": "all" });
                server
                    .api
                    .act("send_event", json!({ "chat_id": chat, "event": event }))
                    .await;
                assert_eq!(visitor.next("ChatMessage").await["text"], *answer);
                said.extend([question, answer]);
            }
            assert_eq!(messages(&server.api, chat).await, said);
            visitor.post("ChatEnd", json!({ "reason": "client" })).await;
            visitor.next("ChatEnded").await;
        });
    join_all(talks).await;
    assert_eq!(waiting(&server.api).await, [] as [(String, String); 0]);
}

/// Accepts every chat, and gives their ids by the visitors' names.
async fn accept_all(api: &Api) -> HashMap<String, String> {
    let mut chats = HashMap::new();
    while chats.len() < VISITORS {
        let waiting = waiting(api).await;
        assert!(
            !waiting.is_empty(),
            "some of the chats that wait are not listed"
        );
        for (id, name) in waiting {
            let body = json!({
                "chat_id": id,
                "user_id": api.installation["agentId"],
                "user_type": "agent",
                "visibility": "all",
                "ignore_requester_presence": true,
            });
            api.act("add_user_to_chat", body).await;
            chats.insert(name, id);
        }
    }
    chats
}

/// The open chats that no agent is in, from all pages of the list: their ids
/// and the names of their visitors.
async fn waiting(api: &Api) -> Vec<(String, String)> {
    let mut waiting = Vec::new();
    let mut page = json!({ "filters": { "include_active": true }, "limit": 100 });
    loop {
        let answer = api.act("list_chats", page).await;
        for chat in answer["chats_summary"].as_array().unwrap() {
            let users = chat["users"].as_array().unwrap();
            let present = |it: &Value| it["type"] == "agent" && it["present"] != false;
            let active = chat["last_thread_summary"]["active"] == true;
            if active && !users.iter().any(present) {
                let visitor = users.iter().find(|it| it["type"] == "customer").unwrap();
                waiting.push((text(&chat["id"]), text(&visitor["name"])));
            }
        }
        match &answer["next_page_id"] {
            Value::String(id) => page = json!({ "page_id": id }),
            _ => return waiting,
        }
    }
}

async fn messages(api: &Api, chat: &str) -> Vec<String> {
    let answer = api.act("get_chat", json!({ "chat_id": chat })).await;
    let events = answer["thread"]["events"].as_array().unwrap();
    let messages = events.iter().filter(|it| it["type"] == "message");
    messages.map(|it| text(&it["text"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A visitor's program.
struct Visitor {
    api: Api,
    session: Arc<Session>,
    sequence: i64,
    messages: UnboundedReceiver<Value>,
}

struct Session {
    id: String,
    key: String,
    affinity: String,
}

impl Visitor {
    async fn arrive(api: &Api) -> Self {
        let request = Request::get(api.visitor("System/SessionId"))
            .header("x-liveagent-api-version", "56")
            .header("x-liveagent-affinity", "null");
        let (status, answer) = api.call(request, None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let session = Session {
            id: text(&answer["id"]),
            key: text(&answer["key"]),
            affinity: text(&answer["affinityToken"]),
        };
        Self {
            api: api.clone(),
            session: Arc::new(session),
            sequence: 0,
            messages: unbounded_channel().1,
        }
    }

    /// Requests a chat, and polls from then on.
    async fn ask(&mut self, name: &str) {
        let body = json!({
            "organizationId": self.api.installation["organizationId"],
            "deploymentId": self.api.installation["deploymentId"],
            "buttonId": self.api.installation["buttonId"],
            "sessionId": self.session.id,
            "visitorName": name,
            "userAgent": "crowd",
            "language": "en-US",
            "screenResolution": "1280x800",
            "prechatDetails": [],
            "prechatEntities": [],
            "receiveQueueUpdates": true,
            "isPost": true,
        });
        self.post("ChasitorInit", body).await;
        let (sender, receiver) = unbounded_channel();
        self.messages = receiver;
        tokio::spawn(poll(self.api.clone(), self.session.clone(), sender));
    }

    async fn post(&mut self, noun: &str, body: Value) {
        self.sequence += 1;
        let address = self.api.visitor(&format!("Chasitor/{noun}"));
        let request = self.session.sign(Request::post(address));
        let request = request.header("x-liveagent-sequence", self.sequence);
        let (status, answer) = self.api.call(request, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{noun}: {answer}");
    }

    /// The next message of this type. Those that came before it are dropped.
    async fn next(&mut self, kind: &str) -> Value {
        loop {
            let mut message = self.messages.recv().await.unwrap();
            assert_ne!(message["type"], "ChatRequestFail", "{message}");
            if message["type"] == kind {
                return message["message"].take();
            }
        }
    }
}

/// Polls until the chat is over, one poll at a time, each of which
/// acknowledges the answer to the one before.
async fn poll(api: Api, session: Arc<Session>, messages: UnboundedSender<Value>) {
    let mut ack = -1;
    let mut ended = false;
    while !ended {
        let address = api.visitor(&format!("System/Messages?ack={ack}"));
        let (status, answer) = api.call(session.sign(Request::get(address)), None).await;
        if status == StatusCode::NO_CONTENT {
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{answer}");
        ack = answer["sequence"].as_i64().unwrap();
        for message in answer["messages"].as_array().unwrap() {
            ended |= message["type"] == "ChatEnded";
            messages.send(message.clone()).unwrap();
        }
    }
}

impl Session {
    fn sign(&self, request: Builder) -> Builder {
        request
            .header("x-liveagent-api-version", "56")
            .header("x-liveagent-affinity", &self.affinity)
            .header("x-liveagent-session-key", &self.key)
    }
}

/// The two interfaces of a server, over connections that are kept.
#[derive(Clone)]
struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Arc<str>,
    /// What `parlor setup --json` printed.
    installation: Arc<Value>,
}

impl Api {
    fn visitor(&self, path: &str) -> String {
        format!("{}/chat/rest/{path}", self.url)
    }

    /// An action of the agent.
    async fn act(&self, name: &str, body: Value) -> Value {
        let token = text(&self.installation["agentToken"]);
        let request = Request::post(format!("{}/v3.6/agent/action/{name}", self.url))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let (status, answer) = self.call(request, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{name}: {answer}");
        answer
    }

    /// The status, and the body as JSON, or as a string where it is none.
    async fn call(&self, request: Builder, body: Option<Value>) -> (StatusCode, Value) {
        let body = body
            .map(|it| Bytes::from(it.to_string()))
            .unwrap_or_default();
        let request = request.body(Full::new(body)).unwrap();
        let answer = self.client.request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&body);
        (
            status,
            json.unwrap_or_else(|_| String::from_utf8_lossy(&body).into()),
        )
    }
}

struct Server {
    process: Child,
    api: Api,
}

impl Server {
    fn start(data: &Path) -> Self {
        let setup = ["setup", "--agent", "ada@example.com", "--json"];
        let printed = parlor(data).args(setup).output().unwrap();
        assert!(printed.status.success(), "{printed:?}");
        let mut process = parlor(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(File::create(data.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.as_mut().unwrap());
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("parlor: listening on ").unwrap();
        let api = Api {
            client: Client::builder(TokioExecutor::new()).build_http(),
            url: url.into(),
            installation: Arc::new(serde_json::from_slice(&printed.stdout).unwrap()),
        };
        Self { process, api }
    }

    /// Asks it to stop, as an administrator does.
    fn stop(mut self, data: &Path) {
        let pid = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        let status = self.process.wait().unwrap();
        let log = fs::read_to_string(data.join("log")).unwrap();
        assert!(status.success(), "{status}\n{log}");
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn parlor(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command.env("PARLOR_DATA", data);
    command.env("PARLOR_PASSWORD", "correct horse battery staple");
    command
}
