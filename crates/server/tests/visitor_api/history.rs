//! Earlier conversations, read by the visitor they belong to.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{SHOP, TestRequest, TestResponse, TestServer, seconds},
};

const DAY_S: u64 = 24 * 3600;

/// Holds one more conversation under a visitor id.
async fn talks(
    server: &TestServer,
    agent: &Agent,
    id: Option<&str>,
    words: &str,
) -> (Visitor, String) {
    let mut visitor = server.visitor().await;
    let init = json!({ "visitorId": id });
    visitor.init_with(init).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    let id = success["visitorId"].as_str().unwrap().to_owned();
    let chat = agent.accept().await;
    visitor.say(words).await.ok();
    agent.say(&chat, &format!("re: {words}")).await;
    agent.note(&chat, "between us").await;
    visitor.poll().await.status(200);
    (visitor, id)
}

/// Requests by visitor id.
async fn by_id(server: &TestServer, path: &str, id: &str) -> TestResponse {
    let request = TestRequest::get(path).header("x-chat-visitor-id", id);
    server.stranger().request(request).await
}

fn ids(history: &Value) -> Vec<String> {
    let threads = history["threads"].as_array().unwrap();
    let id = |thread: &Value| thread["id"].as_str().unwrap().to_owned();
    threads.iter().map(id).collect()
}

fn texts(thread: &Value) -> Vec<&str> {
    let events = thread["events"].as_array().unwrap();
    events
        .iter()
        .filter_map(|event| event["text"].as_str())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn conversations_are_listed_and_linked_newest_first() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut known = None;
    let mut last = None;
    for words in ["first", "second", "third"] {
        let (mut visitor, id) = talks(&server, &agent, known.as_deref(), words).await;
        known = Some(id);
        seconds(1).await;
        if words != "third" {
            visitor.post("ChatEnd", json!({})).await.ok();
        }
        last = Some(visitor);
    }
    let (visitor, id) = (last.unwrap(), known.unwrap());
    let by_key = visitor.get("Visitor/History").await.status(200);
    assert!(by_key.latest_offset() > 0);
    let history = by_key.message("History");
    let by_device = by_id(&server, "Visitor/History", &id).await.status(200);
    assert_eq!(by_device.message("History"), history);

    let threads = ids(&history);
    assert_eq!(threads.len(), 3);
    for (n, words) in ["third", "second", "first"].into_iter().enumerate() {
        let summary = &history["threads"][n];
        assert_eq!(summary["active"], n == 0);
        assert_eq!(summary["last_event"]["text"], format!("re: {words}"));
        let path = format!("Visitor/History/{}", threads[n]);
        let thread = visitor.get(&path).await.status(200).message("Thread");
        assert_eq!(by_id(&server, &path, &id).await.message("Thread"), thread);
        assert_eq!(thread["id"], threads[n].as_str());
        let said = texts(&thread);
        assert!(said.contains(&words), "{said:?}");
        for of in [summary, &thread] {
            let next = n.checked_sub(1).map(|n| threads[n].as_str());
            assert_eq!(of.get("next_thread_id").and_then(Value::as_str), next);
            let previous = threads.get(n + 1).map(String::as_str);
            assert_eq!(
                of.get("previous_thread_id").and_then(Value::as_str),
                previous
            );
        }
        let users = thread["users"].as_array().unwrap();
        assert_eq!(users.len(), 2);
        assert_eq!(users[0]["name"], "Jon A.");
        assert_eq!(users[1]["name"], "Andy");
        assert_eq!(thread["user_ids"], json!([users[0]["id"], users[1]["id"]]));
    }
    let told = format!("{}{}", by_key.text, by_device.text);
    assert!(!told.contains("between us"));
}

#[tokio::test(start_paused = true)]
async fn properties_and_tags_are_not_shown_to_visitors() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let (visitor, _) = talks(&server, &agent, None, "hello").await;
    let history = visitor.get("Visitor/History").await.message("History");
    let (chat, thread) = (history["chat_id"].clone(), ids(&history).remove(0));
    let names = json!({ "chat_id": chat, "thread_id": thread, "tag": "a secret" });
    agent.act("tag_thread", names).await;
    let secret = json!({ "a": { "b": "a secret" } });
    let names = json!({ "chat_id": chat, "thread_id": thread, "properties": secret });
    agent.act("update_thread_properties", names).await;
    let names = json!({ "id": chat, "properties": secret });
    agent.act("update_chat_properties", names).await;
    let ryan = server.colleague("Ryan").await;
    ryan.note(chat.as_str().unwrap(), "a secret").await;
    let path = format!("Visitor/History/{thread}");
    let shown = visitor.get(&path).await.status(200);
    assert!(!shown.text.contains("secret"), "{}", shown.text);
    assert!(!shown.text.contains("example.com"), "{}", shown.text);
    assert!(!shown.text.contains(&ryan.id), "{}", shown.text);
    assert!(!shown.text.contains("access"), "{}", shown.text);
}

