//! Groups: an agent sees the chats of their groups, and no others.

use serde_json::{Value, json};

use crate::actors::{Agent, Console, TestServer, Visitor, ids};

/// The button of the group 2.
const SALES: &str = "573SALES";

impl TestServer {
    /// Ada answers the visitors of Support, the group 1, and Bob those of Sales,
    /// the group 2.
    async fn two_groups() -> Self {
        let server = Self::new().await;
        server.add_group(2, "Sales", SALES).await;
        server.set_groups(&server.ada, &["Support"]).await;
        server.set_groups(&server.bob, &["Sales"]).await;
        server
    }
}

async fn support(server: &TestServer, name: &str) -> (Visitor, String) {
    waits(server, server.site.button_id.as_str(), name).await
}

async fn sales(server: &TestServer, name: &str) -> (Visitor, String) {
    waits(server, SALES, name).await
}

/// A visitor who waits for a button, and their chat.
async fn waits(server: &TestServer, button: &str, name: &str) -> (Visitor, String) {
    let init = json!({"visitorName": name, "buttonId": button});
    let visitor = Visitor::comes(server, init).await;
    let agent = if button == SALES {
        &server.bob
    } else {
        &server.ada
    };
    let chats = agent.chats().await;
    (visitor, chats[0].clone())
}

/// Whether the chat is one of another group for them.
async fn is_refused(agent: &Agent, chat: &str) -> bool {
    let (status, _) = agent.fails("get_chat", json!({"chat_id": chat})).await;
    status == 403
}

/// The actions of these pushes.
fn actions(pushes: &[Value]) -> Vec<&str> {
    pushes
        .iter()
        .map(|push| push["action"].as_str().unwrap())
        .collect()
}

/// What the console was pushed of chats, up to a push that goes to everybody.
async fn pushed(console: &mut Console, server: &TestServer) -> Vec<Value> {
    for status in ["not_accepting_chats", "accepting_chats"] {
        let status = json!({"status": status});
        server.ada.done("set_routing_status", status).await;
    }
    let mut pushes = Vec::new();
    let mut has_paused = false;
    loop {
        let push = console.push().await;
        if push["action"] != "routing_status_set" {
            pushes.push(push);
        } else if push["payload"]["agent_id"] == server.ada.id.as_str() {
            match push["payload"]["status"].as_str() {
                Some("not_accepting_chats") => has_paused = true,
                _ if has_paused => return pushes,
                _ => {}
            }
        }
    }
}

fn chat_of(push: &Value) -> &str {
    let payload = &push["payload"];
    let id = match &payload["chat_id"] {
        Value::Null => &payload["chat"]["id"],
        id => id,
    };
    id.as_str().unwrap()
}

async fn archived(agent: &Agent, payload: Value) -> (Vec<String>, Value) {
    let list = agent.act("list_archives", payload).await;
    (ids(&list["chats"]), list["found_chats"].clone())
}

#[tokio::test]
async fn lists_have_the_chats_of_the_agents_groups() {
    let server = TestServer::two_groups().await;
    let (_jon, jons) = support(&server, "Jon").await;
    let (_sue, sues) = sales(&server, "Sue").await;
    for (agent, other, chat, group) in [(&server.ada, 2, &jons, 1), (&server.bob, 1, &sues, 2)] {
        let list = agent.act("list_chats", json!({})).await;
        assert_eq!(ids(&list["chats_summary"]), [chat.as_str()]);
        assert_eq!(list["found_chats"], 1);
        let access = json!({"group_ids": [group]});
        let summary = &list["chats_summary"][0];
        assert_eq!(summary["access"], access);
        assert_eq!(summary["last_thread_summary"]["access"], access);
        let shown = agent.chat(chat).await;
        assert_eq!(
            (&shown["access"], &shown["thread"]["access"]),
            (&access, &access)
        );
        let expected = (vec![chat.clone()], json!(1));
        assert_eq!(archived(agent, json!({})).await, expected);
        let from = json!({"filters": {"from": "2020-01-01T00:00:00Z"}});
        assert_eq!(archived(agent, from).await, expected);
        let nothing = json!({"filters": {"group_ids": [other]}});
        assert_eq!(archived(agent, nothing.clone()).await, (vec![], json!(0)));
        let list = agent.act("list_chats", nothing).await;
        assert_eq!(list["found_chats"], 0);
    }
    let address = server.listen().await;
    let (_, login) = Console::since(address, &server.bob.token, None).await;
    assert_eq!(ids(&login["chats_summary"]), [sues.as_str()]);
    assert_eq!(login["my_profile"]["group_ids"], json!([2]));
    let groups = server.ada.act("list_groups", json!({})).await;
    assert_eq!(
        groups,
        json!([
            {"id": 1, "name": "Support", "routing_status": "accepting_chats"},
            {"id": 2, "name": "Sales", "routing_status": "accepting_chats"},
        ])
    );
    let filters = json!({"filters": {"group_ids": [2]}});
    let statuses = server.ada.act("list_routing_statuses", filters).await;
    assert_eq!(statuses.as_array().unwrap().len(), 1);
    assert_eq!(statuses[0]["agent_id"], server.bob.id.as_str());
}

