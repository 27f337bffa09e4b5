//! Agents' Markdown, if the deployment allows it.

use serde_json::{Value, json};

use crate::server::TestServer;

fn strong(text: &str) -> Value {
    let words = json!({ "kind": "text", "text": text });
    json!([{ "kind": "paragraph", "nodes": [{ "kind": "strong", "nodes": [words] }] }])
}

#[tokio::test(start_paused = true)]
async fn an_agents_text_comes_with_its_nodes() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "**before**").await;
    let plain = visitor.poll().await.message("ChatMessage");
    assert!(plain.get("nodes").is_none());

    server.set(|settings| settings.markdown = true).await;
    agent.say(&chat, "**now**").await;
    let told = visitor.poll().await.message("ChatMessage");
    assert_eq!(told["text"], "**now**");
    assert_eq!(told["nodes"], strong("now"));
    agent.say(&chat, "only words").await;
    let told = visitor.poll().await.message("ChatMessage");
    assert!(told.get("nodes").is_none());

    visitor.say("**mine**").await.ok();
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    let nodes = |content: &str| {
        let entries = data["chatMessages"].as_array().unwrap();
        let entry = entries.iter().find(|e| e["content"] == content).unwrap();
        entry.get("nodes").cloned()
    };
    assert_eq!(nodes("**before**"), Some(strong("before")));
    assert_eq!(nodes("**mine**"), None);
    assert_eq!(nodes("only words"), None);

    // Agents get the text as it was written.
    let thread = agent.thread(&chat).await;
    assert!(!thread.to_string().contains("nodes"));
}
