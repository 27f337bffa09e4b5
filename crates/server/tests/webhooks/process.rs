//! Webhooks of a running `parlor serve`, which is killed, stopped, and talked to by commands.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Output,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parlor_server::store::{
    Store as _,
    row::{ThreadFilter, ThreadQuery, ThreadStatus},
    sqlite::SqliteStore,
};
use serde_json::{Value, json};

use crate::{
    interface::Interface,
    program::{Server, parlor},
    receiver::{Answer, Receiver, SECRET},
};

/// A data folder with a receiver, and the ids of its site.
pub(crate) struct Folder {
    data: tempfile::TempDir,
    site: Value,
}

impl Folder {
    pub(crate) fn new(url: &str, more: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let words = ["setup", "--agent", "ada@example.com", "--json"];
        let made = parlor(data.path(), &words)
            .env("PARLOR_PASSWORD", "a long password")
            .output()
            .unwrap();
        let text = String::from_utf8(made.stdout).unwrap();
        let site = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        fs::write(data.path().join("crm.secret"), format!("{SECRET}\n")).unwrap();
        let settings = format!(
            "[[webhook]]\nname = \"crm\"\nurl = \"{url}\"\nsecret_file = \"crm.secret\"\n{more}\n"
        );
        fs::write(data.path().join("parlor.toml"), settings).unwrap();
        Self { data, site }
    }

    pub(crate) fn path(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        parlor(self.path(), words).output().unwrap()
    }

    /// What a command prints.
    pub(crate) fn print(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// How many webhooks wait.
    fn waiting(&self) -> usize {
        let list = self.print(&["webhook", "list"]);
        let (count, _) = list.lines().nth(1).unwrap().split_once(" waiting").unwrap();
        count.trim().parse().unwrap()
    }

    fn wait_until_nothing_waits(&self) {
        wait_for(|| (self.waiting() == 0).then_some(()));
    }
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(100));
    }
}

/// A client that bears a server that dies.
struct Client<'a> {
    site: &'a Value,
    address: &'a Mutex<String>,
}

impl Client<'_> {
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Option<Value> {
        use std::io::{Read as _, Write as _};
        let address = self.address.lock().unwrap().clone();
        let mut stream = std::net::TcpStream::connect(&address).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .ok()?;
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let length = body.len();
        request += &format!("content-length: {length}\r\nconnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        let (head, body) = response.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?;
        match status {
            "200" => Some(serde_json::from_str(body).unwrap_or(Value::Null)),
            _ => None,
        }
    }

    fn act(&self, action: &str, payload: &Value) -> Option<Value> {
        let token = format!("Bearer {}", self.site["agentToken"].as_str().unwrap());
        let path = format!("/v3.6/agent/action/{action}");
        let headers = [
            ("authorization", &*token),
            ("content-type", "application/json"),
        ];
        self.send("POST", &path, &headers, payload)
    }

    /// A visitor comes, is accepted and leaves. `None` where the server has died meanwhile.
    fn chat(&self, number: usize) -> Option<()> {
        // An agent is there once they have said so, and after a start again.
        self.act(
            "set_routing_status",
            &json!({ "status": "accepting_chats" }),
        )?;
        let version = ("x-liveagent-api-version", "56");
        let anew = [("x-liveagent-affinity", "null"), version];
        let session = self.send("GET", "/chat/rest/System/SessionId", &anew, &Value::Null)?;
        let init = json!({
            "organizationId": self.site["organizationId"],
            "deploymentId": self.site["deploymentId"],
            "buttonId": self.site["buttonId"],
            "sessionId": session["id"],
            "visitorName": format!("Visitor {number}"),
        });
        let headers = [
            ("x-liveagent-affinity", session["affinityToken"].as_str()?),
            ("x-liveagent-session-key", session["key"].as_str()?),
            ("x-liveagent-sequence", "1"),
            version,
        ];
        self.send("POST", "/chat/rest/Chasitor/ChasitorInit", &headers, &init)?;
        let list = self.act("list_chats", &json!({ "limit": 100 }))?;
        for chat in list["chats_summary"].as_array()? {
            let id = &chat["id"];
            if chat["last_thread_summary"]["queue"].is_null() {
                continue;
            }
            let who =
                json!({ "chat_id": id, "user_id": self.site["agentId"], "user_type": "agent" });
            // The other client may have been faster.
            if self.act("add_user_to_chat", &who).is_some() && !number.is_multiple_of(5) {
                self.act("deactivate_chat", &json!({ "id": id }));
            }
        }
        Some(())
    }
}

