use super::*;

fn sign_in(console: &mut TestConsole) {
    console.act(Intent::SignIn {
        email: ME.to_owned(),
        password: Secret("right".to_owned()),
    });
}

fn problem(console: &TestConsole) -> Option<SignInProblem> {
    match console.workspace.sign_in_stage() {
        SignInStage::SignedOut { problem, .. } => problem,
        stage => panic!("{stage:?}"),
    }
}

#[test]
fn nobody_is_signed_in_at_first() {
    let mut console = TestConsole::new();
    assert_eq!(console.workspace.sign_in_stage(), SignInStage::Checking);
    console.reply(Err(Fault::SignedOut));
    assert_eq!(problem(&console), None);
    assert_eq!(console.socket, None);
}

#[test]
fn wrong_password_is_shown_and_the_right_one_signs_in() {
    let mut console = TestConsole::new();
    console.reply(Err(Fault::SignedOut));
    sign_in(&mut console);
    sign_in(&mut console);
    assert_eq!(console.calls.len(), 1, "one try at a time");
    console.reply(Err(Fault::SignedOut));
    assert_eq!(problem(&console), Some(SignInProblem::WrongPassword));

    sign_in(&mut console);
    console.reply(Ok(Reply::Done));
    console.reply(Ok(profile("accepting_chats")));
    assert_eq!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
    assert!(console.socket.is_some());
}

#[test]
fn passwords_and_links_are_never_printed() {
    let call = Call::SignIn {
        email: ME.to_owned(),
        password: Secret("right".to_owned()),
    };
    let link = Input::Start {
        link: Some(Link::NewPassword(Secret("token".to_owned()))),
        saved: None,
    };
    let printed = format!("{call:?} {link:?}");
    assert!(
        !printed.contains("right") && !printed.contains("token"),
        "{printed}"
    );
}

#[test]
fn used_link_is_refused_unless_a_session_exists() {
    let start = || Input::Start {
        link: Some(Link::SignIn(Secret("spent".to_owned()))),
        saved: None,
    };
    let mut console = TestConsole::new();
    console.calls.clear();
    console.workspace = Workspace::new(1, String::new());
    console.input(start());
    console.reply(Err(Fault::SignedOut));
    console.reply(Err(Fault::SignedOut));
    assert_eq!(problem(&console), Some(SignInProblem::LinkInvalid));

    console.workspace = Workspace::new(1, String::new());
    console.input(start());
    console.reply(Err(Fault::SignedOut));
    console.reply(Ok(profile("accepting_chats")));
    assert_eq!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
}

#[test]
fn unreachable_server_is_retried() {
    let mut console = TestConsole::new();
    for _ in 0..6 {
        console.reply(Err(Fault::Offline));
        assert_eq!(console.workspace.sign_in_stage(), SignInStage::Unreachable);
        assert!(console.calls.is_empty(), "not at once");
        console.advance(limits::BACKOFF_CEILING);
        assert_eq!(console.calls.len(), 1, "and not in a heap");
    }
    console.reply(Ok(profile("offline")));
    assert_eq!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
}

#[test]
fn expired_session_keeps_drafts_and_replies() {
    let mut console = answering_ada();
    console.act(Intent::Write("I was just about to".to_owned()));
    console.calls.clear();
    console.send("sent in the last moment");
    console.act(Intent::Write("and more".to_owned()));
    console.reply_where(is_send, Err(Fault::SignedOut));
    assert_eq!(problem(&console), Some(SignInProblem::SessionEnded));
    assert_eq!(console.socket, None);
    assert_eq!(
        console.workspace.lists(),
        Lists::default(),
        "nothing is shown"
    );
    console.calls.clear();

    sign_in(&mut console);
    console.reply(Ok(Reply::Done));
    console.reply(Ok(profile("accepting_chats")));
    assert_eq!(console.workspace.draft().text, "and more");
    console.open_socket();
    console.log_in_fresh(&[summary("A", 1, Some(ME))]);
    let sends = console.sends();
    assert_eq!(sends.len(), 1);
    assert_eq!(sends[0].1, "sent in the last moment");
}

