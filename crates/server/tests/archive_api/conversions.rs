//! Goals that visitors have reached, in the records of their chats.

use parlor_server::{
    app::Config,
    goals::{Goal, PagePattern},
};
use serde_json::{Value, json};

use crate::{
    actors::{TestServer, Visitor},
    program::Program,
};

fn goal(id: i64, name: &str, page: Option<&str>) -> Goal {
    Goal {
        id,
        name: name.to_owned(),
        description: format!("{name}."),
        page: page.map(|page| PagePattern::parse(page).unwrap()),
        deployments: Vec::new(),
    }
}

async fn server() -> TestServer {
    let goals = vec![
        goal(4, "Order placed", Some("/*/thanks")),
        goal(9, "Signed up", None),
    ];
    let config = Config {
        goals,
        ..Config::default()
    };
    TestServer::with(None, config).await
}

/// A visitor whose chat Ada has accepted.
async fn chatting(server: &TestServer) -> Visitor {
    let visitor = Visitor::waits(server, "Jon").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    visitor
}

async fn reach(visitor: &mut Visitor, goal: &str) {
    visitor
        .post_to("Visitor/Goal", json!({ "goal": goal }))
        .await;
}

async fn record(program: &Program<'_>) -> Value {
    program.gets("/chats").await["chats"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_goal_of_a_chat_is_in_its_record() {
    let server = server().await;
    let program = Program::of(&server);
    let mut visitor = chatting(&server).await;
    let page = json!({ "location": "https://shop.example/en/thanks?order=4711" });
    visitor.post_to("Visitor/Breadcrumb", page).await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    visitor.say("Thanks!").await;
    visitor.end().await;

    let record = record(&program).await;
    let conversion = &record["conversions"][0];
    let expected = json!({
        "id": "1",
        "goal_id": 4,
        "goal_name": "Order placed",
        "timestamp": conversion["timestamp"],
        "attribution": {
            "agent_id": server.ada.id,
            "agent_name": "Ada",
            "chat_timestamp": record["timestamp"],
            "department_id": 1,
            "department_name": "Support",
        },
    });
    assert_eq!(record["conversions"], json!([expected]));
    let time = |it: &Value, member: &str| it[member].as_str().unwrap().to_owned();
    let reached_at = time(conversion, "timestamp");
    assert!(reached_at >= time(&record, "timestamp"));
    assert!(reached_at < time(&record, "end_timestamp"));
    let history = record["history"].as_array().unwrap();
    let kinds: Vec<&str> = history
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "chat.memberjoin",
            "chat.memberjoin",
            "chat.conversion",
            "chat.msg",
            "chat.memberleave",
            "chat.memberleave"
        ]
    );
    let entry = &history[2];
    assert_eq!(entry["conversion"], *conversion);
    assert_eq!(entry["timestamp"], conversion["timestamp"]);
    assert_eq!(
        (&entry["name"], &entry["nick"]),
        (&history[0]["name"], &history[0]["nick"])
    );
    // What is searched is what it was.
    assert_eq!(program.finds("placed").await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_goal_after_the_chat_changes_the_record() {
    let server = server().await;
    let program = Program::of(&server);
    let mut visitor = chatting(&server).await;
    visitor.end().await;
    let before = record(&program).await;
    let export = "/incremental/chats?fields=chats(*)&start_time=";
    let exported = program.gets(&format!("{export}0")).await;
    let next = format!("{export}{}", exported["end_time"]);
    assert_eq!(program.gets(&next).await["count"], 0);

    reach(&mut visitor, "Signed up").await;
    let after = record(&program).await;
    assert_eq!(after["conversions"][0]["goal_id"], 9);
    assert_eq!(after["conversions"][0]["attribution"]["agent_name"], "Ada");
    let last = after["history"].as_array().unwrap().last().unwrap();
    assert_eq!(last["type"], "chat.conversion");
    assert!(after["update_timestamp"].as_str() > before["update_timestamp"].as_str());
    let news = program.gets(&next).await;
    assert_eq!(news["chats"], json!([after]));
    let shown = program
        .gets(&format!("/chats/{}", after["id"].as_str().unwrap()))
        .await;
    assert_eq!(shown, after);

    // The same again at once changes nothing.
    reach(&mut visitor, "Signed up").await;
    assert_eq!(record(&program).await, after);
}

#[tokio::test(start_paused = true)]
async fn the_last_twenty_are_kept() {
    let goals = (1..=25).map(|n| goal(n, &n.to_string(), None)).collect();
    let config = Config {
        goals,
        ..Config::default()
    };
    let server = TestServer::with(None, config).await;
    let mut visitor = chatting(&server).await;
    for n in 1..=25 {
        reach(&mut visitor, &n.to_string()).await;
    }
    visitor.end().await;
    let record = record(&Program::of(&server)).await;
    let conversions = record["conversions"].as_array().unwrap();
    let ids = conversions.iter().map(|it| it["goal_id"].as_i64().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), (6..=25).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn goals_are_listed() {
    let server = server().await;
    let program = Program::of(&server);
    let expected = json!([
        {"id": 4, "name": "Order placed", "description": "Order placed.", "enabled": true},
        {"id": 9, "name": "Signed up", "description": "Signed up.", "enabled": true},
    ]);
    assert_eq!(program.gets("/goals").await, expected);
    let older = program.ask("GET", "/api/v2/goals", None).await;
    assert_eq!((older.status, older.body), (200, expected));
    let role = parlor_server::store::row::Role::Agent;
    let agent = Program::with(&server, role, false).await;
    assert_eq!(agent.status("GET", "/goals", None).await, 403);
}