/// Each chat has the statuses that its row says were, in order, whatever was killed when.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_it_tells_every_status_in_order() {
    let receiver = Receiver::start().await;
    receiver.fail_half();
    let folder = Folder::new(&format!("http://{}/", receiver.address), "");
    let (folder, kills) = tokio::task::spawn_blocking(move || {
        let kills = kill_under_load(&folder);
        (folder, kills)
    })
    .await
    .unwrap();
    assert!(kills >= 3, "{kills}");

    let interface = Interface::load();
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    let taken = receiver.taken();
    for received in &taken {
        interface.check(received);
        let session = received.session();
        let text = |member: &str| session[member].as_str().unwrap().to_owned();
        // A process that was killed may not have known that it had been told.
        let id = received.header("webhook-id").to_owned();
        if ids.insert(id, text("status")).is_none() {
            told.entry(text("id")).or_default().push(text("status"));
        }
    }
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let query = ThreadQuery {
        filter: ThreadFilter::of_groups((0..10).collect()),
        ascending: true,
        after: None,
        limit: 1_000,
    };
    let threads = tx.threads(&query).await.unwrap();
    assert!(threads.len() >= 30, "{}", threads.len());
    for thread in &threads {
        let expected: &[&str] = match (thread.status, thread.accepted_at) {
            (ThreadStatus::Ended, Some(_)) => &["created", "handled", "completed"],
            (ThreadStatus::Ended, None) => &["created", "missed"],
            (_, Some(_)) => &["created", "handled"],
            (_, None) => &["created"],
        };
        let found = told.remove(thread.id.as_ref()).unwrap_or_default();
        assert_eq!(found, expected, "{}", thread.id);
    }
    assert!(told.is_empty(), "{told:?}");
    let tried = receiver.take().len();
    assert!(
        tried > taken.len() * 3 / 2,
        "{tried} of which {} taken",
        taken.len()
    );
}

