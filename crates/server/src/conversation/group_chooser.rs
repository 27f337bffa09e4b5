//! Fields of forms in which the visitor chooses who should answer (Agent Chat
//! API, `group_chooser`). Before a chat, the choice decides where the visitor
//! waits; in a chat, it gives the chat to the group.

use parlor_wire::{
    DeploymentId,
    event::{Answer, FieldKind, FilledForm},
};

use super::{Result, UnitOfWork, staff, transfer};
use crate::store::row::{Button, Thread, ThreadStatus};

/// The group that was chosen in a form.
pub(super) fn chosen(form: &FilledForm) -> Option<i64> {
    let mut fields = form.fields.iter();
    fields.find_map(|field| match (&field.kind, &field.answer) {
        (FieldKind::GroupChooser, Some(Answer::Choice(choice))) => choice.group_id,
        _ => None,
    })
}

/// The button of a deployment at which visitors wait for a group. Visitors choose
/// among these alone, whatever number they send.
pub(super) fn button<'b>(
    buttons: &'b [Button],
    deployment: &DeploymentId,
    group_id: i64,
) -> Option<&'b Button> {
    let leads_there = |it: &&Button| it.group_id == group_id && it.deployment_id == *deployment;
    buttons.iter().find(leads_there)
}

/// Gives the chat to the group that the visitor has chosen in it. Nothing happens
/// if the chat is that group's already, and if nobody of the group accepts chats:
/// the visitor stays with whom they have, who reads the choice.
pub(super) async fn follow(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    form: &FilledForm,
) -> Result<()> {
    let Some(group_id) = chosen(form).filter(|id| *id != thread.group_id) else {
        return Ok(());
    };
    if thread.status == ThreadStatus::Ended {
        return Ok(());
    }
    let Some(deployment) = &thread.deployment_id else {
        return Ok(());
    };
    let buttons = work.tx.buttons().await?;
    let staff = staff::load(work.tx.as_mut(), work.app).await?;
    if button(&buttons, deployment, group_id).is_none() || !staff.group_accepts(group_id) {
        return Ok(());
    }
    transfer::to_group(work, thread, group_id, None).await
}
