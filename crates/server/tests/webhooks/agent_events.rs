//! Events of the Agent Chat API.

use serde_json::{Value, json};

use crate::{
    receiver::{Received, Receiver},
    site::Site,
};

fn actions(received: &[Received]) -> Vec<Value> {
    received
        .iter()
        .map(|it| it.json()["action"].clone())
        .collect()
}

#[tokio::test]
async fn they_come_in_the_envelope_of_the_api() {
    let receiver = Receiver::start().await;
    let mut config = receiver.config("crm");
    config.events = ["chat_deactivated", "incoming_event", "thread_tagged"].into();
    let site = Site::new(vec![config]).await;
    let (mut visitor, agent, chat) = site.server.visitor_with_agent().await;
    let thread = agent.thread(&chat).await["id"].clone();
    visitor.say("Is it blue?").await.ok();
    let tagged = json!({ "chat_id": chat, "thread_id": thread, "tag": "hats" });
    agent.act("tag_thread", tagged.clone()).await;
    agent.end(&chat).await;
    site.deliver().await;
    let received = receiver.take();
    assert_eq!(
        actions(&received),
        [
            "incoming_event",
            "incoming_event",
            "thread_tagged",
            "incoming_event",
            "chat_deactivated"
        ]
    );
    assert_eq!(received[2].header("x-parlor-event"), "thread_tagged");
    let said = received[1].json();
    assert_eq!(said["webhook_id"], "crm");
    assert_eq!(
        said["organization_id"],
        json!(site.server.site.organization_id)
    );
    assert_eq!(said["payload"]["event"]["text"], "Is it blue?");
    assert_eq!(said["additional_data"], json!({}));
    assert_eq!(received[2].json()["payload"], tagged);
}

#[tokio::test]
async fn notes_of_agents_go_only_where_they_are_asked_for() {
    let (public, private) = (Receiver::start().await, Receiver::start().await);
    let mut of_public = public.config("public");
    of_public.events = ["incoming_chat", "incoming_event"].into();
    let mut of_private = private.config("private");
    of_private.events = of_public.events.clone();
    of_private.agents_only_events = true;
    let site = Site::new(vec![of_public, of_private]).await;
    let (_visitor, agent, chat) = site.server.visitor_with_agent().await;
    agent.note(&chat, "a secret note").await;
    agent.say(&chat, "It is blue.").await;
    agent.end(&chat).await;
    let note = json!({ "type": "message", "text": "a secret note", "visibility": "agents" });
    let resumed = json!({ "chat": { "id": chat, "thread": { "events": [note] } } });
    agent.act("resume_chat", resumed).await;
    site.deliver().await;
    let texts = |received: Vec<Received>| -> (usize, usize) {
        let texts: Vec<String> = received
            .into_iter()
            .map(|it| String::from_utf8(it.body).unwrap())
            .collect();
        let secret = texts.iter().filter(|text| text.contains("a secret note"));
        (secret.count(), texts.len())
    };
    let (secret, told) = texts(public.take());
    assert_eq!(secret, 0);
    // The note, and again as the first event of the new thread, alone and in the chat.
    assert_eq!(texts(private.take()), (3, told + 2));
}

#[tokio::test]
async fn what_is_about_no_chat_is_sent_too() {
    let receiver = Receiver::start().await;
    let mut config = receiver.config("crm");
    config.events = ["routing_status_set"].into();
    let site = Site::new(vec![config]).await;
    site.agent.status("not_accepting_chats").await;
    site.deliver().await;
    let last = receiver.take().pop().unwrap().json();
    assert_eq!(last["payload"]["status"], "not_accepting_chats");
    assert_eq!(last["payload"]["agent_id"], site.agent.id.as_str());
}
