//! HTTP calls: the console's session (`/agent/session`, `/agent/sign-ins`) and the actions of the Agent Chat API.
//! Every call has a time-out.

use gloo_net::http::{Method, Request, RequestBuilder, Response};
use gloo_timers::callback::Timeout;
use parlor_wire::agent::{Action, ErrorReply, SearchArchive};
use parlor_wire::{MyProfile, decode};
use serde::Deserialize;
use serde_json::json;
use web_sys::AbortController;

use crate::workspace::{Call, Fault, Reply, SignIn};

/// A call takes some milliseconds, and some seconds over a bad connection.
const TIMEOUT_MS: u32 = 20_000;

// Relative to the page, `/agent/`: a proxy may serve the endpoint under a path.
const SESSION: &str = "session";
const SIGN_INS: &str = "sign-ins";
pub(super) const ACTIONS: &str = "../v3.6/agent/action/";

/// The result of a call.
pub(super) struct CallResult {
    pub(super) result: Result<Reply, Fault>,
    /// How far the server's clock is ahead, in milliseconds, if the response said so.
    pub(super) clock_offset: Option<i64>,
}

pub(super) async fn send(call: Call) -> CallResult {
    let mut clock_offset = None;
    let result = match &call {
        Call::WhoAmI => who_am_i(&mut clock_offset).await,
        Call::SignIn { email, password } => {
            let body = json!({ "email": email, "password": password.0 });
            session(Method::POST, Some(body.to_string())).await
        }
        Call::SignInByLink(token) => {
            let body = json!({ "link": token.0 });
            session(Method::POST, Some(body.to_string())).await
        }
        Call::ChoosePassword { link, password } => {
            let body = json!({ "link": link.0, "password": password.0 });
            session(Method::POST, Some(body.to_string())).await
        }
        Call::SignOut => session(Method::DELETE, None).await,
        Call::SignOutEverywhere => exchange(SIGN_INS, Method::DELETE, None)
            .await
            .map(|_| Reply::Done),
        Call::ListSignIns => list_sign_ins().await,
        Call::EndSignIn(id) => exchange(&format!("{SIGN_INS}/{id}"), Method::DELETE, None)
            .await
            .map(|_| Reply::Done),
        Call::GetChat(it) => call_action(it)
            .await
            .map(|chat| Reply::Chat(Box::new(chat))),
        Call::AddUserToChat(it) => call_without_result(it).await,
        Call::SendEvent(it) => call_action(it.as_ref()).await.map(Reply::Sent),
        Call::SendTypingIndicator(it) => call_without_result(it).await,
        Call::MarkEventsAsSeen(it) => call_without_result(it).await,
        Call::ListAgentsForTransfer(it) => call_action(it).await.map(Reply::Agents),
        Call::DeclineChat(it) => call_without_result(it).await,
        Call::ListGroups(it) => call_action(it).await.map(Reply::Groups),
        Call::TransferChat(it) => call_without_result(it).await,
        Call::DeactivateChat(it) => call_without_result(it).await,
        Call::ResumeChat(it) => call_without_result(it.as_ref()).await,
        Call::SetRoutingStatus(it) => call_without_result(it).await,
        Call::ListTemplates(it) => call_action(it)
            .await
            .map(|it| Reply::Templates(Box::new(it))),
        Call::ListChats(it) => call_action(it.as_ref())
            .await
            .map(|list| Reply::Chats(Box::new(list))),
        Call::ListThreads(it) => call_action(it).await.map(Reply::Threads),
        Call::TagThread(it) => call_without_result(it).await,
        Call::UntagThread(it) => call_without_result(it).await,
        Call::RequestFile(it) => call_without_result(it).await,
        Call::ListOfflineMessages(it) => call_action(it).await.map(Reply::OfflineMessages),
        Call::UpdateOfflineMessage(it) => call_without_result(it).await,
        Call::SearchArchive(it) => search_archive(it).await,
        Call::UpdateArchivedThread(it) => call_without_result(it).await,
        Call::GetArchiveReport(it) => call_action(it.as_ref())
            .await
            .map(|report| Reply::Report(Box::new(report))),
    };
    CallResult {
        result,
        clock_offset,
    }
}

