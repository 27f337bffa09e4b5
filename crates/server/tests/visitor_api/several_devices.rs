//! A visitor with one conversation on several devices, and devices that wait for one
//! that an agent begins.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{TestRequest, TestResponse, TestServer, seconds},
};

/// A visitor whom an agent answers, the agent, the chat and the id of the device.
async fn in_a_chat(server: &TestServer) -> (Visitor, Agent, String, String) {
    let mut phone = server.visitor().await;
    phone.init().await.ok();
    let success = phone.poll().await.message("ChatRequestSuccess");
    let id = success["visitorId"].as_str().unwrap().to_owned();
    let agent = server.agent();
    let chat = agent.accept().await;
    phone.fetch_all().await;
    (phone, agent, chat, id)
}

/// The visitor requests a chat once more, as from another tab or device.
async fn goes_on(server: &TestServer, id: &str, more: Value) -> Visitor {
    let mut laptop = server.visitor().await;
    let mut init = json!({ "visitorId": id });
    init.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    laptop.init_with(init).await.ok();
    laptop
}

/// The types of all messages that are queued.
async fn kinds(visitor: &mut Visitor) -> Vec<String> {
    let all = visitor.fetch_all().await.into_iter();
    all.map(|(kind, _)| kind).collect()
}

/// The texts of events that the visitor wrote elsewhere, and of the agent's messages.
async fn texts(visitor: &mut Visitor) -> Vec<String> {
    let mut texts = Vec::new();
    for (kind, message) in visitor.fetch_all().await {
        match kind.as_str() {
            "ChatMessage" => texts.push(message["text"].as_str().unwrap().to_owned()),
            "CustomEvent" => {
                let data = message["data"].as_str().unwrap();
                let event: Value = serde_json::from_str(data).unwrap();
                let text = event["text"]
                    .as_str()
                    .unwrap_or(event["type"].as_str().unwrap());
                texts.push(text.to_owned());
            }
            _ => {}
        }
    }
    texts
}

