//! Visitors choose in a form who should answer.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::TestServer,
};

const SALES: &str = "573SALES";

/// Andy answers the visitors of the site's button, in group 1, and Ryan those of
/// `SALES`, in group 2. The button of group 3 belongs to another deployment.
async fn two_groups() -> (TestServer, Agent, Agent) {
    let server = TestServer::new().await;
    let (andy, ryan) = (server.agent(), server.colleague("Ryan").await);
    server.add_button(SALES, 2).await;
    server.add_button("573NOBODY", 4).await;
    server.add_button_elsewhere("573ELSEWHERE", 1).await;
    server.join(&andy, [1]).await;
    server.join(&ryan, [2]).await;
    (server, andy, ryan)
}

fn choosing(group: Value) -> Value {
    json!({ "form_id": "f", "fields": [
        { "type": "name", "id": "n", "label": "Name", "answer": "Jon" },
        { "type": "group_chooser", "id": "g", "label": "Who?",
            "answer": { "id": "0", "label": "They", "group_id": group } },
    ] })
}

async fn choose(visitor: &mut Visitor, custom_id: &str, group: i64) {
    let mut form = choosing(json!(group));
    form["type"] = json!("filled_form");
    form["custom_id"] = json!(custom_id);
    let event = json!({ "type": "filled_form", "data": form.to_string() });
    visitor.post("CustomEvent", event).await.ok();
}

#[tokio::test(start_paused = true)]
async fn before_a_chat_the_choice_decides_where_the_visitor_waits() {
    let (server, andy, ryan) = two_groups().await;
    let site_button = server.site.button_id.to_string();
    for (init, for_andy, for_ryan) in [
        (json!({ "prechatForm": choosing(json!(2)) }), 0, 1),
        (
            json!({ "prechatForm": choosing(json!(1)), "buttonId": SALES }),
            1,
            0,
        ),
        (json!({ "prechatForm": choosing(json!("2")) }), 0, 1),
        // No group that visitors of this deployment can choose.
        (json!({ "prechatForm": choosing(json!(99)) }), 1, 0),
        (json!({ "prechatForm": choosing(Value::Null) }), 1, 0),
        // The page insists.
        (
            json!({ "prechatForm": choosing(json!(2)), "buttonOverrides": [site_button] }),
            1,
            0,
        ),
        // The agent first, and then whom the visitor has chosen.
        (
            json!({ "prechatForm": choosing(json!(2)), "agentId": "005nobody", "doFallback": true }),
            0,
            1,
        ),
    ] {
        let mut visitor = server.visitor().await;
        visitor.init_with(init.clone()).await.ok();
        assert_eq!(
            visitor.poll().await.kinds(),
            ["ChatRequestSuccess"],
            "{init}"
        );
        assert_eq!(andy.waiting().await.len(), for_andy, "{init}");
        assert_eq!(ryan.waiting().await.len(), for_ryan, "{init}");
        visitor
            .post("ChatEnd", json!({ "reason": "client" }))
            .await
            .ok();
    }
    // Nobody answers for the group.
    let mut visitor = server.visitor().await;
    let init = json!({ "prechatForm": choosing(json!(4)) });
    visitor.init_with(init).await.ok();
    assert_eq!(visitor.poll().await.kinds(), ["ChatRequestFail"]);
}

#[tokio::test(start_paused = true)]
async fn in_a_chat_the_choice_gives_it_to_the_group() {
    let (server, andy, ryan) = two_groups().await;
    let mut visitor = server.waiting_visitor().await;
    let chat = andy.accept().await;
    visitor.poll().await;
    choose(&mut visitor, "c1", 2).await;
    assert_eq!(
        visitor.poll().await.kinds(),
        ["AgentDisconnect", "QueueUpdate"]
    );
    assert_eq!(ryan.waiting().await, std::slice::from_ref(&chat));
    assert_eq!(
        andy.request("get_chat", json!({ "chat_id": chat }))
            .await
            .status,
        403
    );
    // The same form again is the same choice.
    choose(&mut visitor, "c1", 2).await;
    assert_eq!(ryan.accept().await, chat);
    assert_eq!(visitor.poll().await.kinds(), ["ChatEstablished"]);
    choose(&mut visitor, "c1", 2).await;
    choose(&mut visitor, "c2", 2).await;
    visitor.poll().await.empty();
    let shown = ryan.act("get_chat", json!({ "chat_id": chat })).await;
    let events = shown["thread"]["events"].as_array().unwrap();
    let forms = events.iter().filter(|event| event["type"] == "filled_form");
    assert_eq!(forms.count(), 2);
    visitor.say("Still here").await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_waiting_visitor_waits_for_whom_they_choose() {
    let (server, andy, ryan) = two_groups().await;
    let mut other = server.visitor().await;
    other.init_with(json!({ "buttonId": SALES })).await.ok();
    let mut visitor = server.waiting_visitor().await;
    choose(&mut visitor, "c1", 2).await;
    let update = visitor.poll().await.message("QueueUpdate");
    assert_eq!(update["position"], 2);
    assert!(andy.waiting().await.is_empty());
    assert_eq!(ryan.waiting().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_choice_that_leads_nowhere_changes_nothing() {
    let (server, andy, ryan) = two_groups().await;
    ryan.status("not_accepting_chats").await;
    let mut visitor = server.waiting_visitor().await;
    let chat = andy.accept().await;
    visitor.poll().await;
    // The own group; nobody accepts chats; of another deployment; unknown.
    for (n, group) in [1, 2, 4, 3, 99, 0, -1].into_iter().enumerate() {
        choose(&mut visitor, &format!("c{n}"), group).await;
    }
    visitor.poll().await.empty();
    let shown = andy.act("get_chat", json!({ "chat_id": chat })).await;
    assert_eq!(shown["access"], json!({ "group_ids": [1] }));
    visitor
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    ryan.status("accepting_chats").await;
    // A form after the chat.
    choose(&mut visitor, "c9", 2).await;
    assert!(ryan.waiting().await.is_empty());
}

/// On another device, or once more on this one.
#[tokio::test(start_paused = true)]
async fn who_goes_on_elsewhere_and_chooses_anew_is_led_there() {
    let (server, andy, ryan) = two_groups().await;
    let mut phone = server.visitor().await;
    let first = json!({ "prechatForm": choosing(json!(1)) });
    phone.init_with(first).await.ok();
    let success = phone.poll().await.message("ChatRequestSuccess");
    assert_eq!(
        (andy.waiting().await.len(), ryan.waiting().await.len()),
        (1, 0)
    );
    let mut laptop = server.visitor().await;
    let anew = json!({ "prechatForm": choosing(json!(2)), "visitorId": success["visitorId"] });
    laptop.init_with(anew).await.ok();
    assert_eq!(
        (andy.waiting().await.len(), ryan.waiting().await.len()),
        (0, 1)
    );
    let joined = laptop.poll().await;
    assert_eq!(joined.message("ChasitorSessionData")["queuePosition"], 1);
}
