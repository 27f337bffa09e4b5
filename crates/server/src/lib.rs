//! The chat endpoint: the visitor API (Chat REST API), the agent API (Agent Chat
//! API), and the pages of widget and console, over one event log in SQLite.
//!
//! A request passes `http` (parses it), `conversation` (the use case, in one
//! transaction of `store`, by the rules of `routing`) and `presenter` (rows to
//! wire types). `delivery` keeps a visitor's messages until they are
//! acknowledged.

mod agent_frames;
mod answer_size;
pub mod app;
pub mod assets;
pub mod auth;
pub mod backup;
pub mod cli;
pub mod client_address;
pub mod clock;
mod conversation;
mod damaged_rows;
pub mod data_folder;
mod delivery;
pub mod entropy;
pub mod fault_injection;
pub mod files;
pub mod geolocation;
pub mod goals;
mod http;
mod identity;
pub mod limits;
pub mod mail;
pub mod origin;
pub mod presence;
mod presenter;
pub mod private;
mod redaction;
pub mod router;
mod routing;
mod search;
pub mod serve;
pub mod settings;
pub mod setup;
pub mod store;
pub mod telemetry;
pub mod webhooks;
pub mod working_hours;
