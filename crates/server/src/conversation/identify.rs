//! Who a visitor is: by the token with which their site vouches for them, or else by
//! the visitor id of their device (`docs/PROTOCOL.md`, 5, Identity).
//!
//! What must stay true, because several people may use one device:
//!
//! - Who was vouched for once is recognised by a good token, and not by the device
//!   alone.
//! - What was written on a device before somebody signed in there is theirs only if
//!   that conversation goes on.

use parlor_wire::{
    DeploymentId,
    event::{FieldKind, FilledForm},
    visitor::ChasitorInit,
};
use secrecy::ExposeSecret as _;

use super::{Refusal, Result, UnitOfWork, customer::push_customer, hidden_details, invalid};
use crate::{
    auth,
    identity::{self, Identity},
    private::Private,
    store::row::{Company, Customer, Thread},
};

/// The push that tells agents who the visitor of a conversation is. It is an addition to
/// the Agent Chat API.
const CUSTOMER_IDENTIFIED: &str = "customer_identified";

/// Somebody whom the site vouches for.
pub(super) struct Vouched {
    hash: String,
    identity: Identity,
    company: Option<Company>,
}

impl Vouched {
    /// The name that the site has given.
    pub(super) fn name(&self) -> Option<&String> {
        self.identity.name.as_ref()
    }

    pub(super) fn company(&self) -> Option<&Company> {
        self.company.as_ref()
    }

    /// Whether this is the customer.
    pub(super) fn is(&self, customer: &Customer) -> bool {
        customer.identity_hash.as_ref() == Some(&self.hash)
    }
}

/// Reads an identity token. Without one the site does not vouch for the visitor.
///
/// # Errors
/// [`Refusal::Invalid`](super::Refusal::Invalid) for a token that is not good.
pub(super) fn vouched(
    work: &UnitOfWork<'_>,
    deployment: &DeploymentId,
    token: Option<&str>,
) -> Result<Option<Vouched>> {
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    let secret = work.app.config.identity_secrets.get(deployment);
    let secret = secret.ok_or_else(|| invalid("identityToken: this deployment takes none"))?;
    let identity = identity::verify(token, secret.expose_secret(), work.now).map_err(invalid)?;
    // Deployments do not share user names: the same `sub` at another deployment
    // is another person.
    let hash = auth::hash_token(&format!("{deployment} {}", identity.sub));
    Ok(Some(Vouched {
        hash,
        company: identity.company(),
        identity,
    }))
}

/// The customer whom the site vouches for, if they were here before.
pub(super) async fn customer_of(
    work: &mut UnitOfWork<'_>,
    vouched: &Vouched,
) -> Result<Option<Customer>> {
    Ok(work.tx.customer_by_identity(&vouched.hash).await?)
}

/// Whom a request comes from.
pub(super) struct Recognised {
    /// `None` for somebody who was never here.
    pub(super) customer: Option<Customer>,
    /// The id by which the device will be known.
    pub(super) visitor_id: String,
    /// The customer is known, and not by this device yet.
    is_new_device: bool,
}

/// Finds out whom a request comes from. It writes nothing.
pub(super) async fn recognise(
    work: &mut UnitOfWork<'_>,
    asked_id: Option<&str>,
    vouched: Option<&Vouched>,
) -> Result<Recognised> {
    let asked_id = asked_id.filter(|id| !id.is_empty());
    let by_device = match asked_id {
        Some(id) => work.tx.customer_by_visitor(&auth::hash_token(id)).await?,
        None => None,
    };
    let by_identity = match vouched {
        Some(vouched) => customer_of(work, vouched).await?,
        None => None,
    };
    let is_of_device =
        |customer: &Customer| by_device.as_ref().is_some_and(|it| it.id == customer.id);
    let customer = match (vouched, by_identity) {
        (Some(_), Some(known)) => Some(known),
        (None, _) => by_device.clone().filter(|it| it.identity_hash.is_none()),
        (Some(_), None) => match &by_device {
            Some(nameless) if nameless.identity_hash.is_none() => {
                let open = open_thread(work, nameless).await?;
                open.map(|_| nameless.clone())
            }
            _ => None,
        },
    };
    // An id that is somebody else's stays theirs.
    let keeps_id = match &customer {
        Some(customer) => is_of_device(customer),
        None => false,
    };
    let unused_id = asked_id.filter(|id| by_device.is_none() && is_visitor_id(id));
    let visitor_id = match asked_id.filter(|_| keeps_id).or(unused_id) {
        Some(id) => id.to_owned(),
        None => work.app.entropy.visitor_id(),
    };
    Ok(Recognised {
        is_new_device: customer.is_some() && !keeps_id,
        customer,
        visitor_id,
    })
}

