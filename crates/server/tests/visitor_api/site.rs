//! Calls without a session: settings, availability, visitor ids, breadcrumbs,
//! and the address of an organisation that has moved.

use serde_json::json;

use crate::server::{TestRequest, TestServer};

#[tokio::test(start_paused = true)]
async fn answers_are_wrapped() {
    let server = TestServer::new().await;
    let site = &server.site;
    let (org, deployment, button) = (&site.organization_id, &site.deployment_id, &site.button_id);
    for (path, kind) in [
        (
            format!(
                "Visitor/Settings?org_id={org}&deployment_id={deployment}&Settings.buttonIds=[{button}]"
            ),
            "Settings",
        ),
        (
            format!(
                "Visitor/Availability?org_id={org}&deployment_id={deployment}&Availability.ids=[{button}]&Availability.prefix=Visitor"
            ),
            "Availability",
        ),
        (
            format!("Visitor/VisitorId?org_id={org}&deployment_id={deployment}"),
            "VisitorId",
        ),
    ] {
        let answer = server.stranger().get(&path).await;
        assert_eq!(answer.kinds(), [kind]);
        let whole = answer.json();
        assert_eq!(whole["messages"].as_array().unwrap().len(), 1);
        assert_eq!(whole.as_object().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn settings_contain_the_requested_buttons() {
    let server = TestServer::new().await;
    let (deployment, button) = (&server.site.deployment_id, &server.site.button_id);
    let path = format!("Visitor/Settings?deployment_id={deployment}&Settings.buttonIds={button}");
    let settings = server.stranger().get(&path).await.message("Settings");
    assert!(settings["pingRate"].as_f64().unwrap() > 0.0);
    let shown = &settings["buttons"][0];
    assert_eq!(shown["id"], json!(button));
    assert_eq!(shown["type"], "Standard");
    assert_eq!(shown["isAvailable"], true);
    assert!(shown.get("estimatedWaitTime").is_none());
    let path = format!("{path}&Settings.needEstimatedWaitTime=1");
    let settings = server.stranger().get(&path).await.message("Settings");
    assert_eq!(settings["buttons"][0]["estimatedWaitTime"], -1);
    server.agent().status("not_accepting_chats").await;
    let settings = server.stranger().get(&path).await.message("Settings");
    assert!(settings["buttons"][0].get("isAvailable").is_none());
    server
        .stranger()
        .get("Visitor/Settings?deployment_id=572xxxxxxxxxxxx")
        .await
        .status(400);
}

#[tokio::test(start_paused = true)]
async fn ids_come_in_four_spellings_and_all_are_listed() {
    let server = TestServer::new().await;
    let a = server.site.button_id.to_string();
    let agent = server.agent();
    for (ids, asked) in [
        (a.clone(), vec![a.as_str()]),
        (format!("[{a}]"), vec![&a]),
        (format!("{a},{}", agent.id), vec![&a, &agent.id]),
        (format!("[{a},{}]", agent.id), vec![&a, &agent.id]),
        (format!("%5B{a}%2C%20573x%5D"), vec![&a, "573x"]),
        (format!("[573x,{a}]"), vec!["573x", &a]),
    ] {
        let path = format!("Visitor/Availability?Availability.ids={ids}");
        let answer = server.stranger().get(&path).await.message("Availability");
        let results = answer["results"].as_array().unwrap();
        let listed: Vec<_> = results.iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!(listed, asked);
        for result in results {
            // Left out when false.
            let known = result["id"] != "573x";
            assert_eq!(result.get("isAvailable"), known.then_some(&json!(true)));
        }
    }
    let path = "Visitor/Availability?Availability.ids=[]";
    let answer = server.stranger().get(path).await.message("Availability");
    assert_eq!(answer["results"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn nobody_who_accepts_means_not_available() {
    let server = TestServer::new().await;
    let agent = server.agent();
    agent.status("not_accepting_chats").await;
    let path = format!(
        "Visitor/Availability?Availability.ids=[{},{}]&Availability.needEstimatedWaitTime=1",
        server.site.button_id, agent.id
    );
    let answer = server.stranger().get(&path).await.message("Availability");
    for result in answer["results"].as_array().unwrap() {
        assert!(result.get("isAvailable").is_none());
        assert_eq!(result["estimatedWaitTime"], -1);
    }
}

#[tokio::test(start_paused = true)]
async fn every_visitor_gets_an_id_of_their_own() {
    let server = TestServer::new().await;
    let one = server.stranger().get("Visitor/VisitorId").await;
    let two = server.stranger().get("Visitor/VisitorId").await;
    let id =
        |answer: &crate::server::TestResponse| answer.message("VisitorId")["sessionId"].clone();
    assert!(id(&one).is_string());
    assert_ne!(id(&one), id(&two));
}

#[tokio::test(start_paused = true)]
async fn a_moved_organisation_answers_switch_server_in_place_of_all() {
    let server = TestServer::new().await;
    server.move_to("https://new.example/chat").await;
    for request in [
        TestRequest::get("Visitor/Settings?deployment_id=x"),
        TestRequest::get("Visitor/Availability?Availability.ids=[x]"),
        TestRequest::get("Visitor/VisitorId"),
        TestRequest::post(
            "Visitor/Breadcrumb",
            r#"{"location":"https://shop.example"}"#,
        ),
    ] {
        let answer = server.stranger().request(request).await;
        assert_eq!(answer.kinds(), ["SwitchServer"]);
        let moved = answer.message("SwitchServer");
        assert_eq!(moved["newUrl"], "https://new.example/chat");
    }
    // Open conversations continue here.
    server.visitor().await.init().await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_breadcrumb_is_accepted_with_and_without_a_session() {
    let server = TestServer::new().await;
    let page = r#"{"location":"https://shop.example/2"}"#;
    let request = TestRequest::post("Visitor/Breadcrumb", page);
    server.stranger().request(request.clone()).await.ok();
    server
        .stranger()
        .request(TestRequest::post("Visitor/Breadcrumb", "{}"))
        .await
        .status(400);
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.signed(request).send_to(&server.router).await.ok();
    let crumb = visitor.poll().await.message("NewVisitorBreadcrumb");
    assert_eq!(crumb["location"], "https://shop.example/2");
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    let pages = &shown["users"][0]["last_visit"]["last_pages"];
    assert_eq!(pages[0]["url"], "https://shop.example/2");
    let long = json!({ "location": format!("https://shop.example/{}", "x".repeat(2048)) });
    visitor.post("Breadcrumb", long).await.status(400);
}

#[tokio::test(start_paused = true)]
async fn after_a_start_nobody_is_there_until_they_come() {
    let server = TestServer::new().await;
    let later = server.process_before_anybody_came(2);
    let query = format!("Availability.ids={}", server.site.button_id);
    let available = async || {
        let answer = later
            .stranger()
            .get(&format!("Visitor/Availability?{query}"))
            .await;
        answer.message("Availability")["results"][0]["isAvailable"].clone()
    };
    assert_eq!(available().await, serde_json::Value::Null);
    let mut visitor = later.visitor().await;
    visitor.init().await.ok();
    let failed = visitor.poll().await.message("ChatRequestFail");
    assert_eq!(failed["reason"], "Unavailable");
    later.agent().comes().await;
    assert_eq!(available().await, true);
    later.waiting_visitor().await;
}
