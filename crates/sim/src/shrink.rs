//! Shortens a plan that fails to the acts that the failure needs.

use crate::plan::Plan;

/// Removes every act without which the plan still fails. Each attempt runs the plan once.
pub fn shrink(plan: Plan, fails: impl Fn(&Plan) -> bool) -> Plan {
    let mut plan = plan;
    let mut step = plan.acts.len().div_ceil(2).max(1);
    loop {
        let mut shorter = false;
        let mut from = 0;
        while from < plan.acts.len() {
            let mut candidate = plan.clone();
            let to = (from + step).min(candidate.acts.len());
            candidate.acts.drain(from..to);
            if fails(&candidate) {
                plan = candidate;
                shorter = true;
            } else {
                from += step;
            }
        }
        if step == 1 && !shorter {
            return plan;
        }
        step = (step / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Act;

    #[test]
    fn acts_that_the_failure_does_not_need_are_removed() {
        let plan = Plan::of(12);
        let needs = |plan: &Plan| {
            let messages = plan
                .acts
                .iter()
                .filter(|(_, act)| matches!(act, Act::Send { .. }));
            messages.count() >= 2
        };
        assert!(needs(&plan));
        let short = shrink(plan, needs);
        assert_eq!(short.acts.len(), 2);
    }
}
