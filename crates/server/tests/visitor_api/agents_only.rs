//! Events for agents only are never sent to a visitor.

use parlor_wire::EventId;
use serde_json::{Value, json};

use crate::server::{TestRequest, TestResponse, TestServer};

const NOTE: &str = "between us";

#[tokio::test(start_paused = true)]
async fn private_notes_are_in_no_poll_and_no_session_data() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    agent.note(&chat, NOTE).await;
    agent.take(&chat).await;
    agent.note(&chat, NOTE).await;
    agent.say(&chat, "hello").await;
    let event = json!({ "type": "rich_message", "visibility": "agents", "template_id": "cards",
        "elements": [{ "title": NOTE }] });
    agent.send(&chat, event).await;
    let warning = json!({ "idleTimeoutWarningEvent": "triggered" });
    visitor
        .post("ChasitorIdleTimeoutWarningEvent", warning)
        .await
        .ok();

    let first = visitor.poll().await;
    assert_eq!(first.kinds(), ["ChatEstablished", "ChatMessage"]);
    // The session's position does not reveal it either.
    agent.note(&chat, NOTE).await;
    let quiet = visitor.poll().await.empty();
    assert_eq!(quiet.latest_offset(), visitor.offset.unwrap());
    server.app.write_memory().await.unwrap();
    let later = server.another_process(2).await;
    visitor.offset = None;
    visitor.reconnect(&later).await;
    let data = visitor.poll_acking(-1).await;
    assert_eq!(data.kinds(), ["ChasitorSessionData"]);
    let agent = agent.at(&later.router);
    agent.note(&chat, NOTE).await;
    agent.end(&chat).await;
    let mut all = format!("{}{}", first.text, data.text);
    for (kind, message) in visitor.fetch_all().await {
        all += &format!("{kind}{message}");
    }
    assert!(all.contains("ChatEnded") && all.contains("hello"));
    assert!(!all.contains(NOTE), "{all}");
    assert!(!all.contains("customer_idle"), "{all}");
    let log = agent.log(&chat).await;
    assert_eq!(log.iter().filter(|text| *text == NOTE).count(), 4);
}

/// Agents' e-mail addresses are never sent either.
#[tokio::test(start_paused = true)]
async fn agents_are_known_by_name_alone() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    agent.say(&chat, "hello").await;
    let first = visitor.poll().await;
    visitor.reconnect(&server).await;
    let data = visitor.poll_acking(-1).await;
    let path = format!(
        "Visitor/Settings?deployment_id={}",
        server.site.deployment_id
    );
    let settings = server.stranger().get(&path).await.status(200);
    for text in [first.text, data.text, settings.text] {
        assert!(!text.contains("andy@example.com"), "{text}");
    }
}

