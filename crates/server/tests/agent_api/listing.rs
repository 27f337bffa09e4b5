//! Listing chats and threads.

use parlor_wire::ChatId;
use serde_json::{Value, json};

use crate::actors::{TestServer, Visitor, ids};

/// `n` visitors, each in an open chat.
async fn crowd(server: &TestServer, n: usize) -> Vec<Visitor> {
    let mut visitors = Vec::new();
    for n in 0..n {
        visitors.push(Visitor::waits(server, &format!("V{n}")).await);
    }
    visitors
}

#[tokio::test]
async fn a_waiting_visitor_is_listed() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    visitor.say("Hello?").await;
    let list = server.ada.act("list_chats", json!({})).await;
    assert_eq!(list["found_chats"], 1);
    assert!(list.get("next_page_id").is_none());
    assert!(list.get("previous_page_id").is_none());
    let chat = &list["chats_summary"][0];
    let thread = &chat["last_thread_summary"];
    assert_eq!(thread["active"], true);
    assert_eq!(thread["queue"]["position"], 1);
    assert_eq!(chat["users"][0]["type"], "customer");
    assert_eq!(chat["users"][0]["name"], "Jon");
    let last = &chat["last_event_per_type"]["message"];
    assert_eq!(last["event"]["text"], "Hello?");
    assert_eq!(last["thread_id"], thread["id"]);
}

#[tokio::test]
async fn chats_come_in_pages() {
    let server = TestServer::new().await;
    let _visitors = crowd(&server, 12).await;
    let all = server.ada.chats().await;
    assert_eq!(all.len(), 12);

    let first = server.ada.act("list_chats", json!({})).await;
    assert_eq!(first["found_chats"], 12);
    assert_eq!(ids(&first["chats_summary"]), all[..10]);
    assert!(first.get("previous_page_id").is_none());
    let next = json!({"page_id": first["next_page_id"]});
    let second = server.ada.act("list_chats", next).await;
    assert_eq!(ids(&second["chats_summary"]), all[10..]);
    assert!(second.get("next_page_id").is_none());
    let previous = json!({"page_id": second["previous_page_id"]});
    let back = server.ada.act("list_chats", previous).await;
    assert_eq!(back["chats_summary"], first["chats_summary"]);

    let oldest = json!({"sort_order": "asc", "limit": 5});
    let oldest = server.ada.act("list_chats", oldest).await;
    let mut reversed = all.clone();
    reversed.reverse();
    assert_eq!(ids(&oldest["chats_summary"]), reversed[..5]);
}

#[tokio::test]
async fn only_closed_chats_can_be_asked_for() {
    let server = TestServer::new().await;
    let mut visitors = crowd(&server, 3).await;
    visitors[1].end().await;
    let closed = json!({"filters": {"include_active": false}});
    let list = server.ada.act("list_chats", closed).await;
    assert_eq!(list["found_chats"], 1);
    assert_eq!(list["chats_summary"][0]["users"][0]["name"], "V1");
    let everything = json!({"filters": {"include_active": true}});
    let list = server.ada.act("list_chats", everything).await;
    assert_eq!(list["found_chats"], 3);
}

#[tokio::test]
async fn a_listing_that_makes_no_sense_is_invalid() {
    let server = TestServer::new().await;
    let _visitors = crowd(&server, 2).await;
    let list = server.ada.act("list_chats", json!({"limit": 1})).await;
    let page = &list["next_page_id"];
    for payload in [
        json!({"limit": 0}),
        json!({"limit": 101}),
        json!({"limit": "many"}),
        json!({"sort_order": "sideways"}),
        json!({"page_id": "nonsense"}),
        json!({"page_id": page, "sort_order": "asc"}),
        json!({"page_id": page, "filters": {"include_active": true}}),
        json!({"filters": {"group_ids": "1"}}),
        json!({"filters": {"colour": "red"}}),
    ] {
        server.ada.is_invalid("list_chats", payload).await;
    }
    let foreign = json!({ "page_id": page });
    server.ada.is_invalid("list_archives", foreign).await;
}

