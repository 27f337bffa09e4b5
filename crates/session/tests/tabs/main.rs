//! Several tabs of one visitor over one device, each story named by its
//! situation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that cannot go on stops its test"
)]

mod device;

mod both_believe_they_lead;
mod device_keeps_nothing;
mod files_outlive_their_tab;
mod lead_lost_to_nobody;
mod leader_closes_in_mid_send;
mod leader_freezes_and_thaws;
mod second_tab_opens;
mod what_tabs_say_is_bytes;
