use parlor_wire::agent::AgentForTransfer;

use super::*;

fn agents() -> Reply {
    let agent = |id: &str, chats| AgentForTransfer {
        agent_id: id.into(),
        total_active_chats: chats,
        name: None,
    };
    Reply::Agents(vec![agent(ME, 1), agent(BEA, 2)])
}

#[test]
fn chat_is_transferred_to_a_colleague() {
    let mut console = answering_ada();
    console.act(Intent::OpenTransfer);
    assert_eq!(console.workspace.transfer().unwrap().colleagues, None);
    console.reply(Ok(agents()));
    let colleagues = console.workspace.transfer().unwrap().colleagues.unwrap();
    assert_eq!(colleagues.len(), 1, "not to myself");
    assert_eq!(colleagues[0].name, BEA);

    console.act(Intent::TransferTo(BEA.into()));
    console.act(Intent::TransferTo(BEA.into()));
    assert_eq!(console.calls.len(), 1);
    console.push(
        "chat_transferred",
        json!({ "chat_id": "A", "thread_id": "A1", "transferred_to": { "agent_ids": [BEA] } }),
    );
    console.reply_where(is_fetch, Ok(snapshot("A", Some(BEA), &[])));
    assert_eq!(console.names(|lists| &lists.team), ["A"]);
    assert_eq!(console.workspace.transfer(), None);
}

#[test]
fn refused_transfer_is_shown() {
    let mut console = answering_ada();
    console.act(Intent::OpenTransfer);
    console.reply(Ok(agents()));
    console.act(Intent::TransferTo(BEA.into()));
    console.reply(Err(Fault::Refused));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotTransferred(Fault::Refused))
    );
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn only_ones_own_chat_can_be_transferred() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA))]);
    console.select("A");
    console.reply(Ok(snapshot("A", Some(BEA), &[])));
    console.act(Intent::OpenTransfer);
    assert!(console.calls.is_empty());
}

#[test]
fn colleagues_chat_is_taken_over() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA))]);
    console.select("A");
    console.reply(Ok(snapshot("A", Some(BEA), &[])));
    console.act(Intent::TakeOver);
    console.act(Intent::TakeOver);
    assert_eq!(console.calls.len(), 1, "asked once");
    assert!(console.workspace.open_chat().unwrap().accepting);
    console.take_outputs();
    console.push(
        "chat_transferred",
        json!({ "chat_id": "A", "thread_id": "A1", "transferred_to": { "agent_ids": [ME] } }),
    );
    console.reply_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
    assert!(!console.workspace.open_chat().unwrap().accepting);
    let heard = console.take_outputs();
    assert!(heard.contains(&Output::FocusReply));
    assert!(!heard.contains(&Output::Chime(Chime::Waiting)), "I know");
}

#[test]
fn refused_take_over_is_shown() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA))]);
    console.select("A");
    console.reply(Ok(snapshot("A", Some(BEA), &[])));
    console.act(Intent::TakeOver);
    console.reply(Err(Fault::ServerError));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotTakenOver(Fault::ServerError))
    );
    assert!(!console.workspace.open_chat().unwrap().accepting);
}

#[test]
fn only_a_colleagues_chat_can_be_taken_over() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, None)]);
    console.select("A");
    console.reply(Ok(snapshot("A", None, &[])));
    console.act(Intent::TakeOver);
    assert!(console.calls.is_empty());
}

#[test]
fn chat_transferred_to_me_makes_a_sound() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA))]);
    console.push(
        "chat_transferred",
        json!({ "chat_id": "A", "thread_id": "A1", "transferred_to": { "agent_ids": [ME] } }),
    );
    console.take_outputs();
    console.reply_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
    assert_eq!(console.chimes(), 1);
}

#[test]
fn refused_status_change_is_undone() {
    let mut console = answering_ada();
    console.act(Intent::SetStatus(RoutingStatus::NotAcceptingChats));
    assert_eq!(
        console.workspace.profile().unwrap().status,
        RoutingStatus::NotAcceptingChats
    );
    console.reply(Err(Fault::ServerError));
    assert_eq!(
        console.workspace.profile().unwrap().status,
        RoutingStatus::AcceptingChats
    );
}