/// Everything that an agent can do with a chat.
fn everything(
    chat: &str,
    thread: &str,
    event: &str,
    customer: &str,
    bob: &str,
) -> Vec<(&'static str, Value)> {
    let user = json!({"chat_id": chat, "user_id": bob, "user_type": "agent"});
    let of_chat = json!({"chat_id": chat, "properties": {"a": {"b": 1}}});
    let gone = json!({"a": ["b"]});
    let with = |mut of: Value, more: Value| {
        of.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        of
    };
    let of_thread = with(of_chat.clone(), json!({"thread_id": thread}));
    let of_event = with(of_thread.clone(), json!({"event_id": event}));
    let deleted = json!({ "properties": gone });
    let message = json!({"type": "message", "text": "Hello"});
    vec![
        ("get_chat", json!({"chat_id": chat})),
        ("decline_chat", json!({"chat_id": chat})),
        ("get_chat", json!({"chat_id": chat, "thread_id": thread})),
        ("get_chat", json!({"chat_id": chat, "thread_id": "none"})),
        ("list_threads", json!({"chat_id": chat})),
        ("get_customer", json!({"id": customer})),
        (
            "start_chat",
            json!({"chat": {"users": [{"id": customer, "type": "customer"}]}}),
        ),
        ("resume_chat", json!({"chat": {"id": chat}})),
        ("deactivate_chat", json!({"id": chat})),
        ("follow_chat", json!({"id": chat})),
        ("unfollow_chat", json!({"id": chat})),
        ("add_user_to_chat", user.clone()),
        (
            "add_user_to_chat",
            with(user.clone(), json!({"visibility": "agents"})),
        ),
        ("remove_user_from_chat", user),
        ("list_agents_for_transfer", json!({"chat_id": chat})),
        ("transfer_chat", json!({"id": chat})),
        (
            "transfer_chat",
            json!({"id": chat, "target": {"type": "group", "ids": [1]}}),
        ),
        (
            "transfer_chat",
            json!({"id": chat, "target": {"type": "agent", "ids": [bob]}}),
        ),
        ("send_event", json!({"chat_id": chat, "event": message})),
        (
            "send_event",
            json!({"chat_id": chat, "event": message, "attach_to_last_thread": true}),
        ),
        (
            "send_typing_indicator",
            json!({"chat_id": chat, "is_typing": true}),
        ),
        (
            "mark_events_as_seen",
            json!({"chat_id": chat, "seen_up_to": "2026-01-01T00:00:00Z"}),
        ),
        (
            "send_rich_message_postback",
            json!({"chat_id": chat, "thread_id": thread, "event_id": event, "postback": {"id": "a", "toggled": true}}),
        ),
        (
            "tag_thread",
            json!({"chat_id": chat, "thread_id": thread, "tag": "a"}),
        ),
        (
            "untag_thread",
            json!({"chat_id": chat, "thread_id": thread, "tag": "a"}),
        ),
        (
            "update_chat_properties",
            json!({"id": chat, "properties": {"a": {"b": 1}}}),
        ),
        (
            "delete_chat_properties",
            json!({"id": chat, "properties": gone}),
        ),
        ("update_thread_properties", of_thread.clone()),
        ("delete_thread_properties", with(of_thread, deleted.clone())),
        ("update_event_properties", of_event.clone()),
        ("delete_event_properties", with(of_event, deleted)),
        ("request_file", json!({"chat_id": chat})),
    ]
}

