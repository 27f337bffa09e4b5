//! A visitor asks for the conversation by e-mail (`docs/PROTOCOL.md`, 5). It is
//! sent when the conversation ends, and at once if it has ended.
//!
//! What must stay true: nobody can make the endpoint write to strangers whatever
//! they like. A conversation in which no agent has written is not sent, it is sent
//! a few times at most, and one address gets few a day (`mail::outbox`).

use parlor_wire::visitor::control::TranscriptRequest;

use super::{Result, UnitOfWork, invalid, visitor_event::WrittenEvent};
use crate::{
    mail::{EmailAddress, outbox},
    presenter::visitor::{line, system},
    private::Private,
    store::row::{Thread, ThreadStatus, Visibility},
};

/// How often one conversation is mailed: to a wrong address, to the right one, and
/// once more.
const SENT_MAX: u32 = 3;

/// Notes the address, of which the newest counts. The same again changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`](super::Refusal::Invalid) without an address to which mail
/// can be sent, where no mail is sent, and for a conversation that was sent often
/// enough.
pub(super) async fn request(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    request: TranscriptRequest,
) -> Result<WrittenEvent> {
    if work.app.config.mail.is_none() {
        return Err(invalid("no mail is sent here"));
    }
    let known = match request.email.filter(|email| !email.trim().is_empty()) {
        Some(email) => Some(email),
        None => outbox::address_of(work, thread).await?,
    };
    let known = known.ok_or_else(|| invalid("data: `email` is missing"))?;
    let address = EmailAddress::parse(&known)
        .map_err(|problem| invalid(format!("data: in `email`, {problem}")))?;
    let details = &mut thread.details.0;
    if details.transcripts_sent >= SENT_MAX {
        return Err(invalid("this conversation was sent often enough"));
    }
    let wanted = Some(Private(address.as_str().to_owned()));
    if thread.status == ThreadStatus::Ended {
        details.transcript_to = wanted;
        send(work, thread).await?;
        return Ok(None);
    }
    if details.transcript_to.is_some() {
        details.transcript_to = wanted;
        work.put_thread(thread).await?;
        return Ok(None);
    }
    details.transcript_to = wanted;
    // Without the address: forms may be redacted, and the log is for all who read it.
    let kind = system::TRANSCRIPT_REQUESTED;
    let text = "The visitor wants the conversation by e-mail".to_owned();
    let event = work
        .append_system_message(thread, kind, text, &[], Visibility::All)
        .await?;
    let line = line(&event, None, false)?;
    work.send_to_visitor(thread, &line, &[]).await?;
    Ok(Some((event.thread_id, event.number)))
}

/// Sends the conversation of a thread that has ended, if the visitor has asked for
/// it.
pub(super) async fn send(work: &mut UnitOfWork<'_>, thread: &mut Thread) -> Result<()> {
    let Some(address) = thread.details.0.transcript_to.take() else {
        return Ok(());
    };
    if let Ok(address) = EmailAddress::parse(&address.0)
        && outbox::transcript(work, thread, address).await?
    {
        thread.details.0.transcripts_sent += 1;
    }
    work.put_thread(thread).await?;
    Ok(())
}
