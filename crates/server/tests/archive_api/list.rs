//! Pages of all conversations, and those that are asked for by their ids.

use serde_json::{Value, json};

use crate::{
    actors::{TestServer, Visitor},
    program::{Program, ids, missed_chat},
};

#[tokio::test]
async fn pages_lead_to_each_other_while_others_come_and_go() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    let empty = program.gets("/chats").await;
    let nothing = json!({"chats": [], "count": 0, "next_url": null, "prev_url": null});
    assert_eq!(empty, nothing);
    for n in 0..7 {
        missed_chat(&server, &format!("V{n}"), "Hello").await;
    }
    let all = ids(&program.gets("/chats").await["chats"]);
    assert_eq!(all.len(), 7);
    let first = program.gets("/chats?limit=3").await;
    assert_eq!(
        (ids(&first["chats"]), &first["count"]),
        (all[..3].to_vec(), &json!(7))
    );
    assert_eq!(first["prev_url"], Value::Null);

    // One comes and one goes.
    missed_chat(&server, "V7", "Hello").await;
    let gone = format!("/chats/{}", all[1]);
    assert_eq!(program.status("DELETE", &gone, None).await, 204);

    let second = program.follows(&first["next_url"]).await;
    assert_eq!(ids(&second["chats"]), all[3..6]);
    let third = program.follows(&second["next_url"]).await;
    assert_eq!(ids(&third["chats"]), all[6..]);
    assert_eq!(third["next_url"], Value::Null);
    let back = program.follows(&third["prev_url"]).await;
    assert_eq!(ids(&back["chats"]), all[3..6]);
    let back = program.follows(&back["prev_url"]).await;
    let newest = program.gets("/chats?limit=3").await;
    assert_eq!(back["chats"], newest["chats"]);
    assert_eq!(back["prev_url"], Value::Null);
}

#[tokio::test]
async fn conversations_are_asked_for_by_their_ids() {
    let server = TestServer::new().await;
    for n in 0..3 {
        missed_chat(&server, &format!("V{n}"), "Hello").await;
    }
    let program = Program::of(&server);
    let all = program.gets("/chats").await;
    let known = ids(&all["chats"]);
    let docs = program
        .gets(&format!("/chats?ids={},NONE,{}", known[2], known[0]))
        .await;
    assert_eq!(docs["count"], 2);
    assert_eq!(docs["docs"].as_object().unwrap().len(), 2);
    assert_eq!(docs["docs"][&known[2]], all["chats"][2]);
    let one = program.gets(&format!("/chats/{}", known[1])).await;
    assert_eq!(one, all["chats"][1]);
    let older_path = program
        .ask("GET", &format!("/api/v2/chats/{}", known[1]), None)
        .await;
    assert_eq!(older_path.body, one);
    let many = |n: usize| {
        (0..n)
            .map(|n| format!("T{n}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    assert_eq!(
        program
            .status("GET", &format!("/chats?ids={}", many(50)), None)
            .await,
        200
    );
    assert_eq!(
        program
            .status("GET", &format!("/chats?ids={}", many(51)), None)
            .await,
        400
    );
}

#[tokio::test]
async fn what_cannot_be_listed_is_refused() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    for path in [
        "/chats?ids=",
        "/chats?ids=,",
        "/chats?limit=0",
        "/chats?limit=101",
        "/chats?limit=many",
        "/chats?cursor=12",
        "/chats?cursor=b",
        "/chats?cursor=b-1",
        "/chats?cursor=b99999999999999999999",
        "/chats?limit=1&limit=2",
    ] {
        assert_eq!(program.status("GET", path, None).await, 400, "{path}");
    }
    for path in ["/chats/NONE", "/chats/%ff", "/chats/a%2Fb"] {
        assert_eq!(program.status("GET", path, None).await, 404, "{path}");
    }
}

#[tokio::test]
async fn a_conversation_that_goes_on_is_not_in_the_archive() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    visitor.say("Hello").await;
    let chat = server.ada.only_chat().await;
    let thread = server.ada.chat(&chat).await["thread"]["id"].clone();
    let path = format!("/chats/{}", thread.as_str().unwrap());
    let program = Program::of(&server);
    assert_eq!(program.gets("/chats").await["count"], 0);
    assert_eq!(program.status("GET", &path, None).await, 404);
    assert_eq!(
        program
            .status("PUT", &path, Some(&json!({"unread": true})))
            .await,
        404
    );
    assert_eq!(program.status("DELETE", &path, None).await, 404);
    visitor.end().await;
    assert_eq!(program.gets(&path).await["id"], thread);
}

#[tokio::test]
async fn a_page_of_long_conversations_is_shorter() {
    let server = TestServer::new().await;
    for n in 0..3 {
        let mut visitor = Visitor::waits(&server, &format!("V{n}")).await;
        for _ in 0..40 {
            visitor.say(&"x".repeat(15_000)).await;
        }
        visitor.end().await;
    }
    let program = Program::of(&server);
    let first = program.gets("/chats").await;
    assert_eq!(first["chats"].as_array().unwrap().len(), 1);
    let second = program.follows(&first["next_url"]).await;
    let third = program.follows(&second["next_url"]).await;
    assert_eq!(third["next_url"], Value::Null);
    assert_ne!(first["chats"][0]["id"], second["chats"][0]["id"]);
    assert_ne!(second["chats"][0]["id"], third["chats"][0]["id"]);
}
