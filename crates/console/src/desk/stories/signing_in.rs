use super::*;

fn sign_in(day: &mut Day) {
    day.want(Intent::SignIn {
        email: ME.to_owned(),
        password: Secret("right".to_owned()),
    });
}

fn trouble(day: &Day) -> Option<Trouble> {
    match day.desk.stage() {
        Stage::SignedOut { trouble, .. } => trouble,
        stage => panic!("{stage:?}"),
    }
}

#[test]
fn nobody_is_signed_in_at_first() {
    let mut day = Day::new();
    assert_eq!(day.desk.stage(), Stage::Asking);
    day.answer(Err(Fault::SignedOut));
    assert_eq!(trouble(&day), None);
    assert_eq!(day.socket, None);
}

#[test]
fn wrong_password_is_told_and_the_right_one_opens() {
    let mut day = Day::new();
    day.answer(Err(Fault::SignedOut));
    sign_in(&mut day);
    sign_in(&mut day);
    assert_eq!(day.calls.len(), 1, "one try at a time");
    day.answer(Err(Fault::SignedOut));
    assert_eq!(trouble(&day), Some(Trouble::WrongPassword));

    sign_in(&mut day);
    day.answer(Ok(Reply::Done));
    day.answer(Ok(profile("accepting_chats")));
    assert_eq!(day.desk.stage(), Stage::SignedIn);
    assert!(day.socket.is_some());
}

#[test]
fn passwords_and_links_are_never_printed() {
    let call = Call::SignIn {
        email: ME.to_owned(),
        password: Secret("right".to_owned()),
    };
    let link = Input::Start {
        link: Some(Secret("token".to_owned())),
    };
    let told = format!("{call:?} {link:?}");
    assert!(!told.contains("right") && !told.contains("token"), "{told}");
}

#[test]
fn spent_link_is_told_unless_somebody_is_signed_in_already() {
    let start = || Input::Start {
        link: Some(Secret("spent".to_owned())),
    };
    let mut day = Day::new();
    day.calls.clear();
    day.desk = Desk::new(1, String::new());
    day.tell(start());
    day.answer(Err(Fault::SignedOut));
    day.answer(Err(Fault::SignedOut));
    assert_eq!(trouble(&day), Some(Trouble::LinkSpent));

    day.desk = Desk::new(1, String::new());
    day.tell(start());
    day.answer(Err(Fault::SignedOut));
    day.answer(Ok(profile("accepting_chats")));
    assert_eq!(day.desk.stage(), Stage::SignedIn);
}

#[test]
fn unreachable_endpoint_is_asked_again_and_again() {
    let mut day = Day::new();
    for _ in 0..6 {
        day.answer(Err(Fault::Offline));
        assert_eq!(day.desk.stage(), Stage::Unreachable);
        assert!(day.calls.is_empty(), "not at once");
        day.pass(limits::BACKOFF_CEILING);
        assert_eq!(day.calls.len(), 1, "and not in a heap");
    }
    day.answer(Ok(profile("offline")));
    assert_eq!(day.desk.stage(), Stage::SignedIn);
}

#[test]
fn session_that_ends_by_itself_keeps_what_was_being_written() {
    let mut day = with_ada();
    day.want(Intent::Write("I was just about to".to_owned()));
    day.calls.clear();
    day.say("sent in the last moment");
    day.want(Intent::Write("and more".to_owned()));
    day.answer_where(is_send, Err(Fault::SignedOut));
    assert_eq!(trouble(&day), Some(Trouble::SessionOver));
    assert_eq!(day.socket, None);
    assert_eq!(day.desk.lists(), Lists::default(), "nothing is shown");
    day.calls.clear();

    sign_in(&mut day);
    day.answer(Ok(Reply::Done));
    day.answer(Ok(profile("accepting_chats")));
    assert_eq!(day.desk.draft().text, "and more");
    day.open_socket();
    day.welcome(&[summary("A", 1, Some(ME))]);
    let sends = day.sends();
    assert_eq!(sends.len(), 1);
    assert_eq!(sends[0].1, "sent in the last moment");
}

#[test]
fn somebody_else_finds_an_empty_desk() {
    let mut day = with_ada();
    day.want(Intent::Write("not for Bea's eyes".to_owned()));
    day.calls.clear();
    day.say("x");
    day.answer_where(is_send, Err(Fault::SignedOut));
    day.calls.clear();
    sign_in(&mut day);
    day.answer(Ok(Reply::Done));
    let bea = json!({ "id": BEA, "type": "agent", "name": "Bea" });
    let bea = Reply::Profile(Box::new(decode_value(bea).unwrap()));
    day.answer(Ok(bea));
    assert_eq!(day.desk.draft(), Draft::default());
    assert_eq!(day.desk.open(), None);
}

#[test]
fn signing_out_forgets_everything() {
    let mut day = with_ada();
    day.want(Intent::SignOut);
    day.answer(Err(Fault::Offline));
    assert_eq!(day.desk.stage(), Stage::SignedIn);
    assert_eq!(day.desk.notice(), Some(Notice::NotSignedOut));
    day.want(Intent::SignOut);
    day.answer(Ok(Reply::Done));
    assert_eq!(trouble(&day), None);
    assert_eq!(day.desk.open(), None);
    assert_eq!(day.alarm, Some(day.now + limits::NOTICE_LASTS));
    day.pass(limits::NOTICE_LASTS);
    assert_eq!(
        day.alarm, None,
        "nobody is signed in, and nothing is to be done"
    );
}
