//! The program itself: its output, its failures, and how it stops.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "mmdb/mod.rs"]
mod mmdb;
mod program;

use std::{
    io::Write as _,
    net::TcpStream,
    path::Path,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use parlor_server::data_folder::FolderLock;
use program::{Server, answer, ask, parlor};
use serde_json::Value;

fn run(data: &Path, words: &[&str]) -> Output {
    parlor(data, words).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// One sentence, and exit code 1.
fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.starts_with("parlor: "), "{words}");
    words
}

#[test]
fn faults_are_refused_without_the_flag_that_names_them_unsafe() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["serve", "--faults", "faults.toml"]);
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("--unsafe-faults"), "{words}");
}

const SETUP: [&str; 6] = [
    "setup",
    "--agent",
    "ada@example.com",
    "--password",
    "correct horse",
    "--json",
];

#[test]
fn setup_prints_one_object_and_keeps_its_ids() {
    let data = tempfile::tempdir().unwrap();
    let first: Value = serde_json::from_str(&stdout(&run(data.path(), &SETUP))).unwrap();
    let mut names: Vec<&String> = first.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "agentId",
            "agentToken",
            "apiToken",
            "buttonId",
            "deploymentId",
            "organizationId"
        ]
    );
    let again: Value = serde_json::from_str(&stdout(&run(data.path(), &SETUP))).unwrap();
    for name in ["organizationId", "deploymentId", "buttonId", "agentId"] {
        assert_eq!(first[name], again[name]);
    }
    assert_ne!(first["agentToken"], again["agentToken"]);
}

#[test]
fn a_password_may_come_from_the_environment() {
    let data = tempfile::tempdir().unwrap();
    let output = parlor(data.path(), &["setup", "--agent", "ada@example.com"])
        .env("PARLOR_PASSWORD", "correct horse")
        .output()
        .unwrap();
    let text = stdout(&output);
    assert!(text.contains("organization  00D"), "{text}");
    assert!(!text.contains("correct horse"), "{text}");
}

#[test]
fn agents_come_and_go() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let added = stdout(&run(
        data,
        &["agent", "add", "bob@example.com", "--name", "Bob"],
    ));
    assert!(
        added.contains("http://127.0.0.1:8080/agent/#signin="),
        "{added}"
    );
    let words = failure(&run(data, &["agent", "add", "BOB@example.com"]));
    assert!(words.contains("is an agent already"), "{words}");
    assert!(stdout(&run(data, &["agent", "list"])).contains("bob@example.com  Bob"));
    stdout(&run(data, &["agent", "remove", "bob@example.com"]));
    assert_eq!(stdout(&run(data, &["agent", "list"])), "");
    let words = failure(&run(data, &["agent", "remove", "bob@example.com"]));
    assert!(words.contains("is not an agent"), "{words}");
}

#[test]
fn agents_have_roles_groups_and_names() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    stdout(&run(data, &SETUP));
    let list = stdout(&run(data, &["agent", "list"]));
    assert!(list.contains("owner  Support\n"), "{list}");
    let added = ["agent", "add", "bob@example.com", "--role", "administrator"];
    stdout(&run(data, &added));
    let words = failure(&run(data, &["agent", "remove", "ada@example.com"]));
    assert!(words.contains("an owner first"), "{words}");
    let set = |words: &[&str]| {
        let command = ["agent", "set", "bob@example.com"];
        run(data, &[&command, words].concat())
    };
    let bob = stdout(&set(&["--name", "Bob", "--role", "owner", "--groups", ""]));
    assert!(bob.contains("Bob  owner  in no group"), "{bob}");
    let bob = stdout(&set(&["--groups", "1"]));
    assert!(bob.contains("Bob  owner  Support"), "{bob}");
    let words = failure(&set(&["--groups", "Sales"]));
    let expected = "there is no group \"Sales\"; known are 1 (Support)";
    assert!(words.contains(expected), "{words}");
    let words = failure(&set(&["--avatar", "bob.png"]));
    assert!(words.contains("https address of a picture"), "{words}");
    let output = set(&["--role", "king"]);
    assert!(!output.status.success());
    stdout(&run(data, &["agent", "remove", "ada@example.com"]));
}

#[test]
fn a_forgotten_password_is_reset_by_a_link() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    stdout(&run(data, &SETUP));
    let reset = ["agent", "reset", "ada@example.com"];
    let host = ["--public-url", "https://chat.example/"];
    let printed = stdout(&run(data, &[&reset[..], &host].concat()));
    let link = "https://chat.example/agent/#reset=";
    assert!(printed.contains(link), "{printed}");
    let words = failure(&run(data, &["agent", "reset", "bob@example.com"]));
    assert!(words.contains("is not an agent"), "{words}");
}

