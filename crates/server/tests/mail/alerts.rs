//! The team is told of new messages.

use parlor_server::{
    mail::{EmailAddress, MailConfig},
    store::row::CallbackPolicy,
};
use serde_json::json;

use crate::{
    site::{Site, form, later},
    smtp::{Smtp, config},
};

fn to(address: &str) -> Vec<EmailAddress> {
    vec![EmailAddress::parse(address).unwrap()]
}

fn alerting(config: MailConfig) -> MailConfig {
    MailConfig {
        alerts: to("team@hats.example"),
        ..config
    }
}

#[tokio::test]
async fn the_team_is_told_of_a_message_at_once() {
    let mut smtp = Smtp::start();
    let site = Site::new(alerting(smtp.config())).await;
    site.message_left("Is it blue?", json!({})).await;
    site.deliver().await;
    let mail = smtp.only_mail();
    assert_eq!(mail["recipients"], json!(["team@hats.example"]));
    assert_eq!(mail["headers"]["subject"], "New message from Jon A.");
    assert_eq!(
        mail["text"],
        "For: Website, Support\n\n> Is it blue?\n\n\
         Answer in the console:\nhttps://chat.example/agent/\n"
    );
}

#[tokio::test]
async fn of_a_callback_the_team_is_told_the_number() {
    let mut smtp = Smtp::start();
    let site = Site::new(alerting(smtp.config())).await;
    site.server
        .set(|settings| settings.callback = Some(CallbackPolicy::default()))
        .await;
    let callback = json!({ "type": "phone", "phone": "+49 30 901820" });
    let message = json!({ "text": "About the hat", "customId": "of-the-callback-1",
        "callback": callback });
    let init = json!({ "prechatForm": form("jon@example.com"), "offlineMessage": message });
    let mut visitor = site.server.visitor().await;
    visitor.init_with(init).await.ok();
    site.deliver().await;
    let mail = smtp.only_mail();
    assert_eq!(mail["headers"]["subject"], "Jon A. wants to be called back");
    assert_eq!(
        mail["text"],
        "For: Website, Support\n\nPhone: +49 30 901820\n\n> About the hat\n\n\
         Answer in the console:\nhttps://chat.example/agent/\n"
    );
}

#[tokio::test]
async fn the_same_message_again_is_told_once() {
    let smtp = Smtp::start();
    let site = Site::new(alerting(smtp.config())).await;
    site.message_left("Is it blue?", json!({})).await;
    site.message_left("Is it blue?", json!({})).await;
    assert_eq!(site.waiting().await.len(), 1);
}

#[tokio::test]
async fn a_group_has_a_list_of_its_own() {
    let smtp = Smtp::start();
    let mut config = alerting(smtp.config());
    config.group_alerts = [(7, to("repairs@hats.example")), (8, Vec::new())].into();
    let site = Site::new(config).await;
    for group in [7, 8, 9] {
        site.server
            .add_button(&format!("button{group}"), group)
            .await;
    }
    for button in ["button7", "button8", "button9"] {
        let more = json!({ "buttonId": button });
        site.message_left(button, more).await;
    }
    let waiting = site.waiting().await;
    let mut told: Vec<&str> = waiting.iter().map(|it| it.recipient.0.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["repairs@hats.example", "team@hats.example"]);
}

#[tokio::test]
async fn a_long_message_is_cut() {
    let smtp = Smtp::start();
    let site = Site::new(alerting(smtp.config())).await;
    site.message_left(&"ü".repeat(8_000), json!({})).await;
    let body = site.waiting().await.remove(0).body.0;
    assert!(body.len() < 2_300, "{}", body.len());
    assert!(body.contains("(The rest is in the chat.)"), "{body}");
}

/// Nobody can fill a mailbox, and a message beyond it is left all the same.
#[tokio::test]
async fn one_address_gets_sixty_an_hour() {
    let site = Site::new(alerting(config(1))).await;
    for n in 0..62 {
        site.message_left(&format!("message {n}"), json!({})).await;
    }
    assert_eq!(site.waiting().await.len(), 60);
    let listed = site.agent.act("list_offline_messages", json!({})).await;
    assert_eq!(listed["total"], 62);
    later(3_600).await;
    site.message_left("one more", json!({})).await;
    assert_eq!(site.waiting().await.len(), 61);
}
