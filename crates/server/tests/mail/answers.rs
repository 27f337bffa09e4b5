//! Answers to visitors who have left.

use serde_json::json;

use crate::{
    actors::Agent,
    site::{Site, form, later},
    smtp::Smtp,
};

#[tokio::test]
async fn an_answer_reaches_a_visitor_who_has_left_once() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let message = site
        .message_of_yesterday("Is it blue?\nOr is it red?")
        .await;
    site.answer(&message, "It is blue.").await;
    site.deliver().await;
    assert_eq!(smtp.mails().len(), 0, "others may follow");
    later(30).await;
    site.deliver().await;
    site.deliver().await;
    let mail = smtp.only_mail();
    assert_eq!(mail["sender"], "team@hats.example");
    assert_eq!(mail["recipients"], json!(["jon@example.com"]));
    let headers = &mail["headers"];
    assert_eq!(headers["from"], "Ada's Hats <team@hats.example>");
    assert_eq!(headers["to"], "jon@example.com");
    assert_eq!(headers["subject"], "Ada's Hats has answered you");
    assert_eq!(headers["auto-submitted"], "auto-generated");
    let id = headers["message-id"].as_str().unwrap();
    assert!(id.ends_with("@hats.example>"), "{id}");
    assert_eq!(
        mail["text"],
        "Andy (Ada's Hats):\n\nIt is blue.\n\nYou wrote:\n> Is it blue?\n> Or is it red?\n\n\
         Read and answer in the chat:\nhttps://shop.example/hats\n"
    );
    assert!(site.waiting().await.is_empty());
}

#[tokio::test]
async fn what_was_sent_is_kept_without_address_and_words() {
    let mut smtp = Smtp::start();
    let site = Site::answered(smtp.config()).await;
    let id = site.waiting().await.remove(0).id;
    site.deliver().await;
    smtp.only_mail();
    let row = async || {
        let mut tx = site.server.store().read().await.unwrap();
        tx.outgoing_mail(&id).await.unwrap()
    };
    let sent = row().await.unwrap();
    assert!(sent.sent_at.is_some());
    for text in [&sent.recipient, &sent.subject, &sent.body] {
        assert_eq!(text.0, "");
    }
    later(73 * 3600).await;
    site.server.app.run_maintenance().await.unwrap();
    assert_eq!(row().await, None);
}

#[tokio::test]
async fn answers_that_follow_each_other_are_one_mail() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let message = site.message_of_yesterday("Is it blue?").await;
    site.answer(&message, "It is.").await;
    later(20).await;
    site.answer(&message, "Shall I send it?").await;
    later(10).await;
    site.deliver().await;
    let text = smtp.only_mail()["text"].clone();
    let text = text.as_str().unwrap();
    assert!(
        text.starts_with(
            "Andy (Ada's Hats):\n\nIt is.\n\nShall I send it?\n\nYou wrote:\n> Is it blue?\n"
        ),
        "{text}"
    );
    site.answer(&message, "One more thing.").await;
    later(30).await;
    site.deliver().await;
    let mails = smtp.mails();
    assert_eq!(mails.len(), 2);
    let text = mails[1]["text"].as_str().unwrap();
    assert!(
        text.contains("One more thing.") && !text.contains("Shall I"),
        "{text}"
    );
    let references = |n: usize| mails[n]["headers"]["references"].clone();
    assert_eq!(references(0), references(1), "shown together");
    assert_ne!(
        mails[0]["headers"]["message-id"],
        mails[1]["headers"]["message-id"]
    );
}

#[tokio::test]
async fn private_notes_are_in_no_mail() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let message = site.message_of_yesterday("Is it blue?").await;
    let note = json!({ "type": "message", "text": "between us", "visibility": "agents" });
    site.send(&message, note.clone()).await;
    assert!(site.waiting().await.is_empty());
    site.answer(&message, "It is.").await;
    site.send(&message, note).await;
    site.answer(&message, "Yes.").await;
    later(30).await;
    site.deliver().await;
    let raw = smtp.only_mail()["raw"].clone();
    assert!(!raw.as_str().unwrap().contains("between us"), "{raw}");
}

#[tokio::test]
async fn a_visitor_who_is_there_is_not_mailed() {
    let smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let (mut visitor, message) = site.message_left("Is it blue?", json!({})).await;
    later(9).await;
    site.answer(&message, "It is.").await;
    assert_eq!(visitor.poll().await.texts(), ["It is."]);
    let held = visitor.poll_in_background();
    later(20).await;
    site.answer(&message, "Any other colour?").await;
    assert_eq!(held.await.unwrap().texts(), ["Any other colour?"]);
    assert!(site.waiting().await.is_empty());
    later(11).await;
    site.answer(&message, "Still there?").await;
    assert_eq!(site.waiting().await.len(), 1);
}

/// A chat that an agent has ended.
async fn ended(site: &Site, init: serde_json::Value) -> (Agent, String) {
    site.agent.status("accepting_chats").await;
    let mut visitor = site.server.visitor().await;
    visitor.init_with(init).await.ok();
    visitor.poll().await.status(200);
    let chat = site.agent.accept().await;
    visitor.say("Is it blue?").await.ok();
    site.agent.say(&chat, "I shall ask.").await;
    site.agent.end(&chat).await;
    (site.agent.clone(), chat)
}

