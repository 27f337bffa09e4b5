//! Elects the leader in browsers that have no locks: by a lease in the storage that all
//! tabs share. The driver reads and writes the lease; this decides what it means.
//!
//! If two tabs write at the same time, the later lease stays. So a tab that has claimed
//! the lease reads it again after [`CLAIM_SETTLES`], and leads only if its claim is still
//! there.

use serde::{Deserialize, Serialize};

use super::TabId;
use crate::Millis;

/// A lease that is not renewed for this long is free for a visible tab. Leaves half of
/// the second in which a take-over must be done, for a slow device to do it.
pub const LEASE_LASTS: Millis = 500;

/// A leader renews its lease this often: twice before it expires, in case a timer is
/// late.
pub const RENEW_EVERY: Millis = 200;

/// A hidden tab claims an expired lease only after this time. Browsers run the timers of
/// hidden tabs once a minute; a shorter time would let hidden tabs take the lead from each
/// other in turns.
pub const HIDDEN_GRACE: Millis = 90_000;

/// A claim is read again after this time. Longer than two tabs take to see each other's
/// writes.
pub const CLAIM_SETTLES: Millis = 50;

/// The lease as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub holder: TabId,
    /// When it expires, by the device's clock. 0 if its holder has released it.
    pub until: Millis,
}

/// What a tab has to do, by the lease that it has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The lease is this tab's: write this renewed one, lead, and read again after
    /// [`RENEW_EVERY`].
    Hold(Lease),
    /// The lease is free: write this one, and read again after [`CLAIM_SETTLES`].
    Claim(Lease),
    /// The lease is another tab's: follow, and read again at this time.
    Wait(Millis),
}

/// What the tab `me` has to do. `kept` is the stored lease.
pub fn decide(now: Millis, kept: Option<&Lease>, me: &TabId, visible: bool) -> Decision {
    let ours = Lease {
        holder: me.clone(),
        until: now.saturating_add(LEASE_LASTS),
    };
    match kept {
        // Also if it has expired: a hidden tab's timers are late, and a tab that had taken
        // the lead would be its holder.
        Some(lease) if lease.holder == *me && lease.until > 0 => Decision::Hold(ours),
        Some(lease) => {
            let grace = if visible || lease.until == 0 {
                0
            } else {
                HIDDEN_GRACE
            };
            let free_at = lease.until.saturating_add(grace);
            // Later than any lease can expire: the clock was put back.
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

/// The lease that a leader writes when its document is closed.
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
