//! Files in a conversation: who may upload one, and the event that shows it.
//! The bytes are handled in `files`, the upload request in `http::upload`.
//!
//! What must stay true: a file's event describes what was found in the bytes,
//! whatever the sender claims; only the session or the agents who uploaded a
//! file can put it into a chat; a file that no event names is deleted.

use std::{num::NonZeroU32, time::Duration};

use parlor_wire::{
    AgentId, DeploymentId, SessionId, ThreadId,
    event::{Event as WireEvent, EventBody, File as WireFile},
    visitor::{FileTransfer, Message},
};
use url::Url;

use super::{
    Credentials, Refusal, Result, UnitOfWork, invalid, send_event::open_thread, session,
    visitor_event,
};
use crate::{
    app::App,
    auth,
    clock::Timestamp,
    files::{self, FileError, FileVariant, ReceivedFile},
    limits::Limiter,
    presenter::file_address,
    private::Private,
    store::row::{Event, File, FileOwner, FilePolicy, FileRequest, Session, Thread},
};

/// Files of one session that are uploaded and not named by an event yet. People
/// send a handful at once; a program must not be able to fill the disk before
/// anybody sees its files.
const UNSENT_MAX: i64 = 20;

/// How long a file that no event names is kept. A visitor may upload a file and
/// write for a while before they send it.
const UNSENT_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Files deleted in one run of the maintenance.
const DELETED_PER_RUN_MAX: i64 = 100;

/// The path to which a requested file is uploaded (Chat REST API,
/// `FileTransfer`).
pub(crate) const UPLOAD_PATH: &str = "/chat/rest/Chasitor/FileTransfer";

/// Permission for one upload: who owns the file, and which sizes and types are
/// allowed.
#[derive(Debug)]
pub(crate) struct UploadTarget {
    owner: FileOwner,
    /// The deployment in whose chat a visitor uploads; `None` for an agent.
    deployment: Option<DeploymentId>,
    pub(crate) policy: FilePolicy,
}

impl UploadTarget {
    /// Counts an upload of so many bytes for the visitor who sends it, and for
    /// the deployment. Agents are trusted with the disk.
    ///
    /// # Errors
    /// [`Refusal::LimitExceeded`] when there was too much lately.
    pub(crate) fn count(&self, limiter: &Limiter, bytes: u64) -> Result<()> {
        let FileOwner::Session(session) = &self.owner else {
            return Ok(());
        };
        let kib = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
        let kib = NonZeroU32::MIN.saturating_add(kib);
        limiter.uploads_per_session.take(session)?;
        limiter.upload_kib_per_session.take_many(session, kib)?;
        if let Some(deployment) = &self.deployment {
            limiter
                .upload_kib_per_deployment
                .take_many(deployment, kib)?;
        }
        Ok(())
    }
}

/// For a visitor with an open conversation.
///
/// # Errors
/// [`Refusal::SessionGone`] without an open conversation, [`Refusal::Invalid`]
/// when too many of the session's files are unsent.
pub(crate) async fn upload_target_of_visitor(
    app: &App,
    credentials: &Credentials,
) -> Result<UploadTarget> {
    let mut work = UnitOfWork::begin(app).await?;
    let session = session::authenticate(&mut work, credentials).await?;
    upload_target_of_session(&mut work, &session).await
}

async fn upload_target_of_session(
    work: &mut UnitOfWork<'_>,
    session: &Session,
) -> Result<UploadTarget> {
    let thread = open_thread(work, session).await?;
    if work.tx.count_unsent_files(&session.id).await? >= UNSENT_MAX {
        return Err(invalid(format!(
            "{UNSENT_MAX} files wait to be sent: send them first"
        )));
    }
    Ok(UploadTarget {
        owner: FileOwner::Session(session.id.clone()),
        policy: work.settings_of(&thread).await?.files,
        deployment: thread.deployment_id,
    })
}