#[tokio::test]
async fn whatever_is_wanted_with_a_chat_of_another_group_is_refused_alike() {
    let server = TestServer::two_groups().await;
    let (mut sue, waiting) = sales(&server, "Sue").await;
    let (mut ann, active) = sales(&server, "Ann").await;
    let (mut kim, ended) = sales(&server, "Kim").await;
    server.bob.accept(&active).await;
    server.bob.accept(&ended).await;
    for visitor in [&mut sue, &mut ann, &mut kim] {
        visitor.say("the secret").await;
    }
    kim.end().await;
    for chat in [&waiting, &active, &ended] {
        let before = server.bob.chat(chat).await;
        let thread = before["thread"]["id"].as_str().unwrap();
        let events = before["thread"]["events"].as_array().unwrap();
        let event = events.iter().find(|it| it["type"] == "message").unwrap();
        let event = event["id"].as_str().unwrap();
        let customer = before["users"][0]["id"].as_str().unwrap();
        for (action, payload) in everything(chat, thread, event, customer, &server.bob.id) {
            let answer = server.ada.ask(action, payload.clone()).await;
            assert_eq!(
                answer.failure(),
                (403, "authorization"),
                "{action} {payload}"
            );
            let words = &answer.body["error"]["message"];
            assert_eq!(words, "the chat is not one of your groups", "{action}");
        }
        assert_eq!(server.bob.chat(chat).await, before);
    }
    // A chat that does not exist is no secret.
    let failure = server
        .ada
        .fails("get_chat", json!({"chat_id": "none"}))
        .await;
    assert_eq!(failure, (404, "not_found".to_owned()));
}

#[tokio::test]
async fn pushes_reach_the_agents_of_the_chats_group() {
    let server = TestServer::two_groups().await;
    let address = server.listen().await;
    let mut ada = Console::of(address, &server.ada.token).await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let (mut jon, jons) = support(&server, "Jon").await;
    let (mut sue, sues) = sales(&server, "Sue").await;
    server.bob.accept(&sues).await;
    for visitor in [&mut jon, &mut sue] {
        visitor.say("Hello").await;
        visitor.post("ChasitorTyping", json!({})).await;
        visitor
            .post("ChasitorSneakPeek", json!({"position": 0, "text": "a"}))
            .await;
    }
    for (console, chat, expected) in [(&mut ada, &jons, 4), (&mut bob, &sues, 6)] {
        let pushes = pushed(console, &server).await;
        assert!(pushes.len() >= expected, "{:?}", actions(&pushes));
        for push in &pushes {
            assert_eq!(chat_of(push), chat, "{push}");
        }
    }
    // The same when it catches up.
    let (mut again, login) = Console::since(address, &server.ada.token, Some(0)).await;
    assert_eq!(login["fresh"], false);
    let pushes = pushed(&mut again, &server).await;
    let mut of_chats: Vec<&str> = Vec::new();
    for push in pushes.iter().filter(|it| it["action"] == "incoming_chat") {
        of_chats.push(chat_of(push));
    }
    assert_eq!(of_chats, [jons.as_str()]);
}

