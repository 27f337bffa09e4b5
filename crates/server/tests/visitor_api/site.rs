//! Calls without a session: settings, availability, visitor ids, breadcrumbs,
//! and the address of an organisation that has moved.

use parlor_server::store::row::ButtonUrls;
use serde_json::{Value, json};

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

/// As old clients post it, which have no session in this document.
#[tokio::test(start_paused = true)]
async fn a_page_is_known_by_the_visitors_id_too() {
    let server = TestServer::new().await;
    let id = server.stranger().get("Visitor/VisitorId").await;
    let id = id.message("VisitorId")["sessionId"].clone();
    let mut visitor = server.visitor().await;
    visitor.init_with(json!({ "visitorId": id })).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["visitorId"], id, "it recognises the device");
    let agent = server.agent();
    let chat = agent.accept().await;
    visitor.fetch_all().await;
    let pages = async || {
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        shown["users"][0]["last_visit"]["last_pages"].clone()
    };
    let posts = |page: Value, id: &str| {
        TestRequest::post("Visitor/Breadcrumb", page.to_string()).header("x-chat-visitor-id", id)
    };
    let hats = || json!({ "location": "https://shop.example/hats", "title": "Hats" });
    let stranger = server.stranger();
    stranger.request(posts(hats(), "somebody")).await.ok();
    assert_eq!(pages().await, json!([]));
    let id = id.as_str().unwrap();
    stranger.request(posts(hats(), id)).await.ok();
    let crumb = visitor.poll().await.message("NewVisitorBreadcrumb");
    assert_eq!(crumb, json!({ "location": "https://shop.example/hats" }));
    let shown = pages().await;
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["title"], "Hats");
    let long = json!({ "location": "https://shop.example", "title": "x".repeat(1025) });
    stranger.request(posts(long, id)).await.status(400);
    agent.end(&chat).await;
    let cups = json!({ "location": "https://shop.example/cups" });
    stranger.request(posts(cups, id)).await.ok();
    assert_eq!(pages().await.as_array().unwrap().len(), 1, "it is over");
}

#[tokio::test(start_paused = true)]
async fn pages_have_titles_that_may_come_later() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let first = json!({ "url": "https://shop.example/", "pageTitle": "Shop" });
    visitor.init_with(first).await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    for page in [
        json!({ "location": "https://shop.example/hats" }),
        json!({ "location": "https://shop.example/hats", "title": "Hats" }),
        json!({ "location": "https://shop.example/hats" }),
        json!({ "location": "https://shop.example/cups", "title": "Cups" }),
    ] {
        visitor.post("Breadcrumb", page).await.ok();
    }
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    let pages = shown["users"][0]["last_visit"]["last_pages"].clone();
    let pages: Vec<(&str, &str)> = pages
        .as_array()
        .unwrap()
        .iter()
        .map(|page| {
            (
                page["url"].as_str().unwrap(),
                page["title"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("https://shop.example/", "Shop"),
        ("https://shop.example/hats", "Hats"),
        ("https://shop.example/cups", "Cups"),
    ];
    assert_eq!(pages, expected);
    let notes = agent.notes(&chat).await;
    assert_eq!(notes, ["routing.assigned"], "no line is written for a page");
}

/// An id that is none of ours may be the same for all visitors of a site.
#[tokio::test(start_paused = true)]
async fn an_id_that_is_no_visitor_id_recognises_nobody() {
    let server = TestServer::new().await;
    for id in ["1", "visitor", "00000000-0000-0000-0000-000000000000"] {
        let mut chats = Vec::new();
        for _ in 0..2 {
            let mut visitor = server.visitor().await;
            visitor.init_with(json!({ "visitorId": id })).await.ok();
            let success = visitor.poll().await.message("ChatRequestSuccess");
            assert_ne!(success["visitorId"], id);
            chats.push(success["customerId"].clone());
        }
        assert_ne!(chats[0], chats[1], "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_sites_own_pages_are_named() {
    let server = TestServer::new().await;
    let button = server.site.button_id.clone();
    let path = format!(
        "Visitor/Settings?deployment_id={}&Settings.buttonIds=[{button}]",
        server.site.deployment_id
    );
    let settings = async || server.stranger().get(&path).await.message("Settings");
    let before = settings().await;
    assert_eq!(before["buttons"][0]["language"], "en_US");
    for member in ["prechatUrl", "endpointUrl"] {
        assert!(before["buttons"][0].get(member).is_none());
    }
    // Less than the time after which a visitor counts as away.
    assert_eq!(before["pingRate"], 50_000);
    let page = |name: &str| Some(format!("https://shop.example/{name}"));
    server
        .set(|settings| {
            let urls = ButtonUrls {
                prechat: page("before"),
                endpoint: page("window"),
            };
            settings.button_urls.insert(button.clone(), urls);
            settings.content_server_url = page("content");
            settings.post_chat_url = page("after");
        })
        .await;
    let after = settings().await;
    assert_eq!(after["buttons"][0]["prechatUrl"], json!(page("before")));
    assert_eq!(after["buttons"][0]["endpointUrl"], json!(page("window")));
    assert_eq!(after["contentServerUrl"], json!(page("content")));
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["postChatUrl"], json!(page("after")));
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data["postChatUrl"], json!(page("after")));
}
