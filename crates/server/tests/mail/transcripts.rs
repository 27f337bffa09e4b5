//! Visitors who ask for the conversation.

use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    server::TestResponse,
    site::{Site, form},
    smtp::{Smtp, config},
};

/// A chat of a visitor who has given an address, in which an agent has written.
async fn chat(site: &Site) -> (Visitor, String) {
    site.agent.status("accepting_chats").await;
    let mut visitor = site.server.visitor().await;
    let init = json!({ "prechatForm": form("jon@example.com") });
    visitor.init_with(init).await.ok();
    visitor.poll().await.status(200);
    let chat = site.agent.accept().await;
    visitor.poll().await.status(200);
    visitor.say("Is it blue?").await.ok();
    (visitor, chat)
}

async fn asks(visitor: &mut Visitor, data: Value) -> TestResponse {
    let event = json!({ "type": "transcript_request", "data": data.to_string() });
    visitor.post("CustomEvent", event).await
}

#[tokio::test]
async fn the_conversation_is_mailed_when_it_ends() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let (mut visitor, chat) = chat(&site).await;
    asks(&mut visitor, json!({})).await.ok();
    asks(&mut visitor, json!({})).await.ok();
    let line = visitor.poll().await.message("CustomEvent");
    let line: Value = serde_json::from_str(line["data"].as_str().unwrap()).unwrap();
    assert_eq!(line["system_message_type"], "transcript.requested");
    assert!(!line.to_string().contains("example.com"), "{line}");
    site.agent.note(&chat, "between us").await;
    site.agent.say(&chat, "It is.").await;
    assert!(site.waiting().await.is_empty());
    site.agent.end(&chat).await;
    site.deliver().await;
    let mail = smtp.only_mail();
    assert_eq!(mail["recipients"], json!(["jon@example.com"]));
    assert_eq!(
        mail["headers"]["subject"],
        "Your conversation with Ada's Hats"
    );
    assert_eq!(
        mail["text"],
        "2026-01-01 00:00  Jon A.:\nYour name: Jon A.\nYour e-mail: jon@example.com\n\n\
         2026-01-01 00:00  Jon A.:\nIs it blue?\n\n\
         2026-01-01 00:00  Andy:\nIt is.\n\nAll times are UTC.\n"
    );
    let notes = site.agent.notes(&chat).await;
    let asked = notes.iter().filter(|it| *it == "transcript.requested");
    assert_eq!(asked.count(), 1, "{notes:?}");
}

#[tokio::test]
async fn the_newest_address_counts_and_after_the_end_it_is_sent_at_once() {
    let smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let (mut visitor, chat) = chat(&site).await;
    site.agent.say(&chat, "It is.").await;
    for email in ["one@example.com", "two@example.com"] {
        asks(&mut visitor, json!({ "email": email })).await.ok();
    }
    visitor.post("ChatEnd", json!({})).await.ok();
    asks(&mut visitor, json!({ "email": "three@example.com" }))
        .await
        .ok();
    asks(&mut visitor, json!({ "email": "four@example.com" }))
        .await
        .ok();
    let refused = asks(&mut visitor, json!({ "email": "five@example.com" })).await;
    assert!(refused.status(400).text.contains("often enough"));
    let mut to: Vec<String> = site
        .waiting()
        .await
        .into_iter()
        .map(|it| it.recipient.0)
        .collect();
    to.sort();
    assert_eq!(
        to,
        ["four@example.com", "three@example.com", "two@example.com"]
    );
}

#[tokio::test]
async fn a_conversation_without_a_word_of_an_agent_is_not_sent() {
    let smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let (mut visitor, chat) = chat(&site).await;
    asks(&mut visitor, json!({ "email": "victim@example.com" }))
        .await
        .ok();
    site.agent.note(&chat, "a spammer").await;
    visitor.post("ChatEnd", json!({})).await.ok();
    asks(&mut visitor, json!({ "email": "victim@example.com" }))
        .await
        .ok();
    assert!(site.waiting().await.is_empty());
}

#[tokio::test]
async fn one_address_gets_five_a_day() {
    let site = Site::new(config(1)).await;
    for _ in 0..6 {
        let (mut visitor, chat) = chat(&site).await;
        site.agent.say(&chat, "It is.").await;
        asks(&mut visitor, json!({ "email": "Victim@example.com" }))
            .await
            .ok();
        visitor.post("ChatEnd", json!({})).await.ok();
    }
    assert_eq!(site.waiting().await.len(), 5);
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let site = Site::new(config(1)).await;
    let (mut visitor, _) = chat(&site).await;
    for email in [
        "jon",
        "jön@example.com",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
    ] {
        let answer = asks(&mut visitor, json!({ "email": email }))
            .await
            .status(400);
        assert!(
            answer.text.contains("`email`") && !answer.text.contains("@b"),
            "{}",
            answer.text
        );
    }
    asks(&mut visitor, json!({ "email": 3 })).await.status(400);
    let mut nameless = site.server.visitor().await;
    nameless.init().await.ok();
    asks(&mut nameless, json!({})).await.status(400);
}

#[tokio::test(start_paused = true)]
async fn without_a_mail_server_it_is_refused() {
    let server = crate::server::TestServer::new().await;
    let (mut visitor, _, _) = server.visitor_with_agent().await;
    let answer = asks(&mut visitor, json!({ "email": "jon@example.com" })).await;
    assert!(answer.status(400).text.contains("no mail"));
}

#[tokio::test]
async fn the_settings_say_whether_conversations_are_mailed() {
    let with = Site::new(config(1)).await.server;
    let without = crate::server::TestServer::new().await;
    for (server, expected) in [(with, true), (without, false)] {
        let path = format!(
            "Visitor/Settings?deployment_id={}",
            server.site.deployment_id
        );
        let answer = crate::server::TestRequest::get(&path);
        let settings = answer.send_to(&server.router).await.message("Settings");
        assert_eq!(settings["welcome"]["mailsTranscripts"], expected);
    }
}
