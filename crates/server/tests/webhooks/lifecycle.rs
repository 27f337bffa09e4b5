//! Chat sessions: which statuses are told, and what each says.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    receiver::{Receiver, SECRET},
    site::{Site, later},
};
use parlor_server::webhooks::WebhookSecret;

#[tokio::test]
async fn a_chat_is_created_handled_and_completed() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let mut visitor = site
        .visitor_with(json!({ "visitorName": "Liam Tait",
            "prechatDetails": [{ "label": "Company", "value": "DeskDirector" }] }))
        .await;
    later(20).await;
    let chat = site.agent.accept().await;
    later(10).await;
    visitor.poll().await;
    visitor.say("Is it blue?").await.ok();
    let said = site.agent.say(&chat, "It is.").await;
    later(50).await;
    site.agent.note(&chat, "He is nice.").await;
    site.agent.end(&chat).await;
    site.deliver().await;
    let received = receiver.take();
    let events: Vec<_> = received
        .iter()
        .map(|it| it.header("x-parlor-event"))
        .collect();
    let changed = "chat_session_status_changed";
    assert_eq!(events, ["new_chat_session", changed, changed]);

    let site_id = site.server.site.organization_id.to_string();
    let thread = site.agent.thread(&chat).await;
    let liam = json!({
        "entityId": 2, "name": "Liam Tait", "userId": format!("{site_id}~c~2"),
        "company": { "entityId": 1, "name": "DeskDirector", "identifier": "DeskDirector" }
    });
    let organization = site
        .server
        .store()
        .read()
        .await
        .unwrap()
        .organization()
        .await;
    let andy = json!({
        "entityId": 4, "name": "Andy", "userId": format!("{site_id}~m~4"),
        "company": { "entityId": 3, "name": organization.unwrap().unwrap().name,
            "identifier": site_id }
    });
    let created = received[0].session();
    let created_at = created["createdDateTime"].clone();
    assert_eq!(
        created,
        json!({
            "id": thread["id"],
            "name": "Chat Request from Liam Tait at DeskDirector",
            "type": "request",
            "status": "created",
            "pastStatus": [],
            "report": { "creatorWaited": 0, "handledDateTime": "", "chatDuration": 0 },
            "creator": liam,
            "targetUsers": [],
            "closedDateTime": "",
            "users": [liam],
            "participants": [liam],
            "createdDateTime": created_at,
            "lastModifiedDateTime": created_at,
        })
    );
    let handled = received[1].session();
    let handled_at = handled["lastModifiedDateTime"].clone();
    assert_eq!(
        handled,
        json!({
            "id": thread["id"],
            "name": "Chat Request from Liam Tait at DeskDirector",
            "type": "request",
            "status": "handled",
            "pastStatus": [],
            "report": { "creatorWaited": 20, "handledDateTime": handled_at, "chatDuration": 0 },
            "creator": liam,
            "targetUsers": [],
            "closedDateTime": "",
            "users": [liam, andy],
            "participants": [liam, andy],
            "createdDateTime": created_at,
            "lastModifiedDateTime": handled_at,
        })
    );
    let completed = received[2].session();
    let closed_at = completed["closedDateTime"].clone();
    assert_eq!(
        completed,
        json!({
            "id": thread["id"],
            "name": "Chat Request from Liam Tait at DeskDirector",
            "type": "request",
            "status": "completed",
            "pastStatus": ["handled"],
            "report": { "creatorWaited": 20, "handledDateTime": handled_at, "chatDuration": 60 },
            "creator": liam,
            "targetUsers": [],
            "closeRecord": { "user": andy, "note": "Andy closed the chat",
                "lastModifiedDateTime": closed_at },
            "closedDateTime": closed_at,
            "users": [],
            "participants": [liam, andy],
            "lastMessageId": said,
            "createdDateTime": created_at,
            "lastModifiedDateTime": closed_at,
        })
    );
}