/// For an agent. The chat is not known yet, so that the largest size and all
/// types of any deployment are allowed.
pub(crate) async fn upload_target_of_agent(app: &App, agent: &AgentId) -> Result<UploadTarget> {
    let mut tx = app.store.read().await?;
    let mut policy = FilePolicy {
        max_bytes: 0,
        types: Vec::new(),
    };
    for deployment in tx.deployments().await? {
        let files = deployment.settings.files;
        policy.max_bytes = policy.max_bytes.max(files.max_bytes);
        policy.types.extend(files.types);
    }
    Ok(UploadTarget {
        owner: FileOwner::Agent(agent.clone()),
        deployment: None,
        policy,
    })
}

/// For a visitor whom an agent asked for a file (Chat REST API,
/// `FileTransfer`).
///
/// # Errors
/// [`Refusal::Forbidden`] when no request with this token is open.
pub(crate) async fn upload_target_of_request(
    app: &App,
    session: &SessionId,
    file_token: &str,
) -> Result<UploadTarget> {
    let mut work = UnitOfWork::begin(app).await?;
    let session = requested_session(&mut work, session, file_token).await?;
    upload_target_of_session(&mut work, &session).await
}

/// The session whose open file request has this token.
async fn requested_session(
    work: &mut UnitOfWork<'_>,
    session: &SessionId,
    file_token: &str,
) -> Result<Session> {
    let none = Refusal::Forbidden("no file is asked for, or not any more");
    let Some(session) = work.tx.session(session).await? else {
        return Err(none);
    };
    let Some(thread) = &session.thread_id else {
        return Err(none);
    };
    let thread = work.tx.thread(thread).await?;
    let request = thread.and_then(|thread| thread.details.0.file_request);
    match request {
        Some(request) if request.token_hash == auth::hash_token(file_token) => Ok(session),
        Some(_) | None => Err(none),
    }
}

/// Saves a received file, and returns its description, in which addresses are
/// paths. The row is written before the bytes are moved to their place: should
/// the process die in between, the maintenance finds the file by its row and
/// deletes it.
pub(crate) async fn store_upload(
    app: &App,
    target: &UploadTarget,
    received: ReceivedFile,
    key: String,
    name: &str,
) -> Result<WireFile> {
    let row = File {
        key,
        owner: target.owner.clone(),
        name: Private(files::sanitize(name, &received.content_type)),
        content_type: received.content_type.clone(),
        size: i64::try_from(received.size).unwrap_or(i64::MAX),
        image: received.image_info(),
        created_at: app.clock.now(),
        event: None,
        doomed: false,
    };
    let mut tx = app.store.begin().await?;
    // The conversation may have been deleted while the file was received.
    if let FileOwner::Session(session) = &row.owner
        && tx.session(session).await?.is_none()
    {
        return Err(Refusal::SessionGone);
    }
    tx.put_file(&row).await?;
    tx.commit().await?;
    received.store(&row.key).await?;
    let mut file = WireFile {
        name: None,
        url: String::new(),
        thumbnail_url: None,
        thumbnail2x_url: None,
        content_type: None,
        size: None,
        width: None,
        height: None,
        alternative_text: None,
    };
    fill_in(&row, &mut file);
    Ok(file)
}

/// Replaces every field that the server knows by what was found in the bytes.
/// Addresses are paths.
fn fill_in(row: &File, file: &mut WireFile) {
    let side = |px: i64| u64::try_from(px).ok();
    let image = row.image.as_ref();
    let thumbnail = |variant| image.map(|_| file_address::path(&row.key, variant));
    file.url = file_address::path(&row.key, FileVariant::File);
    file.name = Some(row.name.0.clone());
    file.content_type = Some(row.content_type.clone());
    file.size = u64::try_from(row.size).ok();
    file.width = image.and_then(|image| side(image.width));
    file.height = image.and_then(|image| side(image.height));
    file.thumbnail_url = thumbnail(FileVariant::Thumbnail);
    file.thumbnail2x_url = thumbnail(FileVariant::Thumbnail2x);
}