/// The thread that all devices of the customer share while it is open.
pub(super) async fn open_thread(
    work: &mut UnitOfWork<'_>,
    customer: &Customer,
) -> Result<Option<Thread>> {
    match work.tx.chat_of_customer(&customer.id).await? {
        Some(chat) => Ok(work.tx.open_thread_of(&chat.id).await?),
        None => Ok(None),
    }
}

/// The site vouches for the visitor of a conversation that has begun. If they are known
/// already, they are somebody with a chat of their own, and this one stays as it is. The
/// same again changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`](super::Refusal::Invalid) for a token that is not good, and for
/// one of somebody else.
pub(super) async fn claim(
    work: &mut UnitOfWork<'_>,
    mut thread: Thread,
    token: &str,
) -> Result<()> {
    let none = || invalid("data: this conversation takes no `identity_token`");
    let deployment = thread.deployment_id.clone().ok_or_else(none)?;
    let vouched = vouched(work, &deployment, Some(token))?.ok_or_else(none)?;
    let chat = work.tx.chat(&thread.chat_id).await?;
    let chat = chat.ok_or(Refusal::SessionGone)?;
    let customer = work.tx.customer(&chat.customer_id).await?;
    let mut customer = customer.ok_or(Refusal::SessionGone)?;
    if vouched.is(&customer) {
        return Ok(());
    }
    if customer.identity_hash.is_some() {
        return Err(invalid("data: the `identity_token` is of somebody else"));
    }
    if customer_of(work, &vouched).await?.is_some() {
        return Ok(());
    }
    if let Some(name) = vouched.name() {
        thread.details.0.visitor_name = Some(name.clone());
    }
    if let Some(company) = vouched.company() {
        thread.details.0.lifecycle.company = Some(company.clone());
    }
    set_identity(&mut customer, vouched);
    work.tx.put_customer(&customer).await?;
    work.put_thread(&thread).await?;
    push_customer(work, &thread, CUSTOMER_IDENTIFIED).await
}

/// Saves what the request says of the customer, who is created if they are new.
/// Returns them with the visitor id of their device.
pub(super) async fn save(
    work: &mut UnitOfWork<'_>,
    init: &ChasitorInit,
    recognised: Recognised,
    vouched: Option<Vouched>,
) -> Result<(Customer, String)> {
    let Recognised {
        customer,
        visitor_id,
        is_new_device,
    } = recognised;
    let mut customer = customer.unwrap_or_else(|| Customer {
        id: work.app.entropy.customer_id(),
        visitor_hash: Some(auth::hash_token(&visitor_id)),
        name: None,
        email: None,
        email_verified: false,
        phone: None,
        notes: None,
        identity_hash: None,
        created_at: work.now,
    });
    let name = init.visitor_name.clone().filter(|n| !n.is_empty());
    customer.name = name.map(Private).or(customer.name);
    if let Some(email) = email(init).map(Private)
        && customer.email.as_ref() != Some(&email)
    {
        customer.email = Some(email);
        customer.email_verified = false;
    }
    if let Some(vouched) = vouched {
        set_identity(&mut customer, vouched);
    }
    work.tx.put_customer(&customer).await?;
    if is_new_device {
        let hash = auth::hash_token(&visitor_id);
        work.tx.add_visitor(&hash, &customer.id).await?;
    }
    Ok((customer, visitor_id))
}

fn set_identity(customer: &mut Customer, Vouched { hash, identity, .. }: Vouched) {
    customer.identity_hash = Some(hash);
    if let Some(name) = identity.name {
        customer.name = Some(Private(name));
    }
    if let Some(email) = identity.email {
        customer.email = Some(Private(email));
        customer.email_verified = true;
    }
}

/// Whether it can be one of ours. Anything else might be the same for several visitors, who
/// would read each other's conversations.
fn is_visitor_id(id: &str) -> bool {
    let is_random = |id: uuid::Uuid| id.get_version() == Some(uuid::Version::Random);
    id.len() == 36 && uuid::Uuid::try_parse(id).is_ok_and(is_random)
}

/// The e-mail address of the pre-chat form. Clients that send only pre-chat
/// details are read by their labels. Agents are shown the address, so it is taken from no
/// answer that is hidden from them.
fn email(init: &ChasitorInit) -> Option<String> {
    let by_form = |form: &FilledForm| {
        form.fields
            .iter()
            .filter(|f| f.kind == FieldKind::Email)
            .find_map(|f| f.answer.as_ref()?.text().map(str::to_owned))
    };
    hidden_details::shown_form(init)
        .as_ref()
        .and_then(by_form)
        .or_else(|| {
            init.prechat_details
                .iter()
                .filter(|d| !d.is_hidden_from_agents())
                .find(|d| d.label.to_lowercase().replace('-', "").contains("email"))
                .map(|d| d.value.clone())
        })
        .filter(|e| e.contains('@'))
}
