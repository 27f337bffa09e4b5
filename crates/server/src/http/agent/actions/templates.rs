//! `list_templates` and `request_file`, which are ours (`docs/PROTOCOL.md`,
//! Agents: ours).

use parlor_wire::agent::{Done, RequestFile, Templates};

use super::{super::error::Result, find};
use crate::{
    app::App,
    conversation::{UnitOfWork, file},
    store::row::Agent,
};

/// The templates of all deployments, because agents answer the visitors of
/// each.
pub(super) async fn list(app: &App) -> Result<Templates> {
    let mut templates = Templates::default();
    for deployment in app.store.read().await?.deployments().await? {
        let settings = deployment.settings;
        templates.canned_responses.extend(settings.canned_responses);
        templates.rich_messages.extend(settings.rich_messages);
        templates.forms.extend(settings.forms);
    }
    Ok(templates)
}

pub(super) async fn request_file(app: &App, agent: &Agent, request: RequestFile) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let mut thread = find::open_thread(work.tx.as_mut(), agent, &request.chat_id).await?;
    match request.cancel {
        Some(true) => file::cancel_request(&mut work, &mut thread).await?,
        Some(false) | None => file::request(&mut work, &mut thread).await?,
    }
    work.commit().await?;
    Ok(Done {})
}