#[tokio::test]
async fn each_request_is_signed_over_its_bytes() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    site.visitor_with(json!({ "visitorName": "Jon ☺" })).await;
    site.deliver().await;
    let [it] = &receiver.take()[..] else {
        panic!("expected one");
    };
    let secret = WebhookSecret::parse(SECRET.as_bytes()).unwrap();
    assert_eq!(
        it.header("x-hub-signature-256"),
        secret.hub_signature(&it.body)
    );
    let time: i64 = it.header("webhook-timestamp").parse().unwrap();
    assert!((site.server.now().0 / 1_000_000 - time).abs() < 60);
    let signature = secret.standard_signature(it.header("webhook-id"), time, &it.body);
    assert_eq!(it.header("webhook-signature"), signature);
    assert_eq!(it.header("content-type"), "application/json");
    assert!(it.header("user-agent").starts_with("parlor/"));
}

#[tokio::test]
async fn a_visitor_who_gives_up_is_missed() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let mut visitor = site.server.waiting_visitor().await;
    later(30).await;
    visitor
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    site.deliver().await;
    let received = receiver.take();
    let missed = received[1].session();
    assert_eq!(missed["status"], "missed");
    assert_eq!(missed["pastStatus"], json!([]));
    assert_eq!(missed["report"]["creatorWaited"], 30);
    assert_eq!(missed["report"]["handledDateTime"], "");
    assert_eq!(missed["closeRecord"]["user"], missed["creator"]);
    assert_eq!(missed["closeRecord"]["note"], "The visitor ended the chat");
    assert_eq!(received.len(), 2);
}

#[tokio::test]
async fn a_message_that_is_left_is_missed_and_a_callback_is_one() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    site.agent.status("not_accepting_chats").await;
    site.server
        .set(|settings| settings.callback = Some(Default::default()))
        .await;
    site.leave_message("Jon", json!({})).await;
    site.deliver().await;
    let received = receiver.take();
    let statuses: Vec<Value> = received
        .iter()
        .map(|it| it.session()["status"].clone())
        .collect();
    assert_eq!(statuses, ["created", "missed"]);
    assert_eq!(received[0].session()["closedDateTime"], "");
    assert_eq!(received[0].session()["users"][0]["name"], "Jon");

    let tomorrow = site.server.now().plus(Duration::from_secs(24 * 3600));
    let times = json!([{ "start": tomorrow.to_rfc3339(),
        "end": tomorrow.plus(Duration::from_secs(3600)).to_rfc3339() }]);
    let callback = json!({ "type": "phone", "phone": "+64 9 123 4567", "preferredTime": times });
    site.leave_message("Kim", json!({ "callback": callback }))
        .await;
    site.deliver().await;
    let received = receiver.take();
    let statuses: Vec<Value> = received
        .iter()
        .map(|it| it.session()["status"].clone())
        .collect();
    assert_eq!(statuses, ["created", "callback"]);
    let session = received[1].session();
    assert_eq!(
        session["callback"],
        json!({ "type": "phone", "phone": "+64 9 123 4567", "preferredTime": times,
            "note": "It is me, Kim." })
    );
    // Done is done: nothing follows.
    let open = json!({ "chat_id": "", "thread_id": "" });
    let listed = site
        .agent
        .act("list_offline_messages", json!({ "callbacks": true }))
        .await;
    let mut done = open;
    for key in ["chat_id", "thread_id"] {
        done[key] = listed["messages"].as_array().unwrap().last().unwrap()[key].clone();
    }
    done["is_open"] = json!(false);
    done["outcome"] = json!("done");
    site.agent.act("update_offline_message", done).await;
    site.deliver().await;
    assert_eq!(receiver.take_statuses(), Vec::<String>::new());
}

#[tokio::test]
async fn an_agent_who_leaves_and_one_who_comes_change_no_status() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let (_visitor, agent, chat) = site.server.visitor_with_agent().await;
    let colleague = site.server.colleague("Bea").await;
    agent.leave(&chat).await;
    colleague.take(&chat).await;
    colleague.transfer(&chat, &agent).await;
    agent.end(&chat).await;
    site.deliver().await;
    let received = receiver.take();
    let last = received.last().unwrap().session();
    let people = last["participants"].as_array().unwrap();
    let names: Vec<_> = people.iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["Jon A.", "Andy", "Bea"]);
    assert_eq!(received.len(), 3);
}