#[test]
fn another_agent_finds_an_empty_workspace() {
    let mut console = answering_ada();
    console.act(Intent::Write("not for Bea's eyes".to_owned()));
    console.calls.clear();
    console.send("x");
    console.reply_where(is_send, Err(Fault::SignedOut));
    console.calls.clear();
    sign_in(&mut console);
    console.reply(Ok(Reply::Done));
    let bea = json!({ "id": BEA, "type": "agent", "name": "Bea" });
    let bea = Reply::Profile(Box::new(decode_value(bea).unwrap()));
    console.reply(Ok(bea));
    assert_eq!(console.workspace.draft(), Draft::default());
    assert_eq!(console.workspace.open_chat(), None);
}

#[test]
fn signing_out_drops_all_state() {
    let mut console = answering_ada();
    console.act(Intent::SignOut);
    console.reply(Err(Fault::Offline));
    assert_eq!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
    assert_eq!(console.workspace.notice(), Some(Notice::NotSignedOut));
    console.act(Intent::SignOut);
    console.reply(Ok(Reply::Done));
    assert_eq!(problem(&console), None);
    assert_eq!(console.workspace.open_chat(), None);
    assert_eq!(console.alarm, Some(console.now + limits::NOTICE_LASTS));
    console.advance(limits::NOTICE_LASTS);
    assert_eq!(
        console.alarm, None,
        "nobody is signed in, and nothing is to be done"
    );
}

#[test]
fn signing_out_everywhere_drops_all_state_too() {
    let mut console = answering_ada();
    console.calls.clear();
    console.act(Intent::SignOutEverywhere);
    console.reply_where(|call| *call == Call::SignOutEverywhere, Ok(Reply::Done));
    assert_ne!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
    assert_eq!(console.workspace.open_chat(), None);
}

#[test]
fn a_new_password_is_chosen_by_a_link() {
    let mut console = TestConsole::new();
    console.calls.clear();
    console.workspace = Workspace::new(1, String::new());
    let link = Some(Link::NewPassword(Secret("link".to_owned())));
    console.input(Input::Start { link, saved: None });
    assert!(console.calls.is_empty());
    let stage = |console: &TestConsole| console.workspace.sign_in_stage();
    let choose = |console: &mut TestConsole, password: &str| {
        let password = Secret(password.to_owned());
        console.act(Intent::ChoosePassword(password));
    };
    choose(&mut console, "short");
    choose(&mut console, "short");
    assert_eq!(console.calls.len(), 1, "one try at a time");
    console.reply(Err(Fault::Refused));
    let problem_of = |problem| SignInStage::NewPassword {
        busy: false,
        problem: Some(problem),
    };
    assert_eq!(stage(&console), problem_of(SignInProblem::PasswordWeak));
    choose(&mut console, "a much better password");
    console.reply(Err(Fault::Offline));
    assert_eq!(stage(&console), problem_of(SignInProblem::Unreachable));
    choose(&mut console, "a much better password");
    console.reply(Ok(Reply::Done));
    console.reply(Ok(profile("accepting_chats")));
    assert_eq!(stage(&console), SignInStage::SignedIn);
}

#[test]
fn a_link_for_a_password_works_once() {
    let mut console = TestConsole::new();
    console.calls.clear();
    console.workspace = Workspace::new(1, String::new());
    let link = Some(Link::NewPassword(Secret("spent".to_owned())));
    console.input(Input::Start { link, saved: None });
    let password = Secret("a much better password".to_owned());
    console.act(Intent::ChoosePassword(password));
    console.reply(Err(Fault::SignedOut));
    assert_eq!(problem(&console), Some(SignInProblem::LinkInvalid));
}