/// Loads the upload that a visitor's file event names, and fills in the event.
/// Returns `None` when the event is no file.
///
/// # Errors
/// [`Refusal::Invalid`] unless this session uploaded the file.
pub(super) async fn attach_uploaded_by_visitor(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    body: &mut EventBody,
) -> Result<Option<File>> {
    let EventBody::File(file) = body else {
        return Ok(None);
    };
    let row = match file_address::key(&file.url) {
        Some(key) => work.tx.file(key).await?,
        None => None,
    };
    let row = row
        .filter(|row| row.owner == FileOwner::Session(session.id.clone()) && !row.doomed)
        .ok_or_else(|| invalid("url: expected a file that this session has uploaded"))?;
    fill_in(&row, file);
    Ok(Some(row))
}

/// Loads the upload that an agent's file event names, and fills in the event. A
/// URL on another server is left as the agent wrote it; returns `None` then,
/// and when the event is no file.
///
/// # Errors
/// [`Refusal::Invalid`] for a file that no agent uploaded, and for a URL that
/// is neither http nor https.
pub(super) async fn attach_uploaded_by_agent(
    work: &mut UnitOfWork<'_>,
    body: &mut EventBody,
) -> Result<Option<File>> {
    let EventBody::File(file) = body else {
        return Ok(None);
    };
    let Some(key) = file_address::key(&file.url) else {
        let addresses = [
            ("url", Some(&file.url)),
            ("thumbnail_url", file.thumbnail_url.as_ref()),
            ("thumbnail2x_url", file.thumbnail2x_url.as_ref()),
        ];
        let invalid_url = addresses
            .into_iter()
            .find(|(_, url)| url.is_some_and(|url| !is_http_url(url)));
        return match invalid_url {
            None => Ok(None),
            Some((field, _)) => Err(invalid(format!(
                "event.{field}: expected an address of http or https"
            ))),
        };
    };
    let row = work.tx.file(key).await?;
    let row = row
        .filter(|row| matches!(row.owner, FileOwner::Agent(_)) && !row.doomed)
        .ok_or_else(|| invalid("event.url: expected a file that an agent has uploaded"))?;
    fill_in(&row, file);
    Ok(Some(row))
}