/// What the visitor says is the state of its event, not of the time at which it is sent.
#[tokio::test]
async fn a_webhook_says_how_it_was() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let (_visitor, agent, chat) = site.server.visitor_with_agent().await;
    agent.end(&chat).await;
    later(3600).await;
    site.deliver().await;
    assert_eq!(
        receiver.take_statuses(),
        ["created", "handled", "completed"]
    );
}

#[tokio::test]
async fn a_visitor_whom_an_agent_writes_to_is_a_target_until_they_answer() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let mut visitor = site.visitor_with(json!({})).await;
    let success = visitor.poll().await.message("ChatRequestSuccess");
    let agent = &site.agent;
    let chat = agent.accept().await;
    agent.end(&chat).await;
    site.deliver().await;
    receiver.take();
    let event = json!({ "type": "message", "text": "One more thing", "visibility": "all" });
    agent
        .act(
            "resume_chat",
            json!({ "chat": { "id": chat, "thread": { "events": [event] } } }),
        )
        .await;
    site.deliver().await;
    let created = receiver.take().remove(0).session();
    assert_eq!(created["type"], "push");
    assert_eq!(created["status"], "created");
    assert_eq!(created["creator"]["name"], "Andy");
    let names = |session: &Value, list: &str| -> Vec<Value> {
        let users = session[list].as_array().unwrap();
        users.iter().map(|it| it["name"].clone()).collect()
    };
    assert_eq!(names(&created, "targetUsers"), ["Jon A."]);
    assert_eq!(names(&created, "users"), ["Andy"]);
    assert_eq!(names(&created, "participants"), ["Andy"]);

    later(15).await;
    // The visitor comes back, and goes on in it.
    let asked = json!({ "visitorId": success["visitorId"], "continueOnly": true });
    let mut back = site.visitor_with(asked).await;
    back.poll().await;
    site.deliver().await;
    assert_eq!(
        receiver.take_statuses(),
        Vec::<String>::new(),
        "reading is no answer"
    );
    back.say("Yes?").await.ok();
    site.deliver().await;
    let handled = receiver.take().remove(0).session();
    assert_eq!(handled["status"], "handled");
    assert_eq!(handled["report"]["creatorWaited"], 15);
    assert_eq!(
        handled["report"]["handledDateTime"],
        handled["lastModifiedDateTime"]
    );
    assert_eq!(names(&handled, "targetUsers"), Vec::<Value>::new());
    assert_eq!(names(&handled, "users"), ["Jon A.", "Andy"]);
    assert_eq!(names(&handled, "participants"), ["Jon A.", "Andy"]);
    agent.end(&chat).await;
    site.deliver().await;
    assert_eq!(receiver.take_statuses(), ["completed"]);
}

#[tokio::test]
async fn a_visitor_who_does_not_answer_an_agent_is_missed() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let (_visitor, agent, chat) = site.server.visitor_with_agent().await;
    agent.end(&chat).await;
    agent
        .act("resume_chat", json!({ "chat": { "id": chat } }))
        .await;
    agent.end(&chat).await;
    site.deliver().await;
    let received = receiver.take();
    let last = received.last().unwrap().session();
    assert_eq!(last["status"], "missed");
    assert_eq!(last["targetUsers"][0]["name"], "Jon A.");
    assert_eq!(last["closeRecord"]["user"]["name"], "Andy");
    assert_eq!(received.len(), 5);
}

#[tokio::test]
async fn only_chosen_events_are_sent() {
    let receiver = Receiver::start().await;
    let mut config = receiver.config("crm");
    config.events = ["chat_session_status_changed"].into();
    let site = Site::new(vec![config]).await;
    site.server.visitor_with_agent().await;
    site.deliver().await;
    assert_eq!(receiver.take_statuses(), ["handled"]);
}