#[tokio::test]
async fn a_chat_that_goes_to_another_group_leaves_the_first() {
    let server = TestServer::two_groups().await;
    let eve = server.agent("Eve", &["Support", "Sales"]).await;
    let address = server.listen().await;
    let (mut jon, chat) = support(&server, "Jon").await;
    server.ada.accept(&chat).await;
    jon.poll().await;
    let mut ada = Console::of(address, &server.ada.token).await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let mut both = Console::of(address, &eve.token).await;
    let payload =
        json!({"id": chat, "target": {"type": "group", "ids": [2]}, "note": "He wants a hat"});
    server.ada.done("transfer_chat", payload).await;
    jon.say("Hello?").await;

    let of_ada = pushed(&mut ada, &server).await;
    assert_eq!(actions(&of_ada).last(), Some(&"chat_access_updated"));
    let updated = &of_ada.last().unwrap()["payload"];
    assert_eq!(*updated, json!({"id": chat, "access": {"group_ids": [2]}}));
    assert!(actions(&of_ada).contains(&"chat_transferred"));
    let of_bob = pushed(&mut bob, &server).await;
    assert_eq!(actions(&of_bob), ["incoming_chat", "incoming_event"]);
    let incoming = &of_bob[0]["payload"];
    assert_eq!(incoming["transferred_from"], json!({"group_ids": [1]}));
    assert_eq!(incoming["requester_id"], server.ada.id.as_str());
    assert_eq!(incoming["chat"]["access"], json!({"group_ids": [2]}));
    assert_eq!(incoming["chat"]["thread"]["queue"]["position"], 1);
    let events = incoming["chat"]["thread"]["events"].as_array().unwrap();
    let note = events.iter().find(|it| it["text"] == "He wants a hat");
    assert_eq!(note.unwrap()["visibility"], "agents");
    // Who sees it all the time gets it once.
    let of_both = pushed(&mut both, &server).await;
    assert!(!actions(&of_both).contains(&"incoming_chat"), "{of_both:?}");
    assert_eq!(actions(&of_both).last(), Some(&"incoming_event"));

    assert_eq!(jon.kinds().await[0], "AgentDisconnect");
    assert!(is_refused(&server.ada, &chat).await);
    server.bob.accept(&chat).await;
}

#[tokio::test]
async fn a_waiting_chat_waits_in_the_other_group() {
    let server = TestServer::two_groups().await;
    let (_first, _) = sales(&server, "Sue").await;
    let (mut jon, chat) = support(&server, "Jon").await;
    jon.poll().await;
    let payload = json!({"id": chat, "target": {"type": "group", "ids": [2]}});
    server.ada.done("transfer_chat", payload).await;
    assert_eq!(
        server.bob.chat(&chat).await["thread"]["queue"]["position"],
        2
    );
    let updates = jon.poll().await;
    assert_eq!(updates[0].0, "QueueUpdate");
    assert_eq!(updates[0].1["position"], 2);
}

#[tokio::test]
async fn a_chat_that_goes_to_an_agent_of_another_group_goes_to_the_group() {
    let server = TestServer::two_groups().await;
    let nobody = server.agent("Nell", &[]).await;
    let address = server.listen().await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let (mut jon, chat) = support(&server, "Jon").await;
    server.ada.accept(&chat).await;
    jon.poll().await;
    let to = |agent: &Agent| json!({"id": chat, "target": {"type": "agent", "ids": [agent.id]}});
    server.ada.is_invalid("transfer_chat", to(&nobody)).await;
    server.ada.done("transfer_chat", to(&server.bob)).await;
    let incoming = bob.next("incoming_chat").await;
    assert_eq!(
        incoming["payload"]["chat"]["access"],
        json!({"group_ids": [2]})
    );
    assert_eq!(jon.kinds().await, ["ChatTransferred"]);
    assert!(is_refused(&server.ada, &chat).await);
    // Who leaves it leaves it to the group's queue.
    let user = json!({"chat_id": chat, "user_id": server.bob.id, "user_type": "agent"});
    server.bob.done("remove_user_from_chat", user).await;
    let (_sue, _) = sales(&server, "Sue").await;
    let queue = &server.bob.chat(&chat).await["thread"]["queue"];
    assert_eq!(queue["position"], 1);
}

#[tokio::test]
async fn an_agent_of_another_group_is_not_brought_into_a_chat() {
    let server = TestServer::two_groups().await;
    let (_jon, chat) = support(&server, "Jon").await;
    for visibility in ["all", "agents"] {
        let user = json!({"chat_id": chat, "user_id": server.bob.id, "user_type": "agent", "visibility": visibility});
        server.ada.is_invalid("add_user_to_chat", user).await;
    }
    let chat = json!({"users": [{"id": server.bob.id, "type": "agent"}]});
    server
        .ada
        .is_invalid("start_chat", json!({ "chat": chat }))
        .await;
}

