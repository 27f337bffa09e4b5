//! Sensitive data rules: sent to the visitor's client, and applied again to
//! everything it sends.

use parlor_wire::visitor::SensitiveDataRule;
use serde_json::{Value, json};

use crate::server::TestServer;

const CARD: &str = "4111 1111 1111 1111";

async fn server_with_rules() -> TestServer {
    let server = TestServer::new().await;
    server
        .set(|settings| {
            settings.sensitive_data_rules = vec![SensitiveDataRule {
                id: Some("1".to_owned()),
                name: Some("Cards".to_owned()),
                pattern: r"\b(?:\d[ -]?){13,16}\b".to_owned(),
                action_type: "Replace".to_owned(),
                replacement: Some("[card]".to_owned()),
            }];
        })
        .await;
    server
}

#[tokio::test(start_paused = true)]
async fn the_client_is_sent_the_rules() {
    let server = server_with_rules().await;
    let path = format!(
        "Visitor/Settings?deployment_id={}",
        server.site.deployment_id
    );
    let settings = server.stranger().get(&path).await.message("Settings");
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let polled = visitor.poll().await;
    assert_eq!(polled.kinds(), ["ChatRequestSuccess", "SensitiveDataRules"]);
    let rules = polled.message("SensitiveDataRules")["rules"].clone();
    assert_eq!(rules, settings["welcome"]["sensitiveDataRules"]);
    assert_eq!(
        rules,
        json!([{
            "id": "1", "name": "Cards", "pattern": r"\b(?:\d[ -]?){13,16}\b",
            "actionType": "Replace", "replacement": "[card]",
        }])
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_visitor_writes_is_redacted_everywhere() {
    let server = server_with_rules().await;
    let mut visitor = server.visitor().await;
    visitor
        .init_with(json!({
            "prechatDetails": [{ "label": "Card", "value": CARD }],
            "prechatForm": { "form_id": "f", "form_type": "prechat", "fields": [
                { "type": "question", "id": "q", "label": "Card", "answer": CARD },
            ] },
        }))
        .await
        .ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    visitor
        .say(&format!("my card is {CARD}, really"))
        .await
        .ok();
    for (kind, data) in [
        (
            "message",
            json!({ "type": "message", "text": CARD, "custom_id": "4111111111111111" }),
        ),
        (
            "custom",
            json!({ "type": "custom", "content": { "deep": [{ "card": CARD }] },
                "properties": { "a": { "b": CARD } } }),
        ),
        ("poem", json!({ "type": "poem", "words": CARD })),
        ("rating", json!({ "score": "bad", "comment": CARD })),
        (
            "session_fields",
            json!({ "session_fields": [{ "card": CARD }] }),
        ),
        ("page's own", json!({ "card": CARD })),
        (
            "filled_form",
            json!({ "type": "filled_form", "form_id": "f", "fields": [
                { "type": "question", "id": "q", "label": "Card", "answer": CARD },
            ] }),
        ),
    ] {
        let body = json!({ "type": kind, "data": data.to_string() });
        visitor.post("CustomEvent", body).await.ok();
    }
    let nouns = json!({ "nouns": [
        { "prefix": "Chasitor", "noun": "ChatMessage", "object": { "text": CARD } },
    ] });
    visitor.post("MultiNoun", nouns).await.ok();
    let all = agent.act("get_chat", json!({ "chat_id": chat })).await;
    let told = all.to_string();
    assert!(!told.contains("4111 1111"), "{told}");
    // The comment is a property and an event of the log.
    assert_eq!(told.matches("[card]").count(), 13, "{told}");
    // An id is not free text.
    let ids = |event: &Value| event["custom_id"] == "4111111111111111";
    let events = all["thread"]["events"].as_array().unwrap();
    assert_eq!(events.iter().filter(|event| ids(event)).count(), 1);
}

/// Agents never see it, and it is kept: without what the rules remove.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_hidden_from_agents_is_redacted_too() {
    let server = server_with_rules().await;
    let mut visitor = server.visitor().await;
    let details = json!([{ "label": "Card", "value": CARD, "displayToAgent": false }]);
    visitor
        .init_with(json!({ "prechatDetails": details }))
        .await
        .ok();
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    let thread = agent.thread(&chat).await["id"].as_str().unwrap().to_owned();
    let mut tx = server.store().read().await.unwrap();
    let row = tx.thread(&thread.as_str().into()).await.unwrap().unwrap();
    assert_eq!(row.details.0.prechat_details[0].value, "[card]");
}

#[tokio::test(start_paused = true)]
async fn what_agents_write_is_not_redacted() {
    let server = server_with_rules().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    agent.say(&chat, CARD).await;
    let texts = visitor.poll().await.texts();
    assert_eq!(texts, [CARD]);
}
