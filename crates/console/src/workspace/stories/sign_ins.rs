//! The agent sees where they are signed in, and ends one of these sign-ins.

use super::*;

fn sign_in(id: &str, minute: u32, is_current: bool) -> SignIn {
    SignIn {
        id: id.to_owned(),
        created_at: "2023-11-14T22:00:00.000000Z".to_owned(),
        last_used_at: (minute > 0).then(|| format!("2023-11-14T22:{minute:02}:00.000000Z")),
        is_current,
    }
}

fn opened(list: Vec<SignIn>) -> TestConsole {
    let mut console = TestConsole::signed_in(&[]);
    console.act(Intent::OpenSignIns);
    assert_eq!(console.workspace.sign_ins(), Some(SignIns { rows: None }));
    console.reply_where(|call| *call == Call::ListSignIns, Ok(Reply::SignIns(list)));
    console
}

fn ids(console: &TestConsole) -> Vec<String> {
    let rows = console.workspace.sign_ins().unwrap().rows.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

#[test]
fn this_browser_is_first_then_the_last_used() {
    let console = opened(vec![
        sign_in("never", 0, false),
        sign_in("old", 3, false),
        sign_in("here", 1, true),
        sign_in("new", 9, false),
    ]);
    assert_eq!(ids(&console), ["here", "new", "old", "never"]);
    let rows = console.workspace.sign_ins().unwrap().rows.unwrap();
    assert_eq!(rows[1].last_used, Some(1_699_999_740_000));
}

#[test]
fn another_sign_in_is_ended_once_and_goes_away() {
    let mut console = opened(vec![sign_in("here", 1, true), sign_in("there", 2, false)]);
    console.act(Intent::EndSignIn("there".to_owned()));
    console.act(Intent::EndSignIn("there".to_owned()));
    let ends = |call: &Call| *call == Call::EndSignIn("there".to_owned());
    assert_eq!(console.calls.iter().filter(|(_, it)| ends(it)).count(), 1);
    console.reply_where(ends, Err(Fault::ServerError));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::SignInNotEnded(Fault::ServerError))
    );
    assert_eq!(ids(&console), ["here", "there"]);
    console.act(Intent::EndSignIn("there".to_owned()));
    console.reply_where(ends, Ok(Reply::Done));
    assert_eq!(ids(&console), ["here"]);
    let told = Output::Announce(Announcement::SignInEnded);
    assert!(console.outputs.contains(&told));
    assert_eq!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
}

#[test]
fn ending_the_sign_in_of_this_browser_signs_out() {
    let mut console = opened(vec![sign_in("here", 1, true)]);
    console.act(Intent::EndSignIn("here".to_owned()));
    console.reply_where(|call| *call == Call::SignOut, Ok(Reply::Done));
    assert_ne!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
    assert_eq!(console.workspace.sign_ins(), None);
}

#[test]
fn a_list_that_cannot_be_loaded_closes_with_a_notice() {
    let mut console = TestConsole::signed_in(&[]);
    console.act(Intent::OpenSignIns);
    console.reply_where(|call| *call == Call::ListSignIns, Err(Fault::Offline));
    assert_eq!(console.workspace.sign_ins(), None);
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::SignInsNotListed(Fault::Offline))
    );
    // A late reply to a list that was closed changes nothing.
    console.act(Intent::OpenSignIns);
    console.act(Intent::CloseSignIns);
    console.reply_where(
        |call| *call == Call::ListSignIns,
        Ok(Reply::SignIns(vec![sign_in("here", 1, true)])),
    );
    assert_eq!(console.workspace.sign_ins(), None);
}
