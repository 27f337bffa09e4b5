//! Several tabs of one visitor over one device, each story named by its
//! situation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that cannot go on stops its test"
)]

mod device;
mod every_message;

mod both_believe_they_lead;
mod files_outlive_their_tab;
mod leader_closes_in_mid_send;
mod leader_freezes_and_thaws;
mod lease_expires_and_nobody_takes_it;
mod messages_cross_the_channel;
mod second_tab_opens;
mod storage_refuses_everything;
mod visitor_changes_tabs;