#[test]
fn tokens_of_programs_are_made_listed_and_revoked() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    stdout(&run(data, &SETUP));
    let add = [
        "token",
        "add",
        "ada@example.com",
        "the robot",
        "--days",
        "9",
    ];
    let token = stdout(&run(data, &add));
    let list = stdout(&run(data, &["token", "list"]));
    assert!(!list.contains(token.trim()), "{list}");
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    let robot = lines.last().unwrap();
    assert!(
        robot.contains("  ada@example.com  the robot  made "),
        "{list}"
    );
    assert!(robot.contains("  until "), "{list}");
    let id = robot.split(' ').next().unwrap();
    stdout(&run(data, &["token", "revoke", id]));
    let list = stdout(&run(data, &["token", "list"]));
    assert_eq!(list.lines().count(), 2, "{list}");
    let words = failure(&run(data, &["token", "revoke", id]));
    assert!(words.contains("there is no token"), "{words}");
}

#[test]
fn tokens_for_the_archive_have_a_role() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    stdout(&run(data, &SETUP));
    let add = |more: &[&str]| {
        let all = ["token", "add-api"].iter().chain(more).copied();
        run(data, &all.collect::<Vec<_>>())
    };
    let token = stdout(&add(&["reports", "--reads-private", "--days", "9"]));
    stdout(&add(&["a form", "--role", "agent"]));
    let list = stdout(&run(data, &["token", "list"]));
    assert!(!list.contains(token.trim()), "{list}");
    let reports = "  archive, administrator, private  reports  made ";
    assert!(list.contains(reports), "{list}");
    assert!(list.contains("  archive, agent  a form  made "), "{list}");
    let refused = add(&["x", "--role", "guest"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
}

#[test]
fn origins_are_allowed_without_an_agent() {
    let data = tempfile::tempdir().unwrap();
    let allow = ["setup", "--allow-origin", "https://shop.example"];
    let host = ["--public-url", "https://chat.example"];
    let printed = stdout(&run(data.path(), &[&allow[..], &host].concat()));
    let tag = "<script async src=\"https://chat.example/parlor.js\"";
    assert!(printed.contains(tag), "{printed}");
    assert!(printed.contains("data-deployment=\"572"), "{printed}");
    assert!(!printed.contains("token"), "{printed}");
    assert_eq!(stdout(&run(data.path(), &["agent", "list"])), "");
    let words = failure(&run(data.path(), &["setup", "--allow-origin", "shop"]));
    assert!(words.contains("is not an origin"), "{words}");
    assert!(!run(data.path(), &["setup"]).status.success());
    let words = failure(&run(data.path(), &["setup", "--agent", "ada@example.com"]));
    assert!(words.contains("needs a password"), "{words}");
}

/// What the file makes is the whole site: the first start adds no deployment of
/// its own.
#[test]
fn a_settings_file_makes_a_site_from_nothing() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("parlor.toml");
    std::fs::write(&file, TWO_TEAMS).unwrap();
    let server = Server::start(data.path());
    let settings = server.get("/chat/rest/Visitor/Settings?deployment_id=shop", &[]);
    assert_eq!(settings.0, 200, "{}", settings.1);
    let list = stdout(&run(data.path(), &["agent", "list"]));
    assert!(list.contains("owner  Sales, Support\n"), "{list}");
    drop(server);
    let allow = ["setup", "--allow-origin", "https://shop.example"];
    let printed = stdout(&run(data.path(), &allow));
    assert_eq!(printed.matches("<script").count(), 2, "{printed}");
    for button in ["sales", "support"] {
        let tag = format!("data-deployment=\"shop\" data-button=\"{button}\"");
        assert!(printed.contains(&tag), "{printed}");
    }
    // A second start changes nothing.
    drop(Server::start(data.path()));
}

const TWO_TEAMS: &str = r#"
[[group]]
id = 1
name = "Sales"

[[group]]
id = 2
name = "Support"

[[deployment]]
id = "shop"
name = "The shop"

[[deployment.button]]
id = "sales"
group = 1

[[deployment.button]]
id = "support"
group = 2
"#;