#[tokio::test]
async fn groups_that_change_take_effect_while_the_console_is_open() {
    let server = TestServer::two_groups().await;
    let address = server.listen().await;
    let (mut jon, jons) = support(&server, "Jon").await;
    let (mut sue, sues) = sales(&server, "Sue").await;
    server.ada.accept(&jons).await;
    jon.poll().await;
    let mut ada = Console::of(address, &server.ada.token).await;
    server.set_groups(&server.ada, &["Sales"]).await;
    // Actions obey at once.
    assert_eq!(
        server
            .ada
            .fails("get_chat", json!({"chat_id": jons}))
            .await
            .0,
        403
    );
    assert_eq!(server.ada.chats().await, [sues.as_str()]);
    jon.say("Hello?").await;
    sue.say("Hello").await;
    let updated = ada.next("agent_groups_updated").await;
    let expected = json!({"agent_id": server.ada.id, "group_ids": [2]});
    assert_eq!(updated["payload"], expected);
    for push in pushed(&mut ada, &server).await {
        assert_eq!(chat_of(&push), sues, "{push}");
    }
    // Whoever they were talking with waits for their colleagues.
    server.app.run_maintenance().await.unwrap();
    let kinds = jon.kinds().await;
    assert_eq!(kinds, ["AgentDisconnect", "QueueUpdate"]);
}

#[tokio::test]
async fn earlier_conversations_stay_with_their_group() {
    let server = TestServer::two_groups().await;
    let (mut jon, chat) = support(&server, "Jon").await;
    let success = jon.poll().await;
    let visitor_id = success[0].1["visitorId"].clone();
    jon.end().await;
    let first = server.ada.chat(&chat).await["thread"]["id"].clone();
    let back = json!({"visitorName": "Jon", "buttonId": SALES, "visitorId": visitor_id});
    let _jon = Visitor::comes(&server, back).await;
    let second = server.bob.chat(&chat).await["thread"]["id"].clone();
    assert_ne!(first, second);

    let none: [&str; 0] = [];
    assert_eq!(server.ada.chats().await, none);
    assert!(is_refused(&server.ada, &chat).await);
    for (agent, own, other) in [
        (&server.ada, &first, &second),
        (&server.bob, &second, &first),
    ] {
        let shown = agent
            .act("get_chat", json!({"chat_id": chat, "thread_id": own}))
            .await;
        assert_eq!(&shown["thread"]["id"], own);
        let refused = json!({"chat_id": chat, "thread_id": other});
        assert_eq!(agent.fails("get_chat", refused).await.0, 403);
        let threads = agent.act("list_threads", json!({"chat_id": chat})).await;
        assert_eq!(threads["found_threads"], 1);
        assert_eq!(&threads["threads"][0]["id"], own);
        let archives = agent.act("list_archives", json!({})).await;
        assert_eq!(archives["found_chats"], 1);
        assert_eq!(&archives["chats"][0]["thread"]["id"], own);
    }
}

#[tokio::test]
async fn agents_do_not_change_the_status_of_others() {
    let server = TestServer::two_groups().await;
    let others = |agent: &Agent| json!({"status": "offline", "agent_id": agent.id});
    let refused = server
        .bob
        .fails("set_routing_status", others(&server.ada))
        .await;
    assert_eq!(refused, (403, "authorization".to_owned()));
    server
        .bob
        .done("set_routing_status", others(&server.bob))
        .await;
    // Ada is the owner.
    server
        .ada
        .done("set_routing_status", others(&server.bob))
        .await;
}

#[tokio::test]
async fn a_chat_is_started_for_one_of_the_agents_groups() {
    let server = TestServer::two_groups().await;
    let access = async |agent: &Agent, chat: Value| {
        let started = agent.act("start_chat", json!({ "chat": chat })).await;
        let id = started["chat_id"].as_str().unwrap().to_owned();
        agent.chat(&id).await["access"]["group_ids"].clone()
    };
    assert_eq!(access(&server.bob, json!({})).await, json!([2]));
    let everybody = json!({"access": {"group_ids": [0]}});
    assert_eq!(access(&server.bob, everybody).await, json!([0]));
    assert_eq!(server.ada.chats().await.len(), 1);
    let foreign = json!({"chat": {"access": {"group_ids": [1]}}});
    let refused = server.bob.fails("start_chat", foreign).await;
    assert_eq!(refused.0, 403);
    let several = json!({"chat": {"access": {"group_ids": [0, 2]}}});
    server.bob.is_invalid("start_chat", several).await;
}