#[tokio::test]
async fn a_chat_is_shown_with_one_thread() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.say("Hi").await;
    let said = server.ada.say(&id, "Good day").await;
    let chat = server.ada.chat(&id).await;
    assert_eq!(chat["id"], id.as_str());
    assert!(chat.get("threads").is_none());
    let thread = &chat["thread"];
    let texts: Vec<&Value> = thread["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["type"] == "message")
        .map(|event| &event["text"])
        .collect();
    assert_eq!(texts, ["Hi", "Good day"]);
    let last = thread["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["id"], said.as_str());
    assert_eq!(last["author_id"], server.ada.id.as_str());
    assert_eq!(last["visibility"], "all");

    let by_thread = json!({"chat_id": id, "thread_id": thread["id"]});
    assert_eq!(server.ada.act("get_chat", by_thread).await, chat);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    for (action, payload) in [
        ("get_chat", json!({"chat_id": "NOSUCHCHAT"})),
        (
            "get_chat",
            json!({"chat_id": id, "thread_id": "NOSUCHTHRD"}),
        ),
        ("list_threads", json!({"chat_id": "NOSUCHCHAT"})),
        ("deactivate_chat", json!({"id": "NOSUCHCHAT"})),
        ("list_agents_for_transfer", json!({"chat_id": "NOSUCHCHAT"})),
    ] {
        assert_eq!(
            server.ada.fails(action, payload).await,
            (404, "not_found".to_owned()),
            "{action}"
        );
    }
}

#[tokio::test]
async fn the_threads_of_a_chat_come_newest_first() {
    let server = TestServer::new().await;
    let started = server.ada.act("start_chat", json!({})).await;
    let id = started["chat_id"].as_str().unwrap();
    let mut threads = vec![started["thread_id"].as_str().unwrap().to_owned()];
    for n in 0..4 {
        server.ada.say(id, &format!("{n}")).await;
        server
            .ada
            .done("deactivate_chat", json!({ "id": id }))
            .await;
        let resumed = json!({"chat": {"id": id}});
        let resumed = server.ada.act("resume_chat", resumed).await;
        threads.insert(0, resumed["thread_id"].as_str().unwrap().to_owned());
    }

    let list = server.ada.act("list_threads", json!({"chat_id": id})).await;
    assert_eq!(list["found_threads"], 5);
    assert_eq!(ids(&list["threads"]), threads[..3]);
    assert_eq!(list["threads"][1]["events"][0]["text"], "3");
    assert_eq!(list["threads"][1]["next_thread_id"], threads[0].as_str());
    let next = json!({"chat_id": id, "page_id": list["next_page_id"]});
    let rest = server.ada.act("list_threads", next).await;
    assert_eq!(ids(&rest["threads"]), threads[3..]);
    assert!(rest.get("next_page_id").is_none());

    // The open thread is empty; the others have two events each.
    let enough = json!({"chat_id": id, "min_events_count": 3});
    let list = server.ada.act("list_threads", enough).await;
    assert_eq!(ids(&list["threads"]), threads[..3]);
    let span = json!({"chat_id": id, "sort_order": "asc", "limit": 1,
        "filters": {"from": list["threads"][1]["created_at"]}});
    let list = server.ada.act("list_threads", span).await;
    assert_eq!(
        (&list["found_threads"], ids(&list["threads"])),
        (&json!(2), threads[1..2].to_vec())
    );

    for more in [
        json!({"limit": 3, "min_events_count": 3}),
        json!({"min_events_count": 0}),
        json!({"min_events_count": 101}),
        json!({"filters": {"from": "yesterday"}}),
        json!({"filters": {"tags": []}}),
    ] {
        let mut payload = json!({"chat_id": id});
        let fields = payload.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        server.ada.is_invalid("list_threads", payload).await;
    }
}

/// Rows of one microsecond are told apart by their ids, and a page goes on behind a row
/// that is gone.
#[tokio::test]
async fn what_began_in_one_microsecond_is_listed_once_while_others_come_and_go() {
    for order in ["asc", "desc"] {
        let server = TestServer::new().await;
        let mut visitors = crowd(&server, 25).await;
        let moment = server.now();
        let mut tx = server.write().await;
        for id in server.ada.chats().await {
            let mut chat = tx.chat(&id.into()).await.unwrap().unwrap();
            chat.last_thread_at = moment;
            tx.put_chat(&chat).await.unwrap();
            let mut thread = tx.open_thread_of(&chat.id).await.unwrap().unwrap();
            thread.created_at = moment;
            tx.put_thread(&thread).await.unwrap();
        }
        tx.commit().await.unwrap();
        for (action, list) in [("list_chats", "chats_summary"), ("list_archives", "chats")] {
            let all = server.ada.act(action, json!({"limit": 100})).await;
            let mut expected = ids(&all[list]);
            let mut seen = Vec::new();
            let mut request = json!({"limit": 4, "sort_order": order});
            while !request["page_id"].is_null() || seen.is_empty() {
                let page = server.ada.act(action, request).await;
                let shown = ids(&page[list]);
                let mut tx = server.write().await;
                let gone = ChatId::from(shown[shown.len() - 1].as_str());
                for thread in tx.threads_of(&gone).await.unwrap() {
                    tx.delete_thread(&thread.id).await.unwrap();
                }
                tx.delete_chat(&gone).await.unwrap();
                tx.commit().await.unwrap();
                visitors.push(Visitor::waits(&server, "New").await);
                seen.extend(shown);
                request = json!({"page_id": page["next_page_id"]});
            }
            seen.retain(|id| expected.contains(id));
            expected.sort();
            seen.sort();
            assert_eq!(seen, expected, "{action} {order}");
        }
    }
}
