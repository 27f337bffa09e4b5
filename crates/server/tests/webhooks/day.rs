//! A day at a site: every payload is as the interface says, and each chat goes one of the three
//! ways.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    interface::Interface,
    receiver::Receiver,
    site::{Site, later},
};

#[tokio::test]
async fn the_payloads_of_a_day_are_as_the_interface_says() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let bea = site.server.colleague("Bea").await;
    site.server
        .set(|settings| settings.callback = Some(Default::default()))
        .await;
    let agent = &site.agent;
    for hour in 0..8 {
        // A chat that is handed on.
        let mut visitor = site
            .visitor_with(json!({ "visitorName": format!("Visitor {hour}"),
                "prechatDetails": [{ "label": "Company", "value": "Hats Ltd" }],
                "prechatEntities": [{ "entityName": "Case", "saveToTranscript": "Case",
                    "entityFieldsMaps": [{ "fieldName": "Subject", "label": "Company",
                        "doCreate": true }] }] }))
            .await;
        let success = visitor.poll().await.message("ChatRequestSuccess");
        later(7).await;
        let chat = agent.accept().await;
        visitor.poll().await;
        visitor.say("Is it blue?").await.ok();
        agent.say(&chat, "I shall ask.").await;
        agent.transfer(&chat, &bea).await;
        bea.note(&chat, "nice").await;
        bea.say(&chat, "It is.").await;
        later(300).await;
        match hour % 2 {
            0 => bea.end(&chat).await,
            _ => {
                visitor
                    .post("ChatEnd", json!({ "reason": "client" }))
                    .await
                    .ok();
            }
        }
        // An agent writes again; every other visitor answers.
        let event = json!({ "type": "message", "text": "Are you happy?" });
        let resumed = json!({ "chat": { "id": chat, "thread": { "events": [event] } } });
        agent.act("resume_chat", resumed).await;
        if hour % 2 == 0 {
            let back = json!({ "visitorId": success["visitorId"], "continueOnly": true });
            let mut back = site.visitor_with(back).await;
            back.poll().await;
            back.say("Yes").await.ok();
        }
        agent.end(&chat).await;
        // One who gives up, one who is silent, one who wants an agent by name.
        let mut impatient = site.server.waiting_visitor().await;
        later(60).await;
        impatient
            .post("ChatEnd", json!({ "reason": "client" }))
            .await
            .ok();
        bea.comes().await;
        site.visitor_with(json!({ "visitorName": "", "agentId": bea.id }))
            .await;
        let mut waiting = site.server.waiting_visitor().await;
        // Who waits, and wants to be called back instead.
        waiting
            .post("ChatEnd", json!({ "reason": "client" }))
            .await
            .ok();
        let callback = json!({ "callback": { "type": "chat" } });
        let name = format!("Visitor of the evening {hour}");
        site.leave_message(&name, callback).await;
        later(2400).await;
        site.server.app.run_maintenance().await.unwrap();
        agent.comes().await;
        bea.comes().await;
    }
    agent.status("not_accepting_chats").await;
    bea.status("not_accepting_chats").await;
    site.leave_message("Night", json!({})).await;
    let phone = json!({ "callback": { "type": "phone", "phone": "+64 9 123 4567" } });
    site.leave_message("Owl", phone).await;
    site.deliver().await;

    let interface = Interface::load();
    let mut chats: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for received in receiver.take() {
        interface.check(&received);
        let session = received.session();
        let text = |member: &str| session[member].as_str().unwrap().to_owned();
        chats.entry(text("id")).or_default().push(text("status"));
    }
    let mut ways: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for way in chats.into_values() {
        *ways.entry(way).or_default() += 1;
    }
    let way = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        ways,
        BTreeMap::from([
            (way(&["created", "handled", "completed"]), 8 + 4),
            (way(&["created", "missed"]), 4 + 8 + 8 + 8 + 1),
            (way(&["created", "callback"]), 8 + 1),
        ])
    );
}