#[test]
fn failures_are_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let words = failure(&run(&none, &["agent", "list"]));
    assert!(words.contains("there is no database in"), "{words}");
    assert!(!none.exists());

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let words = failure(&run(
        &file.join("data"),
        &["serve", "--listen", "127.0.0.1:0"],
    ));
    assert!(words.contains("cannot lock"), "{words}");

    let words = failure(&run(&none, &["serve", "--listen", "nowhere"]));
    assert!(words.contains("cannot listen on nowhere"), "{words}");
    let words = failure(&run(&none, &["serve", "--public-url", "chat.example"]));
    assert!(words.contains("is not a public URL"), "{words}");
    let words = failure(&run(&none, &["serve", "--assets", "/no/such/folder"]));
    assert!(words.contains("there is no folder"), "{words}");
    let words = failure(&run(
        &none,
        &["setup", "--agent", "ada", "--password", "a long password"],
    ));
    assert!(words.contains("not an e-mail address"), "{words}");
}

#[test]
fn the_settings_file_of_the_data_folder_is_read() {
    let data = tempfile::tempdir().unwrap();
    let site: Value = serde_json::from_str(&stdout(&run(data.path(), &SETUP))).unwrap();
    let file = data.path().join("parlor.toml");
    std::fs::write(&file, "[[deployment]]\nteam_name = \"Ada's Hats\"\n").unwrap();
    let server = Server::start(data.path());
    let path = format!(
        "/chat/rest/Visitor/Settings?deployment_id={}",
        site["deploymentId"].as_str().unwrap()
    );
    let (status, settings) = server.get(&path, &[]);
    assert_eq!(status, 200, "{settings}");
    assert!(settings.contains("Ada's Hats"), "{settings}");
    assert!(data.path().join("files").is_dir());
    drop(server);

    std::fs::write(&file, "[[deployment]]\n\nteam = \"x\"\n").unwrap();
    let words = failure(&run(data.path(), &["serve", "--listen", "127.0.0.1:0"]));
    let at = format!(
        "{}, line 3: deployment[0].team: there is no such setting",
        file.display()
    );
    assert!(words.contains(&at), "{words}");
    let words = failure(&run(data.path(), &["serve", "--settings", "/no/such/file"]));
    assert!(words.contains("cannot read /no/such/file"), "{words}");
}

/// The file beside the settings file is meant.
#[test]
fn a_geolocation_file_has_to_be_a_good_one() {
    let data = tempfile::tempdir().unwrap();
    let settings = data.path().join("parlor.toml");
    std::fs::write(&settings, "[geolocation]\nfile = \"cities.mmdb\"\n").unwrap();
    let refused = || failure(&run(data.path(), &["serve", "--listen", "127.0.0.1:0"]));
    let words = refused();
    let at = "parlor.toml, line 2: geolocation.file: it cannot be read: ";
    assert!(words.contains(at), "{words}");
    let file = data.path().join("cities.mmdb");
    std::fs::write(&file, "<html>Not found</html>").unwrap();
    let words = refused();
    let at = "parlor.toml, line 2: geolocation.file: it is no MaxMind database, or it is damaged: ";
    assert!(words.contains(at), "{words}");
    assert!(!data.path().join("parlor.db").exists(), "nothing was begun");
    std::fs::write(&file, mmdb::database(&[("0.0.0.0/1", mmdb::city())])).unwrap();
    drop(Server::start(data.path()));
}

#[test]
fn an_address_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let other = tempfile::tempdir().unwrap();
    let words = failure(&run(other.path(), &["serve", "--listen", &server.address]));
    assert!(words.contains(&server.address), "{words}");
    assert!(words.contains("another program listens there"), "{words}");
}

/// A second process must not touch what the first one works with: at start,
/// unfinished uploads are deleted and the database is migrated.
#[test]
fn a_data_folder_in_use_is_refused_untouched() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let upload = data.path().join("files/incoming/upload");
    std::fs::create_dir_all(upload.parent().unwrap()).unwrap();
    std::fs::write(&upload, "half of it").unwrap();
    let words = failure(&run(data.path(), &["serve", "--listen", "127.0.0.1:0"]));
    assert!(words.contains("another parlor uses"), "{words}");
    assert!(words.contains(data.path().to_str().unwrap()), "{words}");
    assert!(upload.exists());
    drop(server);

    let server = Server::start(data.path());
    assert!(!upload.exists());
    drop(server);
}

/// The address is checked first: whoever starts the same service twice has
/// changed nothing.
#[test]
fn without_its_address_a_server_touches_no_data() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let other = tempfile::tempdir().unwrap();
    let other = other.path().join("data");
    failure(&run(&other, &["serve", "--listen", &server.address]));
    assert!(!other.exists());
}

