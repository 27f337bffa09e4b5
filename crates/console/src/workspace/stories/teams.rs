use parlor_wire::agent::Group;
use parlor_wire::{RoutingStatus, Visibility};

use super::*;

const SALES: i64 = 1;
const SUPPORT: i64 = 2;

fn group(id: i64, name: &str, routing_status: RoutingStatus) -> Group {
    Group {
        id,
        name: name.to_owned(),
        routing_status: Some(routing_status),
    }
}

fn of_group(mut chat: Value, group: i64) -> Value {
    chat["access"] = json!({ "group_ids": [group] });
    chat
}

/// Mia is in Sales, and there is Support. She answers Ada; Ben waits.
fn in_sales() -> TestConsole {
    let mut console = TestConsole::new();
    console.reply(Ok(profile("accepting_chats")));
    console.open_socket();
    let mut me = me("accepting_chats");
    me["group_ids"] = json!([SALES]);
    let chats = [
        of_group(summary("A", 1, Some(ME)), SALES),
        of_group(summary("B", 2, None), SALES),
        of_group(summary("C", 3, Some(BEA)), 0),
    ];
    console.login_reply(json!({
        "my_profile": me, "chats_summary": chats, "position": 100, "fresh": true,
    }));
    console.reply_groups(&[
        group(SALES, "Sales", RoutingStatus::AcceptingChats),
        group(SUPPORT, "Support", RoutingStatus::Offline),
    ]);
    while console.calls.iter().any(|(_, call)| is_fetch(call)) {
        let mut chat = full_chat("A", Some(ME), &[]);
        chat = of_group(chat, SALES);
        let chat = Reply::Chat(Box::new(decode_value(chat).unwrap()));
        console.reply_where(is_fetch, Ok(chat));
    }
    console.calls.clear();
    console.take_outputs();
    console
}

impl TestConsole {
    fn reply_groups(&mut self, groups: &[Group]) {
        let call = self.group_calls.pop().expect("a call for the groups");
        let reply = Reply::Groups(groups.to_vec());
        self.input(Input::CallReply(call, Ok(reply)));
    }
}

#[test]
fn the_team_is_named_where_there_are_several() {
    let mut console = in_sales();
    let lists = console.workspace.lists();
    assert_eq!(lists.mine[0].team.as_deref(), Some("Sales"));
    assert_eq!(lists.team[0].team, None, "a chat of all");
    console.select("A");
    let team = |console: &TestConsole| console.workspace.open_chat().unwrap().team;
    assert_eq!(team(&console).as_deref(), Some("Sales"));
    console.act(Intent::OpenTransfer);
    console.reply_groups(&[group(SALES, "Sales", RoutingStatus::AcceptingChats)]);
    assert_eq!(team(&console), None, "there is one");
}

#[test]
fn a_chat_is_transferred_to_another_team_with_a_note() {
    let mut console = in_sales();
    console.select("A");
    console.act(Intent::OpenTransfer);
    let teams = |console: &TestConsole| console.workspace.transfer().unwrap().teams;
    let support = |available| Team {
        id: SUPPORT,
        name: "Support".to_owned(),
        available,
    };
    assert_eq!(teams(&console), [support(false)], "not to its own");
    // Somebody has come meanwhile.
    console.reply_groups(&[
        group(SALES, "Sales", RoutingStatus::AcceptingChats),
        group(SUPPORT, "Support", RoutingStatus::AcceptingChats),
    ]);
    assert_eq!(teams(&console), [support(true)]);
    console.reply(Ok(Reply::Agents(Vec::new())));
    console.act(Intent::WriteTransferNote(" Wants a hat ".to_owned()));
    console.act(Intent::TransferToTeam(SUPPORT));
    console.act(Intent::TransferToTeam(SUPPORT));
    assert_eq!(console.calls.len(), 1, "asked once");
    let call = console.reply(Ok(Reply::Done));
    let Call::TransferChat(call) = call else {
        panic!("{call:?}");
    };
    let target = call.target.unwrap();
    assert_eq!(target.kind, parlor_wire::agent::TargetKind::Group);
    assert_eq!(target.ids[0].integer(), Some(SUPPORT));
    assert_eq!(call.note.as_deref(), Some("Wants a hat"));
}

