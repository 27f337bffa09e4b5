//! Who may do what.

use parlor_server::store::row::{Role, TokenKind};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{
    actors::{TestServer, Visitor},
    program::{Program, anonymous, ids, missed_chat},
};

const PATHS: [&str; 7] = [
    "/api/v2/chat/chats",
    "/api/v2/chats",
    "/api/v2/chat/chats/search?q=a",
    "/api/v2/chat/chats/T",
    "/api/v2/chat/incremental/chats?start_time=0",
    "/api/v2/chat/account",
    "/api/v2/chat/agents",
];

#[tokio::test]
async fn nobody_reads_without_a_token_of_a_program() {
    let server = TestServer::new().await;
    let of_agent = format!("Bearer {}", server.ada.token);
    let console = server.token(TokenKind::Console, &server.ada).await;
    let of_console = format!("Bearer {console}");
    for path in PATHS {
        for token in [
            None,
            Some("Bearer x"),
            Some(&of_agent),
            Some(&of_console),
            Some("x"),
        ] {
            assert_eq!(anonymous(&server.router, path, token).await, 401, "{path}");
        }
    }
    // The token of a program does not act as an agent.
    let program = Program::of(&server);
    let api = format!("Bearer {}", server.site.api_token.expose_secret());
    assert_eq!(program.status("GET", "/chats", None).await, 200);
    let socket = anonymous(&server.router, "/agent/api/session", Some(&api)).await;
    assert_ne!(socket, 200);
}

#[tokio::test]
async fn a_token_with_the_role_agent_leaves_messages_and_nothing_else() {
    let server = TestServer::new().await;
    missed_chat(&server, "Jon", "Hello").await;
    let id = Program::of(&server).gets("/chats").await["chats"][0]["id"].clone();
    let id = id.as_str().unwrap();
    let agent = Program::with(&server, Role::Agent, true).await;
    let update = json!({"unread": false});
    for (method, path) in [
        ("GET", "/chats".to_owned()),
        ("GET", format!("/chats?ids={id}")),
        ("GET", format!("/chats/{id}")),
        ("GET", "/chats/search?q=hello".to_owned()),
        ("GET", "/incremental/chats?start_time=0".to_owned()),
        ("GET", "/agents".to_owned()),
        ("PUT", format!("/chats/{id}")),
        ("PUT", format!("/chats?ids={id}")),
        ("DELETE", format!("/chats/{id}")),
        ("DELETE", format!("/chats?ids={id}")),
    ] {
        let status = agent.status(method, &path, Some(&update)).await;
        assert_eq!(status, 403, "{method} {path}");
    }
    agent
        .posts(&json!({"message": "Hi", "visitor": {"name": "Ann"}}))
        .await;
    for role in [Role::Owner, Role::Administrator] {
        let program = Program::with(&server, role, false).await;
        assert_eq!(program.gets("/chats").await["count"], 2);
    }
}

#[tokio::test]
async fn what_agents_note_is_kept_from_programs_that_may_not_read_it() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    visitor.say("Where is it?").await;
    server.ada.note(&chat, "Seems impatient").await;
    visitor.end().await;
    let program = Program::of(&server);
    let shown = program.gets("/chats").await;
    assert!(!shown.to_string().contains("impatient"), "{shown}");
    let export = program.gets("/incremental/chats?start_time=0").await;
    assert!(!export.to_string().contains("impatient"));
    assert!(program.finds("impatient").await.is_empty());
    assert_eq!(program.finds("NOT impatient").await.len(), 1);
    assert_eq!(shown["chats"][0]["count"]["agent"], 0);

    let trusted = Program::with(&server, Role::Administrator, true).await;
    let shown = trusted.gets("/chats").await;
    let history = shown["chats"][0]["history"].as_array().unwrap().clone();
    let note = history
        .iter()
        .find(|it| it["visibility"] == "agents")
        .unwrap();
    assert_eq!(note["msg"], "Seems impatient");
    assert_eq!(trusted.finds("impatient").await.len(), 1);
}

/// By `since_id`, as programs page through agents.
#[tokio::test]
async fn agents_are_listed_after_an_id() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    let all = program.gets("/agents").await;
    let mut expected = ids(&all);
    assert!(expected.is_sorted() && expected.len() > 1, "{expected:?}");
    assert_eq!(ids(&program.gets("/agents?since_id=0").await), expected);
    let first = expected.remove(0);
    let after = program.gets(&format!("/agents?since_id={first}")).await;
    assert_eq!(ids(&after), expected);
    // What a program makes that takes ids for numbers.
    let after = program
        .gets("/agents?limit=100&since_id=%7B%7B+id+%2B+1+%7D%7D")
        .await;
    assert!(ids(&after).is_empty());
}
