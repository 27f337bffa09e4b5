//! Who leads, where the browser has no locks: a lease in the storage that all
//! tabs share. Pure: the driver reads and writes the record, and asks here what
//! it means.
//!
//! Two tabs may write at once; the later record stands. So whoever has written
//! a claim looks again after [`CLAIM_SETTLES`], and leads only if it is still
//! there.

use serde::{Deserialize, Serialize};

use super::TabId;
use crate::Millis;

/// A lease that is not renewed for so long is free, for a tab that is looked
/// at: a take-over is to be over within a second.
pub const LEASE_LASTS: Millis = 700;

/// Renewed this often: twice before it runs out.
pub const RENEW_EVERY: Millis = 250;

/// Browsers let the timers of a hidden tab run once a minute. A tab that nobody
/// looks at waits for longer than that, or hidden tabs would take the lead from
/// each other in turns.
pub const HIDDEN_GRACE: Millis = 90_000;

/// Longer than two tabs take to see each other's writes.
pub const CLAIM_SETTLES: Millis = 50;

/// The record in storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub holder: TabId,
    /// By the device's clock. 0 when it was given back.
    pub until: Millis,
}

/// What a look at the record means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is ours: write this, lead, and look again after [`RENEW_EVERY`].
    Hold(Lease),
    /// It is free: write this, and look again after [`CLAIM_SETTLES`].
    Claim(Lease),
    /// It is another's: follow, and look again at this time.
    Wait(Millis),
}

/// Reads the record for the tab `me`.
pub fn decide(now: Millis, kept: Option<&Lease>, me: &TabId, visible: bool) -> Decision {
    let ours = Lease {
        holder: me.clone(),
        until: now.saturating_add(LEASE_LASTS),
    };
    match kept {
        // Also when it ran out: a hidden tab's timers are late, and whoever had
        // taken it would stand there.
        Some(lease) if lease.holder == *me && lease.until > 0 => Decision::Hold(ours),
        Some(lease) => {
            let grace = if visible || lease.until == 0 {
                0
            } else {
                HIDDEN_GRACE
            };
            let free_at = lease.until.saturating_add(grace);
            // From further ahead than any lease reaches: the clock was put back.
            let from_elsewhere = lease.until > now.saturating_add(LEASE_LASTS);
            if now > free_at || from_elsewhere {
                Decision::Claim(ours)
            } else {
                Decision::Wait(free_at.saturating_add(1))
            }
        }
        None => Decision::Claim(ours),
    }
}

/// What a leader writes when its document goes away.
pub fn released(me: &TabId) -> Lease {
    Lease {
        holder: me.clone(),
        until: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(name: &str) -> TabId {
        TabId(name.into())
    }

    fn lease(holder: &str, until: Millis) -> Lease {
        Lease {
            holder: tab(holder),
            until,
        }
    }

    #[test]
    fn a_free_lease_is_claimed_and_led_by_once_it_stands() {
        let Decision::Claim(written) = decide(1_000, None, &tab("a"), true) else {
            panic!("not claimed");
        };
        assert_eq!(written, lease("a", 1_000 + LEASE_LASTS));
        let again = decide(1_050, Some(&written), &tab("a"), true);
        assert_eq!(again, Decision::Hold(lease("a", 1_050 + LEASE_LASTS)));
    }

    #[test]
    fn of_two_claims_the_later_write_stands() {
        let Decision::Claim(first) = decide(1_000, None, &tab("a"), true) else {
            panic!("not claimed");
        };
        let Decision::Claim(second) = decide(1_000, None, &tab("b"), true) else {
            panic!("not claimed");
        };
        // `b` wrote over `a`'s.
        assert!(matches!(
            decide(1_050, Some(&second), &tab("a"), true),
            Decision::Wait(_)
        ));
        assert!(matches!(
            decide(1_050, Some(&second), &tab("b"), true),
            Decision::Hold(_)
        ));
        assert_ne!(first, second);
    }

    #[test]
    fn a_frozen_leader_loses_it_within_a_second_to_a_tab_that_is_visible() {
        let held = lease("a", 1_000);
        assert_eq!(
            decide(900, Some(&held), &tab("b"), true),
            Decision::Wait(1_001)
        );
        assert!(matches!(
            decide(1_001, Some(&held), &tab("b"), true),
            Decision::Claim(_)
        ));
        // Thawed, it reads that another has it, or that nobody wanted it.
        let Decision::Claim(taken) = decide(1_001, Some(&held), &tab("b"), true) else {
            panic!("not claimed");
        };
        assert!(matches!(
            decide(1_100, Some(&taken), &tab("a"), true),
            Decision::Wait(_)
        ));
        assert!(matches!(
            decide(1_100, Some(&held), &tab("a"), true),
            Decision::Hold(_)
        ));
    }

    #[test]
    fn what_was_given_back_is_claimed_anew_also_by_who_had_it() {
        let given_back = released(&tab("a"));
        assert!(matches!(
            decide(1_000, Some(&given_back), &tab("a"), true),
            Decision::Claim(_)
        ));
    }

    #[test]
    fn hidden_tabs_do_not_take_it_from_one_whose_timers_are_slow() {
        let held = lease("a", 1_000);
        let now = 1_000 + 60_000;
        assert!(matches!(
            decide(now, Some(&held), &tab("b"), false),
            Decision::Wait(_)
        ));
        let given_back = released(&tab("a"));
        assert!(matches!(
            decide(now, Some(&given_back), &tab("b"), false),
            Decision::Claim(_)
        ));
    }

    #[test]
    fn a_lease_from_the_future_is_one_of_a_clock_that_was_put_back() {
        let held = lease("a", 9_000_000);
        assert!(matches!(
            decide(1_000, Some(&held), &tab("b"), true),
            Decision::Claim(_)
        ));
    }
}
