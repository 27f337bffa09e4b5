//! One story a file, each named by its situation. Numbers 1 to 13 are the
//! errors of real clients that `docs/PROTOCOL.md`, 3, lists.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that cannot go on stops its test"
)]

mod storage_refuses_for_a_while;
mod story;
mod transcript_is_requested;

mod agent_gone_is_not_the_end_6;
mod answers_stop_while_visible;
mod availability_is_followed;
mod batch_keeps_its_order_9;
mod callback_is_requested;
mod conflict_means_two_things;
mod conversation_goes_on_elsewhere;
mod dead_poll_is_noticed_5;
mod dots_stop_after_a_handover_11;
mod draft_is_saved_twice_a_second;
mod draft_while_a_post_is_under_way;
mod earlier_conversations_are_read;
mod endpoint_is_busy;
mod failures_are_spaced_4;
mod first_message;
mod goals_are_told;
mod handover_in_the_rare_path_7;
mod laptop_wakes_after_an_hour;
mod long_conversation_is_read_upward;
mod lost_batch_is_requested_again_3;
mod message_is_left;
mod never_two_polls_1;
mod others_press_the_same_button;
mod outbox_is_bounded;
mod polling_outlives_network_errors_5;
mod prechat_answers;
mod reload_comes_back;
mod request_fails_in_mid_chat_12;
mod retry_repeats_its_number_2;
mod saved_before_it_is_displayed;
mod session_data_is_merged_10;
mod session_lost_goes_on;
mod settings_may_be_a_switch_server_8;
mod two_servers_name_each_other;
mod visible_again_retries_at_once;
mod visitor_changes_pages;
mod visitor_does_not_answer;
mod visitor_ends_the_chat;
