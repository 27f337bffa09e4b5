//! The people in a chat (Agent Chat API, Users): agents, the customer, and one's own
//! profile. What they may do is not known here. A kind of user that is not known is
//! kept whole.

use std::collections::BTreeMap;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::event::Visibility;
use crate::id::{AgentId, CustomerId, UserId};
use crate::lenient;
use crate::loose::Loose;
use crate::tagged::{self, Fields, expecting};
use crate::window;
use crate::word::words;

/// Somebody in a chat, by `type`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum User {
    /// Somebody who answers.
    Agent(Agent),
    /// Somebody who asks.
    Customer(Box<Customer>),
    /// A kind that this version does not know, as it came.
    #[serde(untagged)]
    Unknown {
        /// The `type` word.
        #[serde(rename = "type")]
        kind: String,
        /// All other fields.
        #[serde(flatten)]
        fields: Fields,
    },
}

words! {
    /// Which kind of user.
    pub enum UserKind {
        /// Somebody who answers.
        Agent => "agent",
        /// Somebody who asks.
        Customer => "customer",
    }
}

words! {
    /// Whether an agent takes new chats.
    pub enum RoutingStatus {
        /// Takes chats from the queue.
        AcceptingChats => "accepting_chats",
        /// Here, but takes no new ones.
        NotAcceptingChats => "not_accepting_chats",
        /// Not here.
        Offline => "offline",
    }
}

/// Somebody who answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agent {
    /// An e-mail address, mostly.
    pub id: AgentId,
    /// As customers read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where mail reaches them; not for customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they are in the chat now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// RFC 3339: the time of the newest event that they have seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_seen_up_to: Option<String>,
    /// The address of a picture; may lack its scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// `agents`: the customer does not know that they are here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Whether they take new chats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_status: Option<RoutingStatus>,
}

/// The agent who asks, as told to themself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyProfile {
    /// An e-mail address, mostly.
    pub id: AgentId,
    /// `agent`.
    #[serde(rename = "type", default = "agent")]
    pub kind: UserKind,
    /// As customers read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where mail reaches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they are signed in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// RFC 3339: the time of the newest event that they have seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_seen_up_to: Option<String>,
    /// The address of a picture; may lack its scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Whether they take new chats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_status: Option<RoutingStatus>,
    /// What they may do, as `administrator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// Ours: the groups of which they are a member, by their numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<i64>>,
}

fn agent() -> UserKind {
    UserKind::Agent
}

/// Somebody who asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// Names the customer on this endpoint.
    pub id: CustomerId,
    /// As they gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As they gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they have shown that the address is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Where they come from and what they look at.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_visit: Option<Visit>,
    /// What the page says of them, one key in each object.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub session_fields: Option<Vec<BTreeMap<String, Value>>>,
    /// How often they were here.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub statistics: Option<Statistics>,
    /// An older name of the same customer, in one sample of the documentation.
    #[serde(
        rename = "__priv_lc2_customer_id",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub older_id: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_last_event_created_at: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_last_event_created_at: Option<String>,
    /// RFC 3339: when they were first here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Whether they are in the chat now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// RFC 3339: the time of the newest event that they have seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_seen_up_to: Option<String>,
    /// Whether the agent who asks follows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<bool>,
    /// Whether they are on the site now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// The groups of agents that see them.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub group_ids: Option<Vec<i64>>,
    /// What they are doing, as `browsing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Customer {
    /// A customer of whom nothing is known but the id.
    pub fn named(id: CustomerId) -> Self {
        Self {
            id,
            name: None,
            email: None,
            email_verified: None,
            avatar: None,
            last_visit: None,
            session_fields: None,
            statistics: None,
            older_id: None,
            agent_last_event_created_at: None,
            customer_last_event_created_at: None,
            created_at: None,
            present: None,
            events_seen_up_to: None,
            followed: None,
            online: None,
            group_ids: None,
            state: None,
        }
    }
}

/// One visit to the site.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Visit {
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// RFC 3339; absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// The page that led to the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The address that the visit came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Where on earth, by that address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geolocation: Option<Geolocation>,
    /// Oldest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_pages: Option<Vec<VisitedPage>>,
}

/// Where on earth, as far as an address tells.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Geolocation {
    /// Its English name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// In degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Loose>,
    /// In degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Loose>,
}

/// A page that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CustomerPage))]
pub struct VisitedPage {
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<String>,
    /// Its address.
    pub url: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// How often a customer was here.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct Statistics {
            $(
                $(#[$doc])*
                #[serde(
                    default,
                    deserialize_with = "lenient::optional_count",
                    skip_serializing_if = "Option::is_none"
                )]
                pub $name: Option<u64>,
            )+
        }
    };
}

counts! {
    /// Chats that they had.
    chats_count,
    /// Conversations in those.
    threads_count,
    /// Visits to the site.
    visits_count,
    /// Pages in those.
    page_views_count,
    /// Greetings that they were shown.
    greetings_shown_count,
    /// Greetings that they answered.
    greetings_accepted_count,
}

#[cfg(feature = "openapi")]
impl User {
    fn kinds() -> crate::schema::Kinds {
        crate::schema::Kinds::default()
            .flat("agent", Self::Agent)
            .flat("customer", |it: Customer| Self::Customer(Box::new(it)))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for User {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Self::kinds().schema("Somebody in a chat.")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for User {
    fn schemas(schemas: &mut crate::schema::Schemas) {
        Self::kinds().add_to(schemas);
    }
}

impl User {
    /// The `type` word.
    pub fn kind(&self) -> &str {
        match self {
            Self::Agent(_) => "agent",
            Self::Customer(_) => "customer",
            Self::Unknown { kind, .. } => kind,
        }
    }

    /// Names the user; none only for an unknown kind without an id.
    pub fn id(&self) -> Option<UserId> {
        match self {
            Self::Agent(agent) => Some(agent.id.clone().into()),
            Self::Customer(customer) => Some(customer.id.clone().into()),
            Self::Unknown { fields, .. } => fields.get("id")?.as_str().map(UserId::from),
        }
    }

    /// The name that is shown, if there is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Agent(agent) => agent.name.as_deref(),
            Self::Customer(customer) => customer.name.as_deref(),
            Self::Unknown { fields, .. } => fields.get("name")?.as_str(),
        }
    }

    /// The agent, if it is one.
    pub fn agent(&self) -> Option<&Agent> {
        match self {
            Self::Agent(agent) => Some(agent),
            _ => None,
        }
    }

    /// The customer, if it is one.
    pub fn customer(&self) -> Option<&Customer> {
        match self {
            Self::Customer(customer) => Some(customer),
            _ => None,
        }
    }
}

struct UserVisitor {
    /// All fields of an unknown kind are kept.
    keeps_fields: bool,
}

impl<'de> Visitor<'de> for UserVisitor {
    type Value = User;

    expecting!("a user");

    fn visit_seq<A: SeqAccess<'de>>(self, mut object: A) -> Result<User, A::Error> {
        let kind = tagged::kind(&mut object)?;
        Ok(match kind.as_str() {
            "agent" => User::Agent(tagged::next(&mut object)?),
            "customer" => User::Customer(tagged::next(&mut object)?),
            _ if self.keeps_fields => {
                let mut fields: Fields = tagged::next(&mut object)?;
                fields.remove("type");
                User::Unknown { kind, fields }
            }
            _ => User::Unknown {
                kind,
                fields: Fields::new(),
            },
        })
    }
}

impl<'de> Deserialize<'de> for User {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let keeps_fields = !window::reads(&from);
        tagged::read_repeatedly(from, UserVisitor { keeps_fields })
    }
}