/// Returns how often the server was killed.
fn kill_under_load(folder: &Folder) -> usize {
    const CHATS: usize = 60;
    let mut server = Server::start(folder.path());
    let address = Mutex::new(server.address.clone());
    let next = AtomicUsize::new(0);
    let mut kills = 0;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= CHATS {
                            return;
                        }
                        let (site, address) = (&folder.site, &address);
                        if (Client { site, address }).chat(number).is_none() {
                            thread::sleep(Duration::from_millis(50));
                        }
                    }
                })
            })
            .collect();
        for wanted in [10, 22, 35, 48] {
            while next.load(Ordering::Relaxed) < wanted {
                thread::sleep(Duration::from_millis(1));
            }
            server.signal("-KILL");
            server.process.wait().unwrap();
            kills += 1;
            server = Server::start(folder.path());
            *address.lock().unwrap() = server.address.clone();
        }
        for client in clients {
            client.join().unwrap();
        }
    });
    folder.wait_until_nothing_waits();
    server.signal("-TERM");
    assert!(server.process.wait().unwrap().success());
    kills
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_hangs_does_not_hold_up_the_end_and_is_told_afterwards() {
    let receiver = Arc::new(Receiver::start().await);
    receiver.answer([Answer::Hang]);
    let known = receiver.clone();
    tokio::task::spawn_blocking(move || {
        let folder = Folder::new(&format!("http://{}/", known.address), "timeout_s = 60");
        let mut server = Server::start(folder.path());
        let address = Mutex::new(server.address.clone());
        let (site, address) = (&folder.site, &address);
        Client { site, address }.chat(5).unwrap();
        wait_for(|| (known.count() > 0).then_some(()));
        let began = Instant::now();
        server.signal("-TERM");
        assert!(server.process.wait().unwrap().success());
        assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
        let _server = Server::start(folder.path());
        folder.wait_until_nothing_waits();
    })
    .await
    .unwrap();
    let statuses = receiver.take_statuses();
    assert_eq!(statuses, ["created", "created", "handled"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_list_test_and_retry() {
    let receiver = Arc::new(Receiver::start().await);
    let known = receiver.clone();
    tokio::task::spawn_blocking(move || {
        let url = format!("http://{}/hook", known.address);
        let more = "headers = { X-Team = \"chat\", Authorization = { file = \"crm.secret\" } }";
        let folder = Folder::new(&url, more);
        let list = folder.print(&["webhook", "list"]);
        assert_eq!(
            list,
            format!(
                "crm  {url}  chat_session_status_changed,new_chat_session\n  \
                 0 waiting  0 delivered lately  0 given up\n"
            )
        );
        let event = ["--event", "new_chat_session"];
        let test = folder.print(&[&["webhook", "test", "crm"], &event[..]].concat());
        assert_eq!(test, "crm has taken new_chat_session\n");
        known.answer([Answer::Status(500)]);
        let fails = |words: &[&str]| {
            let output = folder.run(words);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let refused = fails(&["webhook", "test", "crm"]);
        let expected = "parlor: crm has not taken chat_session_status_changed: status 500\n";
        assert_eq!(refused, expected);
        let refused = fails(&["webhook", "test", "other"]);
        assert_eq!(
            refused,
            "parlor: there is no webhook \"other\"; there are crm\n"
        );
        let refused = fails(&["webhook", "test", "crm", "--event", "incoming_chat"]);
        assert_eq!(refused, "parlor: crm is not sent this event\n");
        assert_eq!(folder.print(&["webhook", "deliveries"]), "");
        let refused = fails(&["webhook", "retry", "msg_1"]);
        assert_eq!(refused, "parlor: there is no delivery \"msg_1\"\n");
        assert_eq!(
            folder.print(&["webhook", "retry", "--all-given-up"]),
            "0 due\n"
        );

        known.answer([Answer::With(503, "retry-after", "3600".to_owned())]);
        let server = Server::start(folder.path());
        let address = Mutex::new(server.address.clone());
        let (site, address) = (&folder.site, &address);
        Client { site, address }.chat(5).unwrap();
        let line = wait_for(|| {
            let list = folder.print(&["webhook", "deliveries"]);
            let oldest = list.lines().last()?.to_owned();
            oldest.contains("status 503").then_some(oldest)
        });
        let words: Vec<&str> = line.split("  ").collect();
        assert_eq!(&words[1..3], ["crm", "new_chat_session"]);
        assert!(
            line.contains("waiting, next") && line.contains("attempts 1"),
            "{line}"
        );
        assert_eq!(folder.print(&["webhook", "retry", words[0]]), "due\n");
        folder.wait_until_nothing_waits();
        let list = folder.print(&["webhook", "deliveries", "--hook", "crm", "--limit", "1"]);
        assert!(list.contains("chat_session_status_changed") && list.contains("delivered"));
        assert_eq!(list.lines().count(), 1);
        assert_eq!(folder.print(&["webhook", "deliveries", "--given-up"]), "");
    })
    .await
    .unwrap();
    let received = receiver.take();
    assert_eq!(received[0].header("x-team"), "chat");
    assert_eq!(received[0].header("authorization"), SECRET);
    Interface::load().check(&received[0]);
    Interface::load().check(&received[1]);
}
