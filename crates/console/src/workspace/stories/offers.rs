//! A waiting chat is offered to this agent, and the page is opened or reloaded in the middle of
//! that.

use super::*;

/// Half a minute after `began(2)`.
const UNTIL: &str = "2023-11-14T22:02:30.000000Z";

fn offered_in_list(to: &str) -> Value {
    let mut chat = summary("B", 2, None);
    let offer = json!({ "agent_id": to, "until": UNTIL });
    chat["last_thread_summary"]["queue"]["offer"] = offer;
    chat
}

fn offer(console: &TestConsole) -> Option<Option<Millis>> {
    let open = console.workspace.open_chat().unwrap();
    open.offered.map(|offered| offered.until)
}

fn announced(console: &mut TestConsole) -> bool {
    let told = Output::Announce(Announcement::Offered(Some("Ben".to_owned())));
    console.take_outputs().contains(&told)
}

#[test]
fn a_page_that_is_opened_in_the_middle_of_an_offer_shows_it() {
    let mut console = TestConsole::signed_in(&[offered_in_list(ME)]);
    assert!(announced(&mut console));
    assert!(console.workspace.lists().waiting[0].offered);
    console.select("B");
    assert_eq!(offer(&console), Some(parse_timestamp(UNTIL)));
    // The chat that is fetched says the same.
    let mut chat = full_chat("B", None, &[]);
    chat["thread"]["queue"]["offer"] = json!({ "agent_id": ME, "until": UNTIL });
    let chat = Reply::Chat(Box::new(decode_value(chat).unwrap()));
    console.reply_where(is_fetch, Ok(chat));
    assert_eq!(offer(&console), Some(parse_timestamp(UNTIL)));
    assert!(!announced(&mut console), "told once");
    console.act(Intent::Decline);
    assert_eq!(offer(&console), None);
    assert!(!console.workspace.lists().waiting[0].offered);
}

#[test]
fn what_is_offered_to_a_colleague_is_not_mine() {
    let mut console = TestConsole::signed_in(&[offered_in_list(BEA)]);
    assert!(!announced(&mut console));
    console.select("B");
    assert_eq!(offer(&console), None);
}

#[test]
fn an_offer_that_went_on_while_the_connection_was_lost_is_over() {
    let mut console = TestConsole::signed_in(&[offered_in_list(ME)]);
    console.select("B");
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    console.log_in_fresh(&[offered_in_list(BEA)]);
    assert_eq!(offer(&console), None);
}

#[test]
fn a_push_is_newer_than_the_chat_that_is_being_fetched() {
    let mut console = TestConsole::signed_in(&[summary("B", 2, None)]);
    console.select("B");
    let push = json!({ "chat_id": "B", "thread_id": "B1", "agent_id": ME, "until": UNTIL });
    console.push("chat_offered", push);
    assert_eq!(offer(&console), Some(parse_timestamp(UNTIL)));
    console.reply_where(is_fetch, Ok(snapshot("B", None, &[])));
    let fetched_again = console.calls.iter().any(|(_, call)| is_fetch(call));
    assert!(fetched_again, "its reply was made before the offer");
}