#[tokio::test(start_paused = true)]
async fn strangers_get_no_history() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let (jon, id) = talks(&server, &agent, None, "hello").await;
    let thread = ids(&jon.get("Visitor/History").await.message("History")).remove(0);
    let path = format!("Visitor/History/{thread}");
    let (eve, eves) = talks(&server, &agent, None, "hello").await;
    // Another visitor's thread is answered like one that does not exist.
    let theirs = eve.get(&path).await.status(404);
    let none = eve.get("Visitor/History/NOSUCHTHRE").await.status(404);
    assert_eq!(theirs.text, none.text);
    let theirs = by_id(&server, &path, &eves).await.status(404);
    assert_eq!(theirs.text, none.text);
    for path in ["Visitor/History", path.as_str()] {
        server.stranger().get(path).await.status(403);
        by_id(&server, path, "guess").await.status(403);
        by_id(&server, path, "").await.status(403);
        let stolen = TestRequest::get(path).header("x-liveagent-session-key", "guess");
        server.stranger().request(stolen).await.status(403);
        // A visitor id does not help with an invalid key.
        let both = TestRequest::get(path)
            .header("x-liveagent-session-key", "guess")
            .header("x-chat-visitor-id", &id);
        server.stranger().request(both).await.status(403);
    }
    // For a session without a conversation the visitor id counts.
    let early = server.visitor().await;
    early.get("Visitor/History").await.status(403);
    let request = early
        .signed(TestRequest::get(&path))
        .header("x-chat-visitor-id", &id);
    request.send_to(&server.router).await.status(200);
}

#[tokio::test(start_paused = true)]
async fn history_needs_the_same_credentials_as_other_calls() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let (mut jon, id) = talks(&server, &agent, None, "hello").await;
    let request = || TestRequest::get("Visitor/History").header("x-chat-visitor-id", &id);
    let shop = server.stranger().on(SHOP);
    let answer = shop.request(request()).await.status(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let preflight = shop.preflight("Visitor/History", "GET").await.status(204);
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    assert!(allowed.contains("X-CHAT-VISITOR-ID, X-CHAT-IDENTITY-TOKEN"));
    let evil = server.stranger().on("https://evil.example");
    evil.request(request()).await.status(403);
    // Another process than the session's: 503, as for every call.
    jon.post("ChatEnd", json!({})).await.ok();
    seconds(1).await;
    let (jon, _) = talks(&server, &agent, Some(&id), "again").await;
    let other = server.another_process(2).await;
    let moved = jon.signed(TestRequest::get("Visitor/History"));
    moved.send_to(&other.router).await.status(503);
    server.move_to("https://other.example/chat").await;
    let answer = shop.request(request()).await.status(200);
    assert_eq!(answer.kinds(), ["SwitchServer"]);
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_is_too_old_shows_the_reason() {
    let server = TestServer::new().await;
    server
        .set(|settings| settings.history_days = Some(60))
        .await;
    let agent = server.agent();
    let (mut jon, id) = talks(&server, &agent, None, "long ago").await;
    seconds(61 * DAY_S).await;
    // An open conversation is never too old.
    let path = "Visitor/History";
    let history = by_id(&server, path, &id).await.message("History");
    assert_eq!(history["threads"][0].get("restricted_access"), None);
    jon.post("ChatEnd", json!({})).await.ok();
    agent.comes().await;
    talks(&server, &agent, Some(&id), "today").await;
    let history = by_id(&server, path, &id).await.message("History");
    let reason = "You can't access threads older than 60 days";
    let old = &history["threads"][1];
    assert_eq!(old["restricted_access"], reason);
    assert_eq!(old.get("last_event"), None);
    assert_eq!(history["threads"][0].get("restricted_access"), None);
    let path = format!("Visitor/History/{}", old["id"].as_str().unwrap());
    let answer = by_id(&server, &path, &id).await.status(200);
    let thread = answer.message("Thread");
    assert_eq!(thread["restricted_access"], reason);
    assert_eq!(thread.get("events"), None);
    assert!(!answer.text.contains("long ago"));
}

#[tokio::test(start_paused = true)]
async fn a_long_conversation_is_paged_from_its_end() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for n in 0..150 {
        agent.say(&chat, &format!("a{n}")).await;
        // Events for agents only do not count for the page size.
        agent.note(&chat, "between us").await;
    }
    let path = "System/ReconnectSession?ReconnectSession.recent=20";
    let answer = visitor.get(path).await.status(200);
    let token = answer.message("ReconnectSession")["affinityToken"].clone();
    visitor.affinity = token.as_str().unwrap().to_owned();
    visitor.ack = -1;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data["hasEarlier"], true);
    let lines = data["chatMessages"].as_array().unwrap();
    assert_eq!(lines.len(), 20);
    assert_eq!(lines[0]["content"], "a130");
    // Events in the session data, and those before them, are not sent again.
    agent.say(&chat, "now").await;
    assert_eq!(visitor.poll().await.texts(), ["now"]);

    let id = lines[0]["eventId"].as_str().unwrap();
    let thread = id.rsplit_once('_').unwrap().0.to_owned();
    let mut before = lines[0]["sequence"].as_i64().unwrap();
    let mut read = Vec::new();
    loop {
        let path = format!("Visitor/History/{thread}?limit=60&before={before}");
        let page = visitor.get(&path).await.status(200).message("Thread");
        let page = page["events"].as_array().unwrap().clone();
        assert!(page.len() <= 60);
        let Some(first) = page.first() else { break };
        let id = first["id"].as_str().unwrap();
        before = id.rsplit_once('_').unwrap().1.parse().unwrap();
        read.splice(0..0, page);
    }
    let said: Vec<&str> = read
        .iter()
        .filter_map(|event| event["text"].as_str())
        .collect();
    let said: Vec<&str> = said
        .into_iter()
        .filter(|text| text.starts_with('a'))
        .collect();
    let entry: Vec<String> = (0..130).map(|n| format!("a{n}")).collect();
    assert_eq!(said, entry);

    // Without a page size: everything, as other clients expect.
    let whole = visitor
        .get(&format!("Visitor/History/{thread}"))
        .await
        .message("Thread");
    assert!(texts(&whole).contains(&"a149") && texts(&whole).contains(&"a0"));
    for limit in ["0", "-1", "x", "99999999999999999999"] {
        let path = format!("Visitor/History/{thread}?limit={limit}&before={limit}");
        visitor.get(&path).await.status(200);
    }
}
