//! What is for agents alone never leaves towards a visitor.

use serde_json::json;

use crate::world::World;

const NOTE: &str = "between us";

#[tokio::test(start_paused = true)]
async fn notes_are_in_no_poll_and_in_no_session_data() {
    let world = World::new().await;
    let mut visitor = world.waiting_visitor().await;
    let agent = world.agent();
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
    visitor.poll().await.empty();
    let later = world.another_process(2);
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
    assert_eq!(log.iter().filter(|text| *text == NOTE).count(), 3);
}

/// Nor do people's addresses.
#[tokio::test(start_paused = true)]
async fn agents_are_known_by_name_alone() {
    let world = World::new().await;
    let mut visitor = world.visitor().await;
    visitor.init().await.ok();
    let agent = world.agent();
    let chat = agent.accept().await;
    agent.say(&chat, "hello").await;
    let first = visitor.poll().await;
    visitor.reconnect(&world).await;
    let data = visitor.poll_acking(-1).await;
    let path = format!(
        "Visitor/Settings?deployment_id={}",
        world.site.deployment_id
    );
    let settings = world.stranger().get(&path).await.status(200);
    for text in [first.text, data.text, settings.text] {
        assert!(!text.contains("andy@example.com"), "{text}");
    }
}