async fn who_am_i(clock_offset: &mut Option<i64>) -> Result<Reply, Fault> {
    #[derive(Deserialize)]
    struct Session {
        agent: MyProfile,
    }
    let (response, body) = exchange(SESSION, Method::GET, None).await?;
    *clock_offset = clock_offset_of(&response);
    let session: Session = decode(&body).map_err(|_| Fault::ServerError)?;
    Ok(Reply::Profile(Box::new(session.agent)))
}

async fn list_sign_ins() -> Result<Reply, Fault> {
    #[derive(Deserialize)]
    struct List {
        sign_ins: Vec<SignIn>,
    }
    let (_, body) = exchange(SIGN_INS, Method::GET, None).await?;
    let list: List = decode(&body).map_err(|_| Fault::ServerError)?;
    Ok(Reply::SignIns(list.sign_ins))
}

async fn session(method: Method, body: Option<String>) -> Result<Reply, Fault> {
    exchange(SESSION, method, body).await.map(|_| Reply::Done)
}

async fn call_without_result<A: Action>(action: &A) -> Result<Reply, Fault> {
    call_action(action).await.map(|_| Reply::Done)
}

async fn call_action<A: Action>(action: &A) -> Result<A::Reply, Fault> {
    let body = serde_json::to_string(action).map_err(|_| Fault::Refused)?;
    let path = format!("{ACTIONS}{}", A::NAME);
    let (_, body) = exchange(&path, Method::POST, Some(body)).await?;
    decode(&body).map_err(|_| Fault::ServerError)
}

/// The server says in words what is wrong with a query.
async fn search_archive(action: &SearchArchive) -> Result<Reply, Fault> {
    let body = serde_json::to_string(action).map_err(|_| Fault::Refused)?;
    let path = format!("{ACTIONS}{}", SearchArchive::NAME);
    let (response, body) = attempt(&path, Method::POST, Some(body)).await?;
    match fault_of_status(response.status()) {
        None => decode(&body)
            .map(Reply::FoundArchive)
            .map_err(|_| Fault::ServerError),
        Some(Fault::Refused) if response.status() == 400 => {
            let refusal: ErrorReply = decode(&body).map_err(|_| Fault::Refused)?;
            Ok(Reply::QueryRefused(refusal.error.message))
        }
        Some(fault) => Err(fault),
    }
}

async fn exchange(
    path: &str,
    method: Method,
    body: Option<String>,
) -> Result<(Response, Vec<u8>), Fault> {
    let (response, body) = attempt(path, method, body).await?;
    match fault_of_status(response.status()) {
        None => Ok((response, body)),
        Some(fault) => Err(fault),
    }
}

/// The response of whatever status, with its body.
async fn attempt(
    path: &str,
    method: Method,
    body: Option<String>,
) -> Result<(Response, Vec<u8>), Fault> {
    let abort = AbortController::new().map_err(|_| Fault::Refused)?;
    let signal = abort.signal();
    let _limit = Timeout::new(TIMEOUT_MS, move || abort.abort());
    let request = RequestBuilder::new(path)
        .method(method)
        .abort_signal(Some(&signal));
    let request: Request = match body {
        Some(body) => request
            .header("Content-Type", "application/json")
            .body(body),
        None => request.build(),
    }
    .map_err(|_| Fault::Refused)?;
    let response = request.send().await.map_err(|_| Fault::Offline)?;
    let body = response.binary().await.map_err(|_| Fault::Offline)?;
    Ok((response, body))
}

/// The fault that an HTTP status stands for; `None` for 2xx.
pub(super) fn fault_of_status(status: u16) -> Option<Fault> {
    Some(match status {
        200..=299 => return None,
        // `XMLHttpRequest` reports 0 if there was no response.
        0 => Fault::Offline,
        401 => Fault::SignedOut,
        404 | 422 => Fault::Gone,
        409 => Fault::NewerEvents,
        413 => Fault::TooLarge,
        415 => Fault::WrongKind,
        429 => Fault::TooMany,
        408 | 500.. => Fault::ServerError,
        _ => Fault::Refused,
    })
}

/// How far the server's clock is ahead, by the `Date` header. That has a resolution of one second,
/// so half a second is added as the mean error.
fn clock_offset_of(response: &Response) -> Option<i64> {
    let date = response.headers().get("date")?;
    let server_time = js_sys::Date::parse(&date);
    let offset = server_time + 500.0 - js_sys::Date::now();
    // Within this error the clocks count as equal.
    (offset.is_finite() && offset.abs() > 1_000.0).then_some(offset as i64)
}