/// Sends every type of event between agents, and looks for it in everything a
/// visitor can read.
#[tokio::test(start_paused = true)]
async fn no_kind_of_event_between_agents_reaches_a_visitor_by_any_path() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let success = visitor.poll().await;
    let id = success.message("ChatRequestSuccess")["visitorId"].clone();
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    let mut heard = success.text.clone();

    let kinds = || {
        let choice = json!({ "id": "0", "label": NOTE });
        let field = json!({ "type": "radio", "id": "1", "label": NOTE, "options": [choice] });
        let answer = json!({ "type": "radio", "id": "1", "label": NOTE, "answer": choice });
        let url = "https://x.example/between us";
        [
            json!({ "type": "message", "text": NOTE }),
            json!({ "type": "file", "url": url, "name": NOTE, "thumbnail_url": url,
                "thumbnail2x_url": url, "alternative_text": NOTE }),
            json!({ "type": "form", "form_id": NOTE, "fields": [field] }),
            json!({ "type": "filled_form", "form_id": NOTE, "fields": [answer] }),
            json!({ "type": "rich_message", "template_id": "cards", "elements": [{
                "title": NOTE, "buttons": [{ "text": NOTE, "postback_id": "p" }] }] }),
            json!({ "type": "custom", "content": { "a": NOTE } }),
            json!({ "type": "system_message", "system_message_type": "note", "text": NOTE,
                "text_vars": { "a": NOTE } }),
        ]
        .map(|mut event| {
            event["visibility"] = json!("agents");
            event["properties"] = json!({ "a": { "b": NOTE } });
            event
        })
    };
    let mut hidden = Vec::new();
    for waits in [true, false] {
        if !waits {
            agent.take(&chat).await;
        }
        for event in kinds() {
            let kind = event["type"].as_str().unwrap().to_owned();
            let event_id = agent.send(&chat, event).await;
            let thread = event_id.rsplit_once('_').unwrap().0.to_owned();
            // Its annotations are private too.
            let names = json!({ "chat_id": chat, "thread_id": thread, "event_id": event_id,
                "properties": { "c": { "d": NOTE } } });
            agent.act("update_event_properties", names.clone()).await;
            if kind == "rich_message" {
                let mut press = names;
                press["postback"] = json!({ "id": "p", "toggled": true });
                agent.act("send_rich_message_postback", press).await;
                let theirs = json!({ "thread_id": thread, "event_id": event_id,
                    "postback": { "id": "p", "toggled": true } });
                let theirs = json!({ "type": "rich_message_postback", "data": theirs.to_string() });
                visitor.post("CustomEvent", theirs).await.status(400);
            }
            hidden.push(event_id);
        }
    }
    let seen = json!({ "chat_id": chat, "seen_up_to": "2999-01-01T00:00:00Z" });
    agent.act("mark_events_as_seen", seen).await;
    for (kind, message) in visitor.fetch_all().await {
        heard += &format!("{kind}{message}");
    }
    let thread = hidden[0].rsplit_once('_').unwrap().0.to_owned();
    let listed = visitor.get("Visitor/History").await.status(200);
    // There is no event yet that a visitor could see as the last one.
    let last = &listed.message("History")["threads"][0]["last_event"];
    assert!(last.is_null(), "{last}");
    let whole = visitor.get(&format!("Visitor/History/{thread}")).await;
    assert_eq!(
        whole.message("Thread")["events"].as_array().unwrap().len(),
        1
    );
    visitor.reconnect(&server).await;
    let data = visitor.poll().await;
    let entries = data.message("ChasitorSessionData")["chatMessages"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    agent.end(&chat).await;
    for (kind, message) in visitor.fetch_all().await {
        heard += &format!("{kind}{message}");
    }
    let by_id =
        |path: &str| TestRequest::get(path).header("x-chat-visitor-id", id.as_str().unwrap());
    let later = server.stranger().request(by_id("Visitor/History")).await;
    let path = format!("Visitor/History/{thread}");
    let later_whole = server.stranger().request(by_id(&path)).await;
    for answer in [listed, whole, data, later, later_whole] {
        heard += &answer.status(200).text;
    }
    assert!(heard.contains("ChatEstablished") && heard.contains("ChatEnded"));
    assert!(!heard.contains(NOTE), "{heard}");
    for event_id in &hidden {
        assert!(
            !heard.contains(&format!("\"{event_id}\"")),
            "{event_id} {heard}"
        );
    }
    // All of them were written.
    let log = agent.thread(&chat).await.to_string();
    for event_id in &hidden {
        assert!(log.contains(&format!("\"{event_id}\"")));
    }
}

