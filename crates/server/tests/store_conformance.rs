//! One suite for all stores: what the trait promises. Promises that need a disk
//! are tested at the end, for SQLite only.
// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
// The process that is killed reports its commits on stdout.
#![allow(clippy::print_stdout)]

mod conformance;

/// Runs each test on a fresh store of each kind. Those of the memory store run
/// under a paused clock, as in simulations.
macro_rules! suite {
    ($($subject:ident { $($case:ident),* $(,)? })*) => {
        mod memory {
            use parlor_server::store::memory::MemoryStore;
            use crate::conformance;
            $($(
                #[tokio::test(start_paused = true)]
                async fn $case() {
                    conformance::$subject::$case(&MemoryStore::default()).await;
                }
            )*)*
        }
        mod sqlite {
            use parlor_server::store::sqlite::SqliteStore;
            use crate::conformance;
            $($(
                #[tokio::test]
                async fn $case() {
                    let folder = tempfile::tempdir().unwrap();
                    let store = SqliteStore::open(folder.path()).await.unwrap();
                    conformance::$subject::$case(&store).await;
                    store.close().await;
                }
            )*)*
        }
    };
}

suite! {
    transaction {
        dropped_without_commit_nothing_happened,
        committed_is_seen_by_the_next,
        a_transaction_sees_its_own_writes,
        a_snapshot_does_not_move,
        readers_do_not_wait_for_a_writer,
        writers_take_turns_and_lose_no_update,
        a_dropped_writer_lets_the_next_begin,
        a_snapshot_cannot_be_written,
        a_refused_write_undoes_the_transaction,
    }
    group {
        units_that_fail_fail_alone,
        a_unit_sees_what_the_one_before_it_wrote,
        a_dropped_unit_holds_up_nobody,
        a_dropped_unit_is_undone,
    }
    site {
        there_is_one_organization,
        deployments_are_kept_whole,
        buttons_are_kept_whole,
        groups_are_kept_by_number,
    }
    people {
        agents_are_kept_whole_oldest_first,
        agents_are_members_of_groups,
        tokens_of_programs_oldest_first,
        emails_compare_without_case,
        one_email_is_one_agent,
        a_token_is_deleted_once,
        tokens_of_an_agent_are_deleted_together,
        customers_are_found_by_visitor,
        one_visitor_is_one_customer,
    }
    chat {
        chats_are_kept_whole,
        one_customer_has_one_chat,
        chats_page_both_ways,
        chats_of_one_activity_page,
        chats_are_counted,
        threads_are_kept_whole,
        threads_of_a_chat_oldest_first,
        a_chat_has_one_open_thread,
        open_threads_are_counted_by_agent,
        threads_of_agents_who_left_the_group_are_found,
        threads_page_both_ways,
        chats_and_threads_are_read_together,
        threads_are_filtered_by_time_and_agents,
        lists_have_what_is_of_these_groups,
        threads_need_their_chat,
    }
    queue {
        queues_are_in_order,
        threads_leave_their_queue_and_enter_another,
        a_queue_does_not_change_without_a_commit,
        queues_for_an_agent_are_of_their_own,
        listeners_are_open_and_want_updates,
    }
    event {
        events_are_kept_whole_in_order,
        private_events_before_a_visible_one,
        an_event_number_is_used_once,
        custom_id_is_unique_per_chat_and_author,
        many_events_may_have_no_custom_id,
        newest_of_each_type,
        events_of_several_threads,
        events_of_several_threads_up_to_so_many_bytes,
        events_need_their_thread,
    }
    annotations {
        toggles_are_kept_by_button_and_user,
        properties_of_an_event_are_the_newest,
        annotations_need_their_event,
        followers_are_kept_once,
    }
    session {
        sessions_are_kept_whole,
        one_key_is_one_session,
        sessions_of_a_thread_are_those_open,
        silent_sessions_oldest_first,
        forgotten_sessions_take_their_messages_and_records,
        messages_are_kept_in_order,
        acknowledged_messages_are_deleted,
        messages_of_a_kind_are_deleted,
        progress_of_a_session_only_grows,
        idempotency_records_are_kept_for_a_while,
        messages_need_their_session,
    }
    record {
        records_are_attached_in_order,
        a_record_is_written_once,
        a_record_is_attached_to_what_there_is,
        records_are_found_by_all_conditions,
        records_are_found_in_order,
        so_many_candidates_are_looked_at,
    }
    offline_message {
        offline_messages_are_kept_whole,
        open_offline_messages_by_kind_and_group,
        open_offline_messages_oldest_first,
        an_offline_message_has_an_id_of_its_own,
    }
    conversion {
        conversions_are_kept_whole_in_order,
        the_newest_conversions_of_a_thread_are_kept,
    }
    archive {
        archived_threads_are_kept_whole,
        no_two_changes_have_one_time,
        words_are_found_in_any_place,
        conditions_are_combined,
        texts_are_searched_apart,
        the_archive_pages_both_ways,
        conversations_are_summed_up,
        what_is_not_in_the_archive_is_found,
        a_deleted_thread_leaves_the_archive,
    }
    outgoing_mail {
        outgoing_mail_is_kept_whole,
        due_mail_comes_by_time,
        an_answer_is_untried_until_its_first_attempt,
        mail_is_counted_by_recipient_kind_and_time,
        old_mail_is_deleted_oldest_first,
    }
    webhook {
        webhooks_are_kept_whole,
        a_webhook_is_added_once,
        due_webhooks_are_the_first_of_their_chats,
        webhooks_are_listed_and_counted,
        the_oldest_webhooks_are_given_up,
        old_webhooks_are_deleted,
        done_webhooks_are_kept_up_to_a_number,
        a_number_names_one_entity_for_ever,
    }
    file {
        files_are_kept_whole,
        unsent_files_oldest_first,
        customers_are_found_by_identity,
        a_customer_has_several_devices,
    }
    deletion {
        a_deleted_thread_takes_everything_along,
        what_others_have_too_stays,
        chats_and_customers_are_deleted_last,
        erasures_are_kept_and_pending_ones_found,
        ended_threads_come_by_their_end,
        what_was_made_of_a_person_is_deleted_everywhere,
        files_are_deleted_and_their_events_stay,
    }
    agent_event_stream {
        positions_increase,
        positions_are_not_reused_after_trimming,
        a_rolled_back_position_is_not_visible,
    }
}