async fn says_afterwards(agent: &Agent, chat: &str, text: &str) {
    let event = json!({ "type": "message", "text": text });
    let sent = json!({ "chat_id": chat, "event": event, "attach_to_last_thread": true });
    agent.act("send_event", sent).await;
}

#[tokio::test]
async fn an_answer_in_a_chat_that_is_over_is_mailed() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let init = json!({ "prechatForm": form("jon@example.com"), "language": "de-AT" });
    let (agent, chat) = ended(&site, init).await;
    assert!(site.waiting().await.is_empty(), "they were there");
    says_afterwards(&agent, &chat, "Ja, ist er.").await;
    later(30).await;
    site.deliver().await;
    let mail = smtp.only_mail();
    assert_eq!(
        mail["headers"]["subject"],
        "Ada's Hats hat Ihnen geantwortet"
    );
    assert_eq!(
        mail["text"],
        "Andy (Ada's Hats):\n\nJa, ist er.\n\nSie haben geschrieben:\n> Is it blue?\n\n",
        "no page is known"
    );
}

#[tokio::test]
async fn without_an_address_or_with_one_of_other_letters_nothing_is_mailed() {
    let smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    for init in [json!({}), json!({ "prechatForm": form("jön@example.com") })] {
        let (agent, chat) = ended(&site, init).await;
        says_afterwards(&agent, &chat, "It is.").await;
    }
    assert!(site.waiting().await.is_empty());
}

#[tokio::test]
async fn the_address_is_that_of_the_conversation() {
    let smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let mut visitor = site.server.visitor().await;
    let left = |text: &str, email: &str| {
        json!({ "prechatForm": form(email),
        "offlineMessage": { "text": text, "customId": format!("a-random-id-of-{text}") } })
    };
    visitor.init_with(left("one", "jon@example.com")).await.ok();
    let id = visitor.poll().await.message("ChatRequestSuccess")["visitorId"].clone();
    let mut other = left("two", "joan@bücher.example");
    other["visitorId"] = id;
    let mut visitor = site.server.visitor().await;
    visitor.init_with(other).await.ok();
    later(100).await;
    let listed = site.agent.act("list_offline_messages", json!({})).await;
    for message in listed["messages"].as_array().unwrap() {
        site.answer(message, "It is.").await;
    }
    let mut to: Vec<String> = site
        .waiting()
        .await
        .into_iter()
        .map(|it| it.recipient.0)
        .collect();
    to.sort();
    assert_eq!(to, ["joan@xn--bcher-kva.example", "jon@example.com"]);
}

#[tokio::test]
async fn names_and_texts_make_no_headers() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    site.server
        .set(|settings| settings.team_name = "Hüte & \"Co\"\r\nBcc: eve@evil.example".to_owned())
        .await;
    let message = site.message_of_yesterday("Is\r\n.\r\nQUIT it?").await;
    site.answer(&message, ".\r\n.\r\nBcc: eve@evil.example\r\n\u{0}\u{7}☺")
        .await;
    later(30).await;
    site.deliver().await;
    let mail = smtp.only_mail();
    assert_eq!(mail["recipients"], json!(["jon@example.com"]));
    let headers = mail["headers"].as_object().unwrap();
    assert_eq!(headers.get("bcc"), None);
    assert_eq!(
        headers["subject"],
        "Hüte & \"Co\" Bcc: eve@evil.example has answered you"
    );
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains(".\n.\nBcc: eve@evil.example\n☺\n"), "{text}");
    assert!(text.contains("> .\n> QUIT it?"), "{text}");
}

#[tokio::test]
async fn a_page_of_another_site_is_not_linked() {
    let smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    for url in [
        "https://evil.example/hats",
        "javascript:alert(1)",
        "https://shop.example@evil.example/",
    ] {
        let (_, message) = site.message_left(url, json!({ "url": url })).await;
        later(100).await;
        site.answer(&message, "It is.").await;
    }
    let waiting = site.waiting().await;
    assert_eq!(waiting.len(), 3);
    for mail in waiting {
        let (body, _) = mail.body.0.split_once("You wrote:").unwrap();
        assert!(!body.contains("//"), "{body}");
        assert!(
            !mail.body.0.contains("answer in the chat"),
            "{}",
            mail.body.0
        );
    }
}

#[tokio::test]
async fn what_an_agent_begins_is_mailed() {
    let mut smtp = Smtp::start();
    let site = Site::new(smtp.config()).await;
    let message = site.message_of_yesterday("Is it blue?").await;
    let event = json!({ "type": "message", "text": "It is here." });
    let chat = json!({ "id": message["chat_id"], "thread": { "events": [event] } });
    site.agent.act("resume_chat", json!({ "chat": chat })).await;
    later(30).await;
    site.deliver().await;
    let text = smtp.only_mail()["text"].clone();
    assert!(text.as_str().unwrap().contains("It is here."), "{text}");
}
