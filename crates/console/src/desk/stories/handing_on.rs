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
fn chat_goes_to_a_colleague() {
    let mut day = with_ada();
    day.want(Intent::OpenTransfer);
    assert_eq!(day.desk.transfer().unwrap().colleagues, None);
    day.answer(Ok(agents()));
    let colleagues = day.desk.transfer().unwrap().colleagues.unwrap();
    assert_eq!(colleagues.len(), 1, "not to myself");
    assert_eq!(colleagues[0].name, BEA);

    day.want(Intent::TransferTo(BEA.into()));
    day.want(Intent::TransferTo(BEA.into()));
    assert_eq!(day.calls.len(), 1);
    day.push(
        "chat_transferred",
        json!({ "chat_id": "A", "thread_id": "A1", "transferred_to": { "agent_ids": [BEA] } }),
    );
    day.answer_where(is_fetch, Ok(snapshot("A", Some(BEA), &[])));
    assert_eq!(day.names(|lists| &lists.colleagues), ["A"]);
    assert_eq!(day.desk.transfer(), None);
}

#[test]
fn colleague_who_takes_no_chats_is_told() {
    let mut day = with_ada();
    day.want(Intent::OpenTransfer);
    day.answer(Ok(agents()));
    day.want(Intent::TransferTo(BEA.into()));
    day.answer(Err(Fault::Refused));
    assert_eq!(
        day.desk.notice(),
        Some(Notice::NotTransferred(Fault::Refused))
    );
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn only_my_own_chat_can_be_handed_on() {
    let mut day = Day::with(&[summary("A", 1, Some(BEA))]);
    day.select("A");
    day.answer(Ok(snapshot("A", Some(BEA), &[])));
    day.want(Intent::OpenTransfer);
    assert!(day.calls.is_empty());
}

#[test]
fn chat_that_is_handed_to_me_is_heard() {
    let mut day = Day::with(&[summary("A", 1, Some(BEA))]);
    day.push(
        "chat_transferred",
        json!({ "chat_id": "A", "thread_id": "A1", "transferred_to": { "agent_ids": [ME] } }),
    );
    day.heard();
    day.answer_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
    assert_eq!(day.chimes(), 1);
}

#[test]
fn status_that_is_refused_is_what_it_was() {
    let mut day = with_ada();
    day.want(Intent::SetStatus(RoutingStatus::NotAcceptingChats));
    assert_eq!(
        day.desk.profile().unwrap().status,
        RoutingStatus::NotAcceptingChats
    );
    day.answer(Err(Fault::Unwell));
    assert_eq!(
        day.desk.profile().unwrap().status,
        RoutingStatus::AcceptingChats
    );
}