mod disk {
    use crate::conformance::{deletion, disk};

    #[tokio::test]
    async fn no_table_names_what_was_deleted() {
        deletion::no_table_names_what_was_deleted().await;
    }

    #[tokio::test]
    async fn what_was_there_before_can_be_deleted() {
        deletion::what_was_there_before_can_be_deleted().await;
    }

    #[tokio::test]
    async fn a_reopened_database_has_everything() {
        disk::a_reopened_database_has_everything().await;
    }

    #[tokio::test]
    async fn a_reopened_database_has_its_queues() {
        disk::a_reopened_database_has_its_queues().await;
    }

    #[tokio::test]
    async fn a_database_of_the_first_version_is_brought_up_to_date() {
        disk::a_database_of_the_first_version_is_brought_up_to_date().await;
    }

    #[tokio::test]
    async fn events_that_were_numbered_together_keep_their_numbers() {
        disk::events_that_were_numbered_together_keep_their_numbers().await;
    }

    #[tokio::test]
    async fn agents_from_before_groups_are_members_of_all() {
        disk::agents_from_before_groups_are_members_of_all().await;
    }

    #[tokio::test]
    async fn conversations_from_before_groups_are_those_of_their_buttons() {
        disk::conversations_from_before_groups_are_those_of_their_buttons().await;
    }

    #[tokio::test]
    async fn of_several_open_threads_the_newest_stays() {
        disk::of_several_open_threads_the_newest_stays().await;
    }

    #[tokio::test]
    async fn a_database_from_before_webhooks_gets_their_tables() {
        disk::a_database_from_before_webhooks_gets_their_tables().await;
    }

    #[tokio::test]
    async fn a_newer_database_is_refused() {
        disk::a_newer_database_is_refused().await;
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        disk::a_folder_that_cannot_be_made_is_named().await;
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named() {
        disk::a_file_that_is_no_database_is_named().await;
    }

    #[tokio::test]
    async fn a_broken_row_is_reported_without_its_content() {
        disk::a_broken_row_is_reported_without_its_content().await;
    }

    #[tokio::test]
    async fn committed_rows_survive_kill_9() {
        disk::committed_rows_survive_kill_9("disk::committed_rows_survive_kill_9").await;
    }
}

mod group_commit {
    use crate::conformance::group_commit;

    #[tokio::test]
    async fn units_that_wait_are_committed_together() {
        group_commit::units_that_wait_are_committed_together().await;
    }

    #[tokio::test]
    async fn a_unit_alone_is_one_commit() {
        group_commit::a_unit_alone_is_one_commit().await;
    }

    #[tokio::test]
    async fn a_failing_commit_fails_the_group() {
        group_commit::a_failing_commit_fails_the_group().await;
    }

    #[tokio::test]
    async fn a_lost_transaction_fails_the_group() {
        group_commit::a_lost_transaction_fails_the_group().await;
    }

    #[tokio::test]
    async fn closing_waits_for_units() {
        group_commit::closing_waits_for_units().await;
    }
}