#[tokio::test(start_paused = true)]
async fn a_second_device_goes_on_in_the_same_thread() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    phone.say("from the phone").await.ok();
    agent.say(&chat, "hello").await;
    agent.note(&chat, "between us").await;
    let page = json!({ "url": "https://shop.example/hats", "pageTitle": "Hats" });
    let mut laptop = goes_on(&server, &id, page).await;
    let joined = laptop.poll().await;
    assert_eq!(
        joined.kinds(),
        ["ChatRequestSuccess", "ChasitorSessionData"]
    );
    assert_eq!(
        joined.message("ChatRequestSuccess")["visitorId"],
        id.as_str()
    );
    let data = joined.message("ChasitorSessionData");
    let entries = data["chatMessages"].as_array().unwrap();
    let said = |kind: &str| {
        let of_kind = entries.iter().filter(|entry| entry["type"] == kind);
        of_kind
            .map(|entry| entry["content"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(said("Chasitor"), ["from the phone"]);
    assert_eq!(said("Agent"), ["hello"]);
    assert!(!joined.text.contains("between us"));
    assert_eq!(data["agent"]["userId"], agent.id.as_str());

    phone.fetch_all().await;
    laptop.say("from the laptop").await.ok();
    phone.say("and from the phone").await.ok();
    agent.say(&chat, "both, please").await;
    assert_eq!(texts(&mut phone).await, ["from the laptop", "both, please"]);
    assert_eq!(
        texts(&mut laptop).await,
        ["and from the phone", "both, please"]
    );

    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    let pages = shown["users"][0]["last_visit"]["last_pages"]
        .as_array()
        .unwrap();
    assert_eq!(pages.last().unwrap()["title"], "Hats");
    let archives = agent.act("list_archives", json!({})).await;
    assert_eq!(archives["chats"].as_array().unwrap().len(), 1);
    // The end is told on both, whoever asks for it.
    laptop.post("ChatEnd", json!({})).await.ok();
    for device in [&mut phone, &mut laptop] {
        assert_eq!(kinds(device).await, ["ChatEnded"]);
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_keeps_their_place_on_another_device() {
    let server = TestServer::new().await;
    let agent = server.agent();
    agent.comes().await;
    server.waiting_visitor().await;
    let mut phone = server.visitor().await;
    phone.init().await.ok();
    let success = phone.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["queuePosition"], 2);
    let id = success["visitorId"].as_str().unwrap();
    let mut laptop = goes_on(&server, id, json!({})).await;
    let joined = laptop.poll().await;
    assert_eq!(joined.message("ChatRequestSuccess")["queuePosition"], 2);
    assert_eq!(joined.message("ChasitorSessionData")["queuePosition"], 2);
    assert_eq!(agent.waiting().await.len(), 2);
    agent.accept().await;
    agent.accept().await;
    for device in [&mut phone, &mut laptop] {
        let kinds = kinds(device).await;
        assert!(kinds.contains(&"ChatEstablished".to_owned()), "{kinds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_has_to_be_there_to_go_on() {
    let server = TestServer::new().await;
    let (mut phone, agent, _, id) = in_a_chat(&server).await;
    agent.status("not_accepting_chats").await;
    let mut laptop = goes_on(&server, &id, json!({})).await;
    assert_eq!(
        laptop.poll().await.kinds(),
        ["ChatRequestSuccess", "ChasitorSessionData"]
    );
    // The repeat of a request whose answer was lost.
    laptop.init_with(json!({ "visitorId": id })).await.ok();
    assert_eq!(laptop.fetch_all().await, []);
    assert_eq!(phone.fetch_all().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_device_can_ask_to_go_on_and_for_nothing_else() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    let continues = json!({ "continueOnly": true });
    let mut laptop = goes_on(&server, &id, continues.clone()).await;
    assert_eq!(
        laptop.poll().await.kinds(),
        ["ChatRequestSuccess", "ChasitorSessionData"]
    );
    phone.post("ChatEnd", json!({})).await.ok();
    let mut late = goes_on(&server, &id, continues).await;
    assert_eq!(late.poll().await.kinds(), ["ChatRequestFail"]);
    assert_eq!(agent.thread(&chat).await["active"], false);
    assert!(agent.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn answers_to_the_form_are_added_and_shown() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    let form = json!({ "form_id": "f", "fields": [
        { "id": "1", "type": "question", "label": "What is it about?", "answer": "A parcel" },
    ] });
    let mut laptop = goes_on(&server, &id, json!({ "prechatForm": form })).await;
    laptop.poll().await.status(200);
    assert_eq!(texts(&mut phone).await, ["filled_form"]);
    let log = agent.thread(&chat).await["events"].to_string();
    assert!(log.contains("A parcel"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_device_ends_nothing_while_another_is_there() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    let mut laptop = goes_on(&server, &id, json!({})).await;
    laptop.fetch_all().await;
    let customer = async || {
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        shown["users"][0].clone()
    };
    for _ in 0..70 {
        seconds(30).await;
        phone.poll().await;
        server.app.run_maintenance().await.unwrap();
        assert_eq!(customer().await["present"], true);
    }
    // The laptop was closed more than half an hour ago.
    laptop.say("gone").await.status(403);
    phone.say("still here").await.ok();
    for _ in 0..70 {
        seconds(30).await;
        server.app.run_maintenance().await.unwrap();
    }
    assert_eq!(agent.thread(&chat).await["active"], false);
}

#[tokio::test(start_paused = true)]
async fn the_visitor_is_away_when_no_device_is_there() {
    let server = TestServer::new().await;
    let (phone, agent, chat, id) = in_a_chat(&server).await;
    let mut laptop = goes_on(&server, &id, json!({})).await;
    laptop.poll().await.status(200);
    let present = async || {
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        shown["users"][0]["present"].clone()
    };
    seconds(90).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(present().await, false);
    phone.poll_acking(phone.ack).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(present().await, true);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_polls_twice_ends_only_its_own_session() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    let mut laptop = goes_on(&server, &id, json!({})).await;
    laptop.fetch_all().await;
    let first = laptop.poll_in_background();
    seconds(1).await;
    laptop.poll_acking(laptop.ack).await.status(409);
    drop(first);
    phone.say("still here").await.ok();
    assert_eq!(agent.log(&chat).await, ["still here"]);
    laptop.say("gone").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_always_begins_anew_costs_little() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    for _ in 0..12 {
        seconds(1).await;
        goes_on(&server, &id, json!({})).await;
    }
    let thread = agent.thread(&chat).await["id"].clone();
    let thread = thread.as_str().unwrap().into();
    let mut tx = server.store().read().await.unwrap();
    assert_eq!(tx.sessions_of(&thread).await.unwrap().len(), 10);
    drop(tx);
    // The oldest are closed.
    phone.say("hello").await.status(403);
}

/// The list of conversations, by the id of the device: at once, or when it changes.
async fn history(server: &TestServer, id: &str, known: Option<&str>) -> TestResponse {
    let path = match known {
        Some(known) => format!("Visitor/History?known={known}&hold=20000"),
        None => "Visitor/History".to_owned(),
    };
    let request = TestRequest::get(&path).header("x-chat-visitor-id", id);
    server.stranger().request(request).await.status(200)
}

fn version(answer: &TestResponse) -> String {
    let history = answer.message("History");
    history["version"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_device_that_waits_is_told_at_once_what_an_agent_begins() {
    let server = TestServer::new().await;
    let (mut phone, agent, chat, id) = in_a_chat(&server).await;
    agent.end(&chat).await;
    phone.fetch_all().await;
    let known = version(&history(&server, &id, None).await);
    // Nothing happens: it is held for as long as it was asked to be.
    let before = server.now();
    assert_eq!(version(&history(&server, &id, Some(&known)).await), known);
    assert_eq!(server.now().seconds_since(before), 20);
    // An unknown version is answered at once.
    let before = server.now();
    history(&server, &id, Some("other")).await;
    assert_eq!(server.now().seconds_since(before), 0);

    let waits = async { history(&server, &id, Some(&known)).await };
    let begins = async {
        seconds(3).await;
        let note = json!({ "type": "message", "text": "between us", "visibility": "agents" });
        let payload = json!({ "chat_id": chat, "event": note, "attach_to_last_thread": true });
        agent.act("send_event", payload).await;
        seconds(2).await;
        let resumed = json!({ "chat": { "id": chat } });
        agent.act("resume_chat", resumed).await;
    };
    let before = server.now();
    let (told, ()) = tokio::join!(waits, begins);
    assert_eq!(server.now().seconds_since(before), 5);
    let threads = told.message("History")["threads"].clone();
    assert_eq!(threads[0]["active"], true);
    assert_eq!(threads.as_array().unwrap().len(), 2);
    let mut again = goes_on(&server, &id, json!({})).await;
    let joined = again.poll().await;
    assert_eq!(
        joined.message("ChasitorSessionData")["agent"]["userId"],
        agent.id.as_str()
    );
    again.say("I am here").await.ok();
    assert_eq!(agent.log(&chat).await, ["I am here"]);
}

#[tokio::test(start_paused = true)]
async fn many_requests_that_wait_are_answered_at_once() {
    let server = TestServer::new().await;
    let (_, _, _, id) = in_a_chat(&server).await;
    let known = version(&history(&server, &id, None).await);
    let mut held = Vec::new();
    for _ in 0..10 {
        let (router, id, known) = (server.router.clone(), id.clone(), known.clone());
        held.push(tokio::spawn(async move {
            let path = format!("Visitor/History?known={known}&hold=20000");
            let request = TestRequest::get(&path).header("x-chat-visitor-id", &id);
            request.send_to(&router).await
        }));
    }
    seconds(1).await;
    let before = server.now();
    history(&server, &id, Some(&known)).await;
    assert_eq!(server.now().seconds_since(before), 0);
    for one in held {
        one.await.unwrap().status(200);
    }
}