fn is_http_url(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Links the file to the first event that names it, so that it is not deleted
/// as unsent. An agent's file may be named in several conversations.
pub(super) async fn mark_sent(
    work: &mut UnitOfWork<'_>,
    file: Option<File>,
    event: &Event,
) -> Result<()> {
    let Some(mut row) = file else {
        return Ok(());
    };
    let (thread, number) = (&event.thread_id, event.number);
    match &row.event {
        None => {
            row.event = Some((thread.clone(), number));
            work.tx.put_file(&row).await?;
        }
        Some((first, _)) if first != thread => {
            work.tx
                .put_file_sent_again(&row.key, thread, number)
                .await?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Asks the visitor for a file. A request that is still open is replaced.
///
/// # Errors
/// [`Refusal::Invalid`] when the visitor has no open session, or the deployment
/// takes no files.
pub(crate) async fn request(work: &mut UnitOfWork<'_>, thread: &mut Thread) -> Result<()> {
    if work.tx.sessions_of(&thread.id).await?.is_empty() {
        return Err(invalid("the visitor is not there"));
    }
    if work.settings_of(thread).await?.files.types.is_empty() {
        return Err(invalid("this deployment takes no files"));
    }
    send_request(work, thread).await
}

async fn send_request(work: &mut UnitOfWork<'_>, thread: &mut Thread) -> Result<()> {
    let token = work.app.entropy.token();
    thread.details.0.file_request = Some(FileRequest {
        token_hash: auth::hash_token(&token),
    });
    work.put_thread(thread).await?;
    let requested = Message::FileTransfer(FileTransfer {
        kind: "Requested".to_owned(),
        // `http::visitor::messages` makes it an address when the message is polled.
        upload_servlet_url: Some(UPLOAD_PATH.to_owned()),
        file_token: Some(token),
        cdm_servlet_url: None,
    });
    work.send_to_visitor(thread, &requested, &["FileTransfer"])
        .await
}

/// Sends an open request again with a new token, because a page that was
/// reloaded has lost the old one.
pub(super) async fn resend_request(work: &mut UnitOfWork<'_>, session: &Session) -> Result<()> {
    let thread = match &session.thread_id {
        Some(id) => work.tx.thread(id).await?,
        None => None,
    };
    match thread.filter(|thread| thread.details.0.file_request.is_some()) {
        Some(mut thread) if session.closed_at.is_none() => send_request(work, &mut thread).await,
        Some(_) | None => Ok(()),
    }
}

/// Withdraws the open request. Does nothing when none is open.
pub(crate) async fn cancel_request(work: &mut UnitOfWork<'_>, thread: &mut Thread) -> Result<()> {
    if thread.details.0.file_request.take().is_none() {
        return Ok(());
    }
    work.put_thread(thread).await?;
    let canceled = Message::FileTransfer(FileTransfer {
        kind: "Canceled".to_owned(),
        ..FileTransfer::default()
    });
    work.send_to_visitor(thread, &canceled, &["FileTransfer"])
        .await
}

/// Writes the event of a requested file and closes the request. Returns the
/// session and the event.
pub(crate) async fn answer_request(
    app: &App,
    session: &SessionId,
    file_token: &str,
    file: WireFile,
) -> Result<(Session, Option<Event>)> {
    let mut work = UnitOfWork::begin(app).await?;
    let session = requested_session(&mut work, session, file_token).await?;
    let event = WireEvent::new(EventBody::File(file));
    let (thread_id, number): (ThreadId, i64) =
        visitor_event::write_event(&mut work, &session, event).await?;
    let event = work.tx.event(&thread_id, number).await?;
    if let Some(mut thread) = work.tx.thread(&thread_id).await? {
        thread.details.0.file_request = None;
        work.put_thread(&thread).await?;
    }
    work.commit().await?;
    Ok((session, event))
}

/// Dooms files that were never sent: no event can name them any more, and
/// [`delete_doomed`] deletes them.
pub(super) async fn doom_unsent(app: &App) -> Result<()> {
    let before: Timestamp = app.clock.now().minus(UNSENT_KEPT);
    let old = app
        .store
        .read()
        .await?
        .unsent_files(before, DELETED_PER_RUN_MAX)
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    let mut tx = app.store.begin().await?;
    let mut doomed = tx.unsent_files(before, DELETED_PER_RUN_MAX).await?;
    for row in &mut doomed {
        row.doomed = true;
        tx.put_file(row).await?;
    }
    Ok(tx.commit().await?)
}

/// Deletes the bytes of files that are doomed, and then their rows: whoever is interrupted
/// continues with what is left.
///
/// # Errors
/// When a file cannot be deleted, or the store fails. The next call tries again.
pub(crate) async fn delete_doomed(app: &App) -> Result<()> {
    while delete_some_doomed(app).await? {}
    Ok(())
}

/// The same for some files. Returns whether there may be more.
pub(super) async fn delete_some_doomed(app: &App) -> Result<bool> {
    let mut tx = app.store.read().await?;
    let doomed = tx.doomed_files(DELETED_PER_RUN_MAX).await?;
    drop(tx);
    if doomed.is_empty() {
        return Ok(false);
    }
    for key in &doomed {
        app.config.files.delete(key).await?;
    }
    let mut tx = app.store.begin().await?;
    for key in &doomed {
        tx.delete_file(key).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// The same in a task of its own. If it fails, the maintenance does it.
pub(super) fn delete_doomed_soon(app: &App) {
    let Ok(app) = app.shared() else {
        return;
    };
    app.tasks.clone().spawn(async move {
        if let Err(error) = delete_doomed(&app).await {
            tracing::error!(%error, "the bytes of deleted files cannot be deleted yet");
        }
    });
}

impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Broken | FileError::Empty => Self::Invalid(error.to_string()),
            FileError::TooLarge(_) => Self::TooLarge(error.to_string()),
            FileError::Type(_) | FileError::Unreadable(_) => {
                Self::UnsupportedType(error.to_string())
            }
            FileError::Store(_) => Self::Store(error.into_store_error()),
        }
    }
}
