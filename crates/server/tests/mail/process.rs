//! Mail of a running `parlor serve`.

use std::{fs, path::Path, process::Command, time::Instant};

use serde_json::{Value, json};

use crate::{
    program::{Server, parlor, send},
    smtp::Smtp,
};

/// A data folder with a settings file, and the ids of its site.
struct Folder {
    data: tempfile::TempDir,
    site: Value,
}

impl Folder {
    fn new(mail: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let words = ["setup", "--agent", "ada@example.com", "--json"];
        let made = parlor(data.path(), &words)
            .env("PARLOR_PASSWORD", "a long password")
            .output()
            .unwrap();
        let text = String::from_utf8(made.stdout).unwrap();
        let site = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        let settings = format!(
            "[mail]\nfrom = \"Hats <team@hats.example>\"\nalerts = [\"ada@example.com\"]\n{mail}\n"
        );
        fs::write(data.path().join("parlor.toml"), settings).unwrap();
        Self { data, site }
    }

    fn path(&self) -> &Path {
        self.data.path()
    }

    /// Leaves a message, of which the team is told.
    fn leave_message(&self, server: &Server) {
        let host = server.address.as_str();
        let get = send(
            host,
            "GET",
            "/chat/rest/System/SessionId",
            &[
                ("x-liveagent-affinity", "null"),
                ("x-liveagent-api-version", "56"),
            ],
            "",
        );
        let session: Value = serde_json::from_str(get.split_once("\r\n\r\n").unwrap().1).unwrap();
        let init = json!({
            "organizationId": self.site["organizationId"],
            "deploymentId": self.site["deploymentId"],
            "buttonId": self.site["buttonId"],
            "sessionId": session["id"],
            "visitorName": "Jon A.",
            "prechatForm": { "form_id": "prechat", "fields": [
                { "type": "name", "id": "name", "label": "Your name", "answer": "Jon A." },
                { "type": "email", "id": "email", "label": "E-mail", "answer": "jon@example.com" },
                { "type": "question", "id": "question", "label": "Question", "answer": "Blue" },
            ] },
            "offlineMessage": { "text": "Is it blue?", "customId": "a-random-id-of-16" },
        })
        .to_string();
        let length = init.len().to_string();
        let posted = send(
            host,
            "POST",
            "/chat/rest/Chasitor/ChasitorInit",
            &[
                (
                    "x-liveagent-affinity",
                    session["affinityToken"].as_str().unwrap(),
                ),
                ("x-liveagent-api-version", "56"),
                ("x-liveagent-session-key", session["key"].as_str().unwrap()),
                ("x-liveagent-sequence", "1"),
                ("content-type", "application/json"),
                ("content-length", &length),
            ],
            &init,
        );
        assert!(posted.starts_with("HTTP/1.1 200"), "{posted}");
    }
}

#[test]
fn a_server_that_hangs_holds_up_neither_requests_nor_the_end_and_gets_the_mail_afterwards() {
    let mut smtp = Smtp::start();
    smtp.mode("hang");
    let folder = Folder::new(&format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"",
        smtp.port
    ));
    let mut server = Server::start(folder.path());
    folder.leave_message(&server);
    smtp.wait(1);
    let began = Instant::now();
    assert_eq!(server.get("/readyz", &[]).0, 200);
    assert!(began.elapsed().as_secs() < 2);
    server.signal("-TERM");
    assert!(server.process.wait().unwrap().success());
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
    smtp.mode("take");
    let _server = Server::start(folder.path());
    smtp.wait(2);
    // The server was told the recipient, and takes the rest within the next command.
    let mail = loop {
        if let Some(mail) = smtp.mails().pop() {
            break mail;
        }
    };
    assert_eq!(mail["recipients"], json!(["ada@example.com"]));
}

#[test]
fn a_server_that_wants_tls_and_a_password_gets_both() {
    let certificate = tempfile::tempdir().unwrap();
    let path = |name: &str| certificate.path().join(name).display().to_string();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &cert])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut smtp = Smtp::with(&[
        "--user",
        "hats",
        "--password",
        "open sesame",
        "--certificate",
        &cert,
        "--key",
        &key,
    ]);
    let folder = Folder::new(&format!(
        "host = \"localhost\"\nport = {}\nuser = \"hats\"\npassword_file = \"mail.secret\"",
        smtp.port
    ));
    fs::write(folder.path().join("mail.secret"), "open sesame\n").unwrap();
    let mut serve = parlor(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    serve.env("SSL_CERT_FILE", &cert);
    let server = Server::spawn(serve);
    folder.leave_message(&server);
    smtp.wait(1);
    let mail = loop {
        if let Some(mail) = smtp.mails().pop() {
            break mail;
        }
    };
    assert_eq!(mail["tls"], true);
    assert_eq!(mail["user"], "hats");
}
