//! What agents are told of a visitor beside their words (Agent Chat API, Customer).

use serde_json::{Value, json};

use crate::{
    actors::Agent,
    server::{TestServer, seconds},
};

/// When the test began; its clock moves only while it waits.
const BEGIN: &str = "2026-01-01T00:";

async fn customer(agent: &Agent, chat: &str) -> Value {
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    shown["users"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn what_the_visitor_does_is_told() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut visitor = server.visitor().await;
    let url = "https://shop.example/1";
    visitor.init_with(json!({ "url": url })).await.ok();
    let id = visitor.poll().await.message("ChatRequestSuccess")["visitorId"].clone();
    let chat = agent.waiting().await.remove(0);
    let waits = customer(&agent, &chat).await;
    assert_eq!(waits["state"], "queued");
    assert_eq!(waits["online"], true);
    assert_eq!(
        waits["group_ids"],
        agent.thread(&chat).await["access"]["group_ids"]
    );
    for member in [
        "agent_last_event_created_at",
        "customer_last_event_created_at",
    ] {
        assert!(waits.get(member).is_none(), "{member}");
    }
    agent.take(&chat).await;
    seconds(10).await;
    visitor.say("hello").await.ok();
    seconds(10).await;
    agent.say(&chat, "hello").await;
    agent.note(&chat, "a note counts too").await;
    let talks = customer(&agent, &chat).await;
    assert_eq!(talks["state"], "chatting");
    let (theirs, ours) = (
        talks["customer_last_event_created_at"].as_str().unwrap(),
        talks["agent_last_event_created_at"].as_str().unwrap(),
    );
    assert!(
        theirs.starts_with(BEGIN) && ours > theirs,
        "{theirs} {ours}"
    );
    let events = agent.thread(&chat).await["events"].clone();
    let last = events.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["created_at"], ours);

    assert_eq!(talks["followed"], false);
    agent.act("follow_chat", json!({ "id": chat })).await;
    assert_eq!(customer(&agent, &chat).await["followed"], true);

    let page = json!({ "location": "https://shop.example/2" });
    visitor.post("Breadcrumb", page).await.ok();
    agent.end(&chat).await;
    let gone = customer(&agent, &chat).await;
    assert_eq!(gone["online"], false);
    assert!(gone.get("state").is_none(), "{gone}");
    // They come once more, and look at a third page; and an agent writes by themself.
    let mut again = server.visitor().await;
    let third = json!({ "visitorId": id, "url": "https://shop.example/3" });
    again.init_with(third).await.ok();
    agent.take(&chat).await;
    agent.end(&chat).await;
    agent
        .act("resume_chat", json!({ "chat": { "id": chat } }))
        .await;
    let counted = customer(&agent, &chat).await["statistics"].clone();
    assert_eq!(
        counted,
        json!({ "chats_count": 1, "threads_count": 3, "visits_count": 2, "page_views_count": 3 })
    );
}

/// Each time until an agent came, and not what was put in front of others.
#[tokio::test(start_paused = true)]
async fn waiting_times_are_summed() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let _visitor = server.waiting_visitor().await;
    let chat = agent.waiting().await.remove(0);
    seconds(30).await;
    assert!(agent.thread(&chat).await.get("queues_duration").is_none());
    agent.take(&chat).await;
    assert_eq!(agent.thread(&chat).await["queues_duration"], 30);
    seconds(100).await;
    agent.leave(&chat).await;
    assert_eq!(agent.thread(&chat).await["queues_duration"], 30);
    seconds(12).await;
    let ryan = server.colleague("Ryan").await;
    agent.transfer(&chat, &ryan).await;
    assert_eq!(agent.thread(&chat).await["queues_duration"], 42);
    ryan.transfer(&chat, &agent).await;
    assert_eq!(agent.thread(&chat).await["queues_duration"], 42);
}

#[tokio::test(start_paused = true)]
async fn the_archive_names_the_threads_that_the_agent_may_see() {
    let server = TestServer::new().await;
    server.add_button("573secret", 9).await;
    let (agent, ryan) = (server.agent(), server.colleague("Ryan").await);
    server.join(&ryan, [1]).await;
    let mut id = Value::Null;
    let mut threads = Vec::new();
    for button in [
        server.site.button_id.as_str(),
        "573secret",
        server.site.button_id.as_str(),
    ] {
        let mut visitor = server.visitor().await;
        let init = json!({ "buttonId": button, "visitorId": id });
        visitor.init_with(init).await.ok();
        id = visitor.poll().await.message("ChatRequestSuccess")["visitorId"].clone();
        let chat = agent.accept().await;
        threads.push(agent.thread(&chat).await["id"].clone());
        seconds(1).await;
        agent.end(&chat).await;
    }
    let archived = async |agent: &Agent, thread: &Value| {
        let list = agent.act("list_archives", json!({})).await;
        let chats = list["chats"].as_array().unwrap().clone();
        let mut shown = chats.into_iter().map(|chat| chat["thread"].clone());
        shown.find(|it| it["id"] == *thread).unwrap()
    };
    let last = archived(&agent, &threads[2]).await;
    assert_eq!(last["previous_accessible_thread_id"], threads[1]);
    assert!(last.get("next_accessible_thread_id").is_none());
    let last = archived(&ryan, &threads[2]).await;
    assert_eq!(last["previous_accessible_thread_id"], threads[0]);
    let first = archived(&ryan, &threads[0]).await;
    assert_eq!(first["next_accessible_thread_id"], threads[2]);
    // In the archive only.
    let chat = agent.act("list_chats", json!({})).await["chats_summary"][0]["id"].clone();
    let whole = agent.thread(chat.as_str().unwrap()).await;
    assert!(whole.get("previous_accessible_thread_id").is_none());
}
