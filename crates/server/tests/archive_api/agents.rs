//! The archive as agents see it: `search_archive`, `update_archived_thread` and
//! `get_archive_report`.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, TestServer, Visitor},
    program::missed_chat,
};

/// A missed conversation for all agents, and one for the group 7 "Sales", of which is one
/// agent.
async fn server_with_two_groups() -> (TestServer, Agent) {
    let server = TestServer::new().await;
    server.add_group(7, "Sales", "5734000000sales").await;
    let cai = server.agent("Cai", &["Sales"]).await;
    cai.comes().await;
    missed_chat(&server, "Jon", "Where is my blue coat?").await;
    let sales = json!({"visitorName": "Mia", "buttonId": "5734000000sales"});
    let mut visitor = Visitor::comes(&server, sales).await;
    visitor.say("I want to buy a blue hat").await;
    visitor.end().await;
    (server, cai)
}

fn names(found: &Value) -> Vec<&str> {
    let results = found["results"].as_array().unwrap().iter();
    results.map(|it| it["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn agents_find_the_conversations_of_their_groups() {
    let (server, cai) = server_with_two_groups().await;
    let blue = json!({"query": "BLUE"});
    for (agent, expected) in [(&server.ada, "Jon"), (&cai, "Mia")] {
        let found = agent.act("search_archive", blue.clone()).await;
        assert_eq!(names(&found), [expected]);
        assert_eq!(found["total"], 1);
    }
    let found = cai
        .act("search_archive", json!({"query": "department_name:sales"}))
        .await;
    assert_eq!(names(&found), ["Mia"]);
    let result = &found["results"][0];
    assert_eq!(result["group_name"], "Sales");
    assert_eq!(
        (&result["missed"], &result["unread"]),
        (&json!(true), &json!(true))
    );
    let thread = &result["thread_id"];
    let mark = json!({"thread_id": thread, "unread": false});
    let (status, _) = server
        .ada
        .fails("update_archived_thread", mark.clone())
        .await;
    assert_eq!(status, 403);
    cai.done("update_archived_thread", mark).await;
    let unread = cai
        .act("search_archive", json!({"query": "unread:true"}))
        .await;
    assert!(names(&unread).is_empty());
}

#[tokio::test]
async fn an_excerpt_shows_the_words_that_were_searched_for() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    visitor.say("Good morning").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    server.ada.note(&chat, "He paid in Straßburg already").await;
    visitor.end().await;
    let find = |query: &'static str| {
        let server = &server;
        async move {
            let found = server
                .ada
                .act("search_archive", json!({ "query": query }))
                .await;
            found["results"][0]["excerpt"].clone()
        }
    };
    assert_eq!(
        find("STRASSBURG").await,
        json!([
            {"text": "He paid in ", "found": false},
            {"text": "Straßburg", "found": true},
            {"text": " already", "found": false},
        ])
    );
    let first = json!([{"text": "Good morning", "found": false}]);
    assert_eq!(find("visitor_name:jon").await, first);
    assert_eq!(find("").await, first);
}

#[tokio::test]
async fn results_come_in_pages() {
    let server = TestServer::new().await;
    for n in 0..5 {
        missed_chat(&server, &format!("V{n}"), "Hello").await;
    }
    let mut seen = Vec::new();
    let mut request = json!({"query": "hello", "limit": 2});
    loop {
        let page = server.ada.act("search_archive", request).await;
        assert_eq!(page["total"], 5);
        seen.extend(names(&page).into_iter().map(str::to_owned));
        // Whoever comes meanwhile moves nothing.
        missed_chat(&server, "New", "Good bye").await;
        if page["next_page_id"].is_null() {
            break;
        }
        request = json!({"query": "hello", "limit": 2, "page_id": page["next_page_id"]});
    }
    assert_eq!(seen, ["V4", "V3", "V2", "V1", "V0"]);
    for bad in [
        json!({"limit": 0}),
        json!({"limit": 101}),
        json!({"page_id": "next"}),
        json!({"page_id": "-1"}),
        json!({"query": "(a"}),
        json!({"query": "rating:ok"}),
    ] {
        server.ada.is_invalid("search_archive", bad).await;
    }
}

#[tokio::test]
async fn a_report_sums_up_what_the_agent_may_see() {
    let (server, cai) = server_with_two_groups().await;
    let mut visitor = Visitor::waits(&server, "Pat").await;
    visitor.say("Hello?").await;
    let chats = server.ada.chats().await;
    server.ada.accept(&chats[0]).await;
    server.ada.say(&chats[0], "Hello Pat").await;
    visitor.end().await;

    let day = server.now().to_rfc3339()[..10].to_owned();
    let ask = |more: Value| {
        let mut payload = json!({"from": day, "to": day});
        let fields = payload.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        payload
    };
    let report = server.ada.act("get_archive_report", ask(json!({}))).await;
    let total = &report["total"];
    assert_eq!((&total["chats"], &total["missed"]), (&json!(2), &json!(1)));
    assert!(total["first_response_s"].is_number(), "{total}");
    assert!(total["duration_s"].is_number(), "{total}");
    assert_eq!(report["intervals"][0]["key"], day);
    assert_eq!(report["intervals"][0]["chats"], 2);
    assert_eq!(report["agents"].as_array().unwrap().len(), 1);
    assert_eq!(report["agents"][0]["key"], server.ada.id);
    let groups = report["groups"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[0]["name"]), (1, &json!("Support")));

    for (agent, groups, chats) in [
        (&cai, json!(null), 1),
        (&cai, json!([1]), 0),
        (&cai, json!([7]), 1),
    ] {
        let report = agent
            .act("get_archive_report", ask(json!({ "group_ids": groups })))
            .await;
        assert_eq!(report["total"]["chats"], chats);
    }
    let of_ada = json!({"agent_id": server.ada.id});
    let of_ada = server.ada.act("get_archive_report", ask(of_ada)).await;
    assert_eq!(
        (&of_ada["total"]["chats"], &of_ada["total"]["missed"]),
        (&json!(1), &json!(0))
    );

    for bad in [
        json!({"from": "yesterday"}),
        json!({"from": "2026-02-30"}),
        json!({"to": "1999-01-01"}),
        json!({"from": "1999-01-01"}),
        json!({"time_zone": "Berlin/Europe"}),
        json!({"interval": "hour"}),
    ] {
        server.ada.is_invalid("get_archive_report", ask(bad)).await;
    }
}
