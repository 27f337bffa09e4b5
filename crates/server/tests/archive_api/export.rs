//! The incremental export.

use serde_json::{Value, json};

use crate::{
    actors::TestServer,
    program::{Program, ids},
};

async fn leave(program: &Program<'_>, n: usize) {
    let message = json!({"message": format!("m{n}"), "visitor": {}});
    program.posts(&message).await;
}

/// All pages, as a client reads them that follows `next_page`.
async fn pages(program: &Program<'_>, first: &str) -> Vec<Value> {
    let mut pages = vec![program.gets(first).await];
    while let Some(next) = pages.last().unwrap()["next_page"].as_str() {
        let path = next
            .strip_prefix("http://chat.example/api/v2/chat")
            .unwrap();
        pages.push(program.gets(path).await);
    }
    pages
}

#[tokio::test(start_paused = true)]
async fn many_of_one_moment_are_exported_once_each() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    for n in 0..25 {
        leave(&program, n).await;
    }
    let pages = pages(
        &program,
        "/incremental/chats?start_time=0&limit=10&fields=chats(id,message)",
    )
    .await;
    let counts: Vec<i64> = pages
        .iter()
        .map(|it| it["count"].as_i64().unwrap())
        .collect();
    assert_eq!(counts, [10, 10, 5]);
    let chats = pages.iter().flat_map(|it| it["chats"].as_array().unwrap());
    let messages: Vec<&str> = chats.map(|it| it["message"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..25).map(|n| format!("m{n}")).collect();
    assert_eq!(messages, expected);
    assert_eq!(pages[0]["chats"][0].as_object().unwrap().len(), 2);

    // A client that goes on from `end_time` finds what is new, and nothing else.
    let end = pages[2]["end_time"].to_string();
    let path = format!("/incremental/chats?start_time={end}&fields=chats(*)");
    let nothing = program.gets(&path).await;
    assert_eq!(
        (&nothing["chats"], &nothing["count"]),
        (&json!([]), &json!(0))
    );
    assert_eq!(nothing["end_time"].to_string(), end);
    leave(&program, 25).await;
    let changed = pages[0]["chats"][3]["id"].as_str().unwrap();
    program
        .puts(&format!("/chats/{changed}"), &json!({"unread": false}))
        .await;
    let news = program.gets(&path).await;
    assert_eq!(news["chats"][0]["message"], "m25");
    assert_eq!(ids(&news["chats"])[1..], [changed.to_owned()]);
    let shown = program.gets(&format!("/chats/{changed}")).await;
    assert_eq!(news["chats"][1], shown);
}

#[tokio::test]
async fn a_full_page_is_written_in_parts() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    for n in 0..120 {
        leave(&program, n).await;
    }
    let all = program.gets("/incremental/chats?start_time=0").await;
    assert_eq!(all["chats"].as_array().unwrap().len(), 120);
    assert_eq!(all["next_page"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    for path in [
        "/incremental/chats",
        "/incremental/chats?start_time=",
        "/incremental/chats?start_time=yesterday",
        "/incremental/chats?start_time=-5",
        "/incremental/chats?start_time=0&limit=0",
        "/incremental/chats?start_time=0&limit=1001",
        "/incremental/chats?start_time=0&fields=id",
    ] {
        assert_eq!(program.status("GET", path, None).await, 400, "{path}");
    }
    let empty = program
        .gets("/incremental/chats?start_time=99999999999999999999")
        .await;
    assert_eq!(empty["count"], 0);
}