/// A conversation, with events between agents in it or without. Returns all
/// numbers and ids of events that the visitor is sent.
async fn numbers_in_a_conversation(has_notes: bool) -> Vec<String> {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    let thread = agent.thread(&chat).await["id"].as_str().unwrap().to_owned();
    let note = async || {
        if has_notes {
            agent.note(&chat, NOTE).await;
            agent.note(&chat, NOTE).await;
        }
    };
    let mut sent = String::new();
    note().await;
    let said = visitor.say("hello?").await.ok();
    sent += &posted(&said);
    note().await;
    agent.take(&chat).await;
    let cards = json!({ "type": "rich_message", "template_id": "cards", "elements": [{
        "title": "Well?", "buttons": [{ "text": "Yes", "postback_id": "yes" }] }] });
    let cards = agent.send(&chat, cards).await;
    note().await;
    // A button of an event behind notes is found.
    let press = json!({ "thread_id": thread, "event_id": cards,
        "postback": { "id": "yes", "toggled": true } });
    let press = json!({ "type": "rich_message_postback", "data": press.to_string() });
    visitor.post("CustomEvent", press).await.ok();
    agent.say(&chat, "one").await;
    let said = visitor.say("two").await.ok();
    sent += &posted(&said);
    // A repeat is answered like the first time.
    let again = visitor.post_numbered(visitor.number, "ChatMessage", json!({ "text": "two" }));
    sent += &posted(&again.await.ok());
    note().await;
    agent.transfer(&chat, &server.colleague("Ryan").await).await;
    for (kind, message) in visitor.fetch_all().await {
        sent += &format!("{kind} {message}");
    }
    visitor.offset = None;
    visitor.reconnect(&server).await;
    sent += &visitor.poll_acking(-1).await.text;
    sent += &visitor.get("Visitor/History").await.status(200).text;
    for query in ["", "?before=4", "?before=5&limit=2", "?before=900"] {
        let path = format!("Visitor/History/{thread}{query}");
        sent += &visitor.get(&path).await.status(200).text;
    }
    assert!(!sent.contains(NOTE));
    numbers_in(&sent.replace(&thread, "T"))
}

fn posted(answer: &TestResponse) -> String {
    let header = |name| answer.header(name).unwrap();
    let (id, position) = (header("x-chat-event-id"), header("x-chat-position"));
    format!("\"{id}\" \"sequence\":{position} ")
}

/// Ids of events of the thread `T`, and what is called `sequence`, in a text.
fn numbers_in(text: &str) -> Vec<String> {
    let ids = text
        .split(['"', '\\'])
        .filter(|part| part.starts_with("T_"));
    let name = "\"sequence\":";
    let numbers = text.match_indices(name).map(|(at, _)| {
        let rest = &text[at + name.len()..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
        &rest[..end]
    });
    ids.chain(numbers).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn numbers_of_events_do_not_tell_of_those_between_agents() {
    let without = numbers_in_a_conversation(false).await;
    let with = numbers_in_a_conversation(true).await;
    assert!(without.len() > 30, "{without:?}");
    assert!(without.iter().any(|id| id == "T_4"), "{without:?}");
    assert_eq!(with, without);
}

/// What agents name by id, among events that are numbered apart.
#[tokio::test(start_paused = true)]
async fn agents_find_every_event_by_its_id() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for text in ["one", "two", "three"] {
        agent.note(&chat, NOTE).await;
        visitor.say(text).await.ok();
        agent.note(&chat, NOTE).await;
        agent.note(&chat, NOTE).await;
    }
    let thread = agent.thread(&chat).await;
    let id_of = |event: &Value| event["id"].as_str().unwrap().to_owned();
    let ids: Vec<String> = thread["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(id_of)
        .collect();
    let places: Vec<_> = ids
        .iter()
        .map(|id| EventId::from(id.as_str()).place().unwrap())
        .collect();
    assert!(places.is_sorted() && ids.len() > 12, "{ids:?}");
    for (at, id) in ids.iter().enumerate() {
        let names = json!({ "chat_id": chat, "thread_id": thread["id"], "event_id": id,
            "properties": { "a": { "b": at } } });
        agent.act("update_event_properties", names).await;
        let before = json!({ "chat_id": chat, "events_before": id });
        let earlier = agent.act("get_chat", before).await;
        let earlier = earlier["thread"]["events"].as_array().unwrap();
        let earlier: Vec<String> = earlier.iter().map(id_of).collect();
        assert_eq!(earlier, ids[..at]);
    }
    let events = agent.thread(&chat).await["events"].clone();
    for (at, event) in events.as_array().unwrap().iter().enumerate() {
        assert_eq!(event["properties"]["a"]["b"], at, "{event}");
    }
    // The visitor's last message is among the events after the one before it.
    let last = ids.iter().rposition(|id| !id.contains('.')).unwrap();
    for (seen, status) in [(last - 1, 409), (last, 200), (ids.len() - 1, 200)] {
        let reply = json!({ "chat_id": chat, "after_event_id": ids[seen],
            "event": { "type": "system_message", "system_message_type": "x",
                "text": NOTE, "visibility": "agents" } });
        agent.request("send_event", reply).await.status(status);
    }
}