#[test]
fn a_chat_that_other_teams_see_now_is_dropped() {
    let mut console = in_sales();
    console.select("A");
    let now_of =
        |chat: &str, groups: Value| json!({ "id": chat, "access": { "group_ids": groups } });
    console.push("chat_access_updated", now_of("B", json!([SUPPORT, SALES])));
    assert_eq!(console.names(|lists| &lists.waiting), ["B"]);
    console.push("chat_access_updated", now_of("A", json!([SUPPORT])));
    assert!(console.names(|lists| &lists.mine).is_empty());
    assert_eq!(console.workspace.open_chat(), None);
    console.push("chat_access_updated", now_of("unknown", json!([SUPPORT])));
}

#[test]
fn other_teams_of_my_own_bring_other_chats() {
    let mut console = in_sales();
    let updated = |agent: &str| json!({ "agent_id": agent, "group_ids": [SUPPORT] });
    console.push("agent_groups_updated", updated(BEA));
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
    console.push("agent_groups_updated", updated(ME));
    assert!(console.names(|lists| &lists.mine).is_empty());
    assert!(console.names(|lists| &lists.waiting).is_empty());
    assert_eq!(console.names(|lists| &lists.team), ["C"]);
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    let login = console.transmitted.last().unwrap();
    assert_eq!(login.payload.get("position"), None, "the complete list");
}

#[test]
fn an_agent_joins_chats_of_colleagues_and_of_nobody() {
    for (chat, colleague) in [("B", None), ("C", Some(BEA))] {
        let mut console = in_sales();
        console.select(chat);
        console.reply_where(is_fetch, Ok(snapshot(chat, colleague, &[])));
        let open = |console: &TestConsole| console.workspace.open_chat().unwrap();
        let before = open(&console);
        console.act(Intent::Join);
        console.act(Intent::Join);
        assert_eq!(console.calls.len(), 1, "asked once");
        assert!(open(&console).joining);
        let user = json!({ "id": ME, "type": "agent", "present": false, "visibility": "agents" });
        let payload = json!({ "chat_id": chat, "thread_id": format!("{chat}1"), "user": user });
        console.push("user_added_to_chat", payload);
        let call = console.reply(Ok(Reply::Done));
        assert!(
            matches!(call, Call::AddUserToChat(add) if add.visibility == Some(Visibility::Agents))
        );
        let joined = open(&console);
        assert!(joined.joined && !joined.joining);
        assert_eq!(
            joined.status, before.status,
            "the visitor is served as before"
        );
        assert_eq!(joined.position, before.position);
        assert!(console.take_outputs().contains(&Output::FocusReply));
        console.calls.clear();
        console.send("Try the green one");
        assert_eq!(console.sends().len(), 1);
        console.act(Intent::Join);
        assert!(
            !console
                .calls
                .iter()
                .any(|(_, call)| matches!(call, Call::AddUserToChat(_)))
        );
    }
}

#[test]
fn a_refused_join_is_shown() {
    let mut console = in_sales();
    console.select("B");
    console.reply_where(is_fetch, Ok(snapshot("B", None, &[])));
    console.act(Intent::Join);
    console.reply(Err(Fault::ServerError));
    let notice = Some(Notice::NotJoined(Fault::ServerError));
    assert_eq!(console.workspace.notice(), notice);
    assert!(!console.workspace.open_chat().unwrap().joining);
}

#[test]
fn a_chat_that_is_offered_to_me_rings_and_can_be_declined() {
    let mut console = in_sales();
    console.select("B");
    console.reply_where(is_fetch, Ok(snapshot("B", None, &[])));
    let offered = |to: Option<&str>| json!({ "chat_id": "B", "thread_id": "B1", "agent_id": to });
    let is_offered =
        |console: &TestConsole| console.workspace.open_chat().unwrap().offered.is_some();
    console.push("chat_offered", offered(Some(BEA)));
    assert_eq!((is_offered(&console), console.chimes()), (false, 0));
    console.push("chat_offered", offered(Some(ME)));
    assert!(is_offered(&console));
    assert_eq!(console.chimes(), 1);
    console.act(Intent::Decline);
    console.act(Intent::Decline);
    assert!(!is_offered(&console));
    assert_eq!(console.calls.len(), 1, "asked once");
    console.reply(Err(Fault::ServerError));
    assert!(is_offered(&console));
    let notice = Some(Notice::NotDeclined(Fault::ServerError));
    assert_eq!(console.workspace.notice(), notice);
    console.act(Intent::Decline);
    console.reply(Ok(Reply::Done));
    console.push("chat_offered", offered(None));
    assert!(!is_offered(&console));
    // Nobody is asked any more once somebody has accepted it.
    console.push("chat_offered", offered(Some(ME)));
    console.push("user_added_to_chat", user_added("B", BEA));
    assert!(!is_offered(&console));
}