#[test]
fn commands_run_beside_a_server() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    stdout(&run(data.path(), &["agent", "add", "bob@example.com"]));
    assert!(stdout(&run(data.path(), &["agent", "list"])).contains("bob@example.com"));
    stdout(&run(data.path(), &SETUP));
    stdout(&run(data.path(), &["agent", "remove", "bob@example.com"]));
    assert_eq!(server.get("/readyz", &[]), (200, "ready".to_owned()));
}

/// A command of another version must not migrate what a server works with.
#[test]
fn commands_migrate_nothing_beside_a_server() {
    let data = tempfile::tempdir().unwrap();
    let lock = FolderLock::take(data.path()).unwrap();
    let words = failure(&run(data.path(), &["agent", "add", "bob@example.com"]));
    assert!(
        words.contains("the database is not of this version"),
        "{words}"
    );
    assert!(words.contains("stop it first"), "{words}");
    assert!(!data.path().join("parlor.db").exists());
    drop(lock);
    stdout(&run(data.path(), &["agent", "add", "bob@example.com"]));
}

/// Killed at any moment of its first start, a server starts the next time.
#[test]
fn a_first_start_that_is_killed_is_gone_on_with() {
    let size = |data: &Path| {
        let log = std::fs::metadata(data.join("parlor.db-wal"));
        log.map_or(0, |log| log.len())
    };
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let whole = size(data.path());
    drop(server);
    assert!(whole > 100_000, "{whole}");
    // The migrations are most of what is written.
    for written in (0..whole - 20_000).step_by(20_000) {
        let data = tempfile::tempdir().unwrap();
        let mut process = parlor(data.path(), &["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while size(data.path()) <= written {
            std::thread::yield_now();
        }
        process.kill().unwrap();
        process.wait().unwrap();
        let server = Server::start(data.path());
        assert_eq!(server.get("/readyz", &[]), (200, "ready".to_owned()));
    }
}

#[test]
fn the_first_start_prints_a_link_and_the_second_does_not() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path());
    let link = format!(
        "parlor: sign in at http://{}/agent/#signin=",
        server.address
    );
    let line = server.next_line();
    assert!(line.starts_with(&link), "{line}");
    assert_eq!(server.get("/readyz", &[]), (200, "ready".to_owned()));
    server.signal("-TERM");
    assert!(server.process.wait().unwrap().success());
    assert_eq!(server.next_line(), "");

    let mut server = Server::start(data.path());
    server.signal("-INT");
    assert!(server.process.wait().unwrap().success());
    assert_eq!(server.next_line(), "");
}

#[test]
fn metrics_have_their_own_listener() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start_with(data.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let metrics = server.metrics_address();
    assert_eq!(server.get("/metrics", &[]).0, 404);
    server.get("/chat/rest/Visitor/VisitorId", &[]);
    let (status, text) = answer(ask(&metrics, "/metrics", &[]));
    assert_eq!(status, 200);
    for name in [
        "parlor_http_requests_total{method=\"GET\",route=\"/chat/rest/Visitor/VisitorId\"",
        "parlor_connections_open{listener=\"chat\"}",
        "parlor_polls_open 0",
    ] {
        assert!(text.contains(name), "{name} is not in {text}");
    }
    assert_eq!(answer(ask(&metrics, "/chat/", &[])).0, 404);
}

#[test]
fn a_client_that_sends_half_a_request_does_not_delay_the_stop() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path());
    let mut slow = TcpStream::connect(&server.address).unwrap();
    slow.write_all(b"GET /healthz HT").unwrap();
    assert_eq!(server.get("/healthz", &[]).0, 200);
    let asked = Instant::now();
    server.signal("-TERM");
    assert!(server.process.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_stop_ends_held_polls_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start_with(data.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let metrics = server.metrics_address();
    let version = ("x-liveagent-api-version", "66");
    let affinity = ("x-liveagent-affinity", "null");
    let (status, body) = server.get("/chat/rest/System/SessionId", &[version, affinity]);
    assert_eq!(status, 200, "{body}");
    let session: Value = serde_json::from_str(&body).unwrap();
    let poll = server.ask(
        "/chat/rest/System/Messages?ack=-1",
        &[
            version,
            (
                "x-liveagent-affinity",
                session["affinityToken"].as_str().unwrap(),
            ),
            ("x-liveagent-session-key", session["key"].as_str().unwrap()),
        ],
    );
    // This request is answered after the poll was accepted, on any number of
    // cores: both arrive on connections of their own, in this order.
    while !answer(ask(&metrics, "/metrics", &[]))
        .1
        .contains("parlor_polls_open 1")
    {}

    let asked = Instant::now();
    server.signal("-TERM");
    assert_eq!(answer(poll), (204, String::new()));
    assert!(server.process.wait().unwrap().success());
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
}
