//! The receivers of `docs/WEBHOOKS.md`, and one with TLS.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use parlor_server::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
    webhooks::{Failure, WebhookConfig, WebhookSecret, send_sample},
};
use serde_json::Value;
use url::Url;

use crate::{
    process::Folder,
    receiver::{SECRET, config},
};

/// It is killed when the test ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The code of the manual in this language.
fn code(language: &str) -> String {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/WEBHOOKS.md");
    let manual = fs::read_to_string(manual).unwrap();
    let (_, code) = manual.split_once(&format!("```{language}\n")).unwrap();
    code.split_once("```").unwrap().0.to_owned()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn now() -> Timestamp {
    Clock::system_after(Timestamp::default()).now()
}

/// Sends until the receiver listens.
async fn send(config: &WebhookConfig, at: Timestamp) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        match send_sample(config, "new_chat_session", &Entropy::os(), at).await {
            Err(Failure::Unreachable) if began.elapsed() < Duration::from_secs(30) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            sent => return sent,
        }
    }
}

/// Takes what is signed, and nothing else.
async fn check(mut command: Command) {
    let port = free_port();
    let child = command
        .env("WEBHOOK_SECRET", SECRET)
        .env("PORT", port.to_string())
        .stdout(Stdio::piped())
        .spawn();
    let mut program = Program(child.unwrap());
    let good = config("crm", &format!("http://127.0.0.1:{port}/"));
    send(&good, now()).await.unwrap();
    let mut line = String::new();
    let printed = program.0.stdout.take().unwrap();
    BufReader::new(printed).read_line(&mut line).unwrap();
    let payload: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(payload[0]["status"], "created");

    let other = WebhookSecret::parse(b"another secret of thirty-two byt").unwrap();
    let bad = WebhookConfig::new("crm", good.url.0.clone(), other);
    let refused = |sent| matches!(sent, Err(Failure::Status(status, _)) if status == 401);
    assert!(refused(send(&bad, now()).await));
    let old = now().minus(Duration::from_secs(301));
    assert!(refused(send(&good, old).await));
}

fn written(folder: &Path, name: &str, language: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, code(language)).unwrap();
    path
}

#[tokio::test]
async fn the_receiver_in_python_checks_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("python3");
    command.arg(written(folder.path(), "hook.py", "python"));
    check(command).await;
}

#[tokio::test]
async fn the_receiver_in_node_checks_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command.arg(written(folder.path(), "hook.js", "js"));
    check(command).await;
}

/// Not every machine on which the tests run has Go.
#[tokio::test]
async fn the_receiver_in_go_checks_the_signature() {
    if Command::new("go").arg("version").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = written(folder.path(), "hook.go", "go");
    let program = folder.path().join("hook");
    let built = Command::new("go")
        .args(["build", "-o"])
        .args([&program, &source])
        .env("GOCACHE", folder.path().join("cache"))
        .env("GO111MODULE", "off")
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    check(Command::new(program)).await;
}

/// Takes every request.
const TLS: &str = r#"
import http.server, ssl, sys
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

#[test]
fn a_receiver_with_tls_is_told_if_its_certificate_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &cert])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let receiver = Command::new("python3")
        .args(["-c", TLS, &cert, &key])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut receiver = Program(receiver.unwrap());
    let mut port = String::new();
    let printed = receiver.0.stdout.take().unwrap();
    BufReader::new(printed).read_line(&mut port).unwrap();
    let url = format!("https://localhost:{}/", port.trim());
    Url::parse(&url).unwrap();
    let site = Folder::new(&url, "");
    let test = |trusted: Option<&str>| {
        let mut command = crate::program::parlor(site.path(), &["webhook", "test", "crm"]);
        match trusted {
            Some(file) => command
                .env("SSL_CERT_FILE", file)
                .env_remove("SSL_CERT_DIR"),
            None => &mut command,
        };
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let event = "chat_session_status_changed";
    assert_eq!(test(Some(&cert)), format!("crm has taken {event}\n"));
    let refused = format!("parlor: crm has not taken {event}: unreachable\n");
    assert_eq!(test(None), refused);
}
