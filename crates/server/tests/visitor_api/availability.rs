//! Availability of each button: agents of its group who accept chats and have
//! room for one more.

use parlor_server::{app::Config, settings::RoutingRules};
use serde_json::{Value, json};

use crate::{actors::Agent, server::TestServer};

const SALES: &str = "573SALES";

/// A button of another deployment.
const ELSEWHERE: &str = "573ELSEWHERE";

/// Andy answers the visitors of the site's button, in group 1, and Ryan those of
/// `SALES`, in group 2.
async fn two_groups() -> (TestServer, Agent, Agent) {
    let server = TestServer::new().await;
    let (andy, ryan) = (server.agent(), server.colleague("Ryan").await);
    server.add_button(SALES, 2).await;
    server.add_button_elsewhere(ELSEWHERE, 1).await;
    server.join(&andy, [1]).await;
    server.join(&ryan, [2]).await;
    (server, andy, ryan)
}

/// The ids that are available, of these.
async fn available(server: &TestServer, ids: &[&str], more: &str) -> Vec<String> {
    let path = format!(
        "Visitor/Availability?Availability.ids=[{}]{more}",
        ids.join(",")
    );
    let answer = server.stranger().get(&path).await.message("Availability");
    ids_of(&answer["results"])
}

fn ids_of(entries: &Value) -> Vec<String> {
    let entries = entries.as_array().unwrap().iter();
    entries
        .filter(|entry| entry["isAvailable"] == true)
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn settings(server: &TestServer) -> Value {
    let (deployment, button) = (&server.site.deployment_id, &server.site.button_id);
    let path = format!(
        "Visitor/Settings?deployment_id={deployment}&Settings.buttonIds=[{button},{SALES},{ELSEWHERE}]"
    );
    server.stranger().get(&path).await.message("Settings")
}

async fn outcome(server: &TestServer, init: Value) -> String {
    let mut visitor = server.visitor().await;
    visitor.init_with(init).await.ok();
    visitor.poll().await.kinds().remove(0)
}

#[tokio::test(start_paused = true)]
async fn each_button_depends_on_the_agents_of_its_group() {
    let (server, andy, ryan) = two_groups().await;
    let button = server.site.button_id.to_string();
    let ids = [button.as_str(), SALES];
    assert_eq!(available(&server, &ids, "").await, ids);
    for (agent, left, names) in [(&andy, SALES, ["Ryan"]), (&ryan, button.as_str(), ["Andy"])] {
        agent.status("not_accepting_chats").await;
        assert_eq!(available(&server, &ids, "").await, [left]);
        let settings = settings(&server).await;
        assert_eq!(ids_of(&settings["buttons"]), [left]);
        let online = settings["welcome"]["online"].as_array().unwrap();
        let online: Vec<&Value> = online.iter().map(|agent| &agent["name"]).collect();
        assert_eq!(online, names);
        for id in ids {
            let expected = match id == left {
                true => "ChatRequestSuccess",
                false => "ChatRequestFail",
            };
            assert_eq!(outcome(&server, json!({ "buttonId": id })).await, expected);
        }
        agent.status("accepting_chats").await;
    }
}

#[tokio::test(start_paused = true)]
async fn buttons_belong_to_their_deployment() {
    let (server, ..) = two_groups().await;
    let deployment = server.site.deployment_id.to_string();
    let settings = settings(&server).await;
    assert_eq!(settings["buttons"].as_array().unwrap().len(), 2);
    for (more, expected) in [
        (String::new(), vec![ELSEWHERE]),
        ("&deployment_id=".to_owned(), vec![ELSEWHERE]),
        ("&deployment_id=572elsewhere".to_owned(), vec![ELSEWHERE]),
        (format!("&deployment_id={deployment}"), vec![]),
    ] {
        let found = available(&server, &[ELSEWHERE], &more).await;
        assert_eq!(found, expected, "{more}");
    }
    let mut visitor = server.visitor().await;
    let refused = visitor.init_with(json!({ "buttonId": ELSEWHERE })).await;
    refused.status(400);
    // The same request may come again, with a button of the deployment.
    visitor.init().await.ok();
    let overrides = json!({ "buttonOverrides": [ELSEWHERE] });
    assert_eq!(outcome(&server, overrides).await, "ChatRequestFail");
    let overrides = json!({ "buttonOverrides": [ELSEWHERE, SALES] });
    assert_eq!(outcome(&server, overrides).await, "ChatRequestSuccess");
}

/// An agent who has as many chats as they can is not available. Whoever comes all
/// the same waits for them.
#[tokio::test(start_paused = true)]
async fn an_agent_without_room_is_not_available() {
    let (server, andy, ryan) = two_groups().await;
    let routing = RoutingRules {
        concurrent_chats: 1,
        ..RoutingRules::default()
    };
    let config = Config {
        routing,
        ..Config::default()
    };
    let server = server.process_with(2, config).await;
    let (andy, ryan) = (andy.at(&server.router), ryan.at(&server.router));
    ryan.comes().await;
    let button = server.site.button_id.to_string();
    let ids = [button.as_str(), andy.id.as_str()];
    assert_eq!(available(&server, &ids, "").await, ids);
    let mut visitor = server.waiting_visitor().await;
    assert_eq!(available(&server, &ids, "").await, ids);
    andy.accept().await;
    assert!(available(&server, &ids, "").await.is_empty());
    assert_eq!(ids_of(&settings(&server).await["buttons"]), [SALES]);
    for (init, expected) in [
        (json!({}), "ChatRequestSuccess"),
        (json!({ "agentId": andy.id }), "ChatRequestSuccess"),
        // Somebody else has room.
        (
            json!({ "agentId": andy.id, "doFallback": true, "buttonId": SALES }),
            "ChatRequestSuccess",
        ),
    ] {
        assert_eq!(outcome(&server, init).await, expected);
    }
    assert_eq!(ryan.waiting().await.len(), 1);
    visitor
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    assert_eq!(available(&server, &ids, "").await, ids);
    // More than the site's limit, for one agent.
    let mut row = server.row(&andy).await;
    row.concurrent_chats = Some(2);
    server.put(&row).await;
    andy.accept().await;
    assert_eq!(available(&server, &ids, "").await, ids);
    andy.accept().await;
    assert!(available(&server, &ids, "").await.is_empty());
}
