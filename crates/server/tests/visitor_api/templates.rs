//! Templates that agents can send.

use parlor_server::settings::{ProcessSecrets, Settings};
use serde_json::json;

use crate::server::TestServer;

const FILE: &str = r#"
[[deployment]]
[[deployment.canned_responses]]
shortcut = "hi"
text = "Hello **there**"

[[deployment.forms]]
name = "Order"
form = { form_id = "order", fields = [{ type = "question", id = "1", label = "Number" }] }

[[deployment.rich_messages]]
name = "Hat"
[deployment.rich_messages.event]
template_id = "cards"
elements = [{ title = "A hat", buttons = [{ text = "Buy", postback_id = "buy" }] }]
"#;

#[tokio::test(start_paused = true)]
async fn templates_come_from_the_settings_and_can_be_sent() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let none = agent.act("list_templates", json!({})).await;
    assert_eq!(
        none,
        json!({ "canned_responses": [], "rich_messages": [], "forms": [] })
    );
    server
        .apply(Settings::read(FILE, &ProcessSecrets("/none".into())).unwrap())
        .await;
    let told = agent.act("list_templates", json!({})).await;
    assert_eq!(
        told["canned_responses"],
        json!([{ "shortcut": "hi", "text": "Hello **there**" }])
    );
    for (list, name, kind) in [
        ("forms", "Order", "form"),
        ("rich_messages", "Hat", "rich_message"),
    ] {
        let template = &told[list][0];
        assert_eq!(template["name"], name);
        assert_eq!(template["event"]["type"], kind);
        agent.send(&chat, template["event"].clone()).await;
        assert_eq!(visitor.poll().await.message("CustomEvent")["type"], kind);
    }
}
