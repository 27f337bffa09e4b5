//! Memory and CPU of a process, as the kernel counts them (`proc_pid_stat(5)`,
//! `/proc/PID/smaps_rollup`).

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Usage {
    /// Memory that no other process shares.
    pub(crate) private_bytes: u64,
    /// Time on a core since it was started, in the program and in the kernel.
    pub(crate) cpu: Duration,
}

/// # Errors
/// When there is no such process.
pub(crate) fn usage(pid: u32) -> Result<Usage> {
    let read = |name: &str| {
        let path = format!("/proc/{pid}/{name}");
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    };
    let memory = private_bytes(&read("smaps_rollup")?);
    let ticks = cpu_ticks(&read("stat")?);
    Ok(Usage {
        private_bytes: memory.context("smaps_rollup is not as expected")?,
        cpu: seconds_of(ticks.context("stat is not as expected")?),
    })
}

/// The CPU time of this process.
pub(crate) fn own_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    seconds_of(cpu_ticks(&stat).unwrap_or(0))
}

fn seconds_of(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// The sum of `Private_Clean`, `Private_Dirty` and `Private_Hugetlb`, which are in kB.
fn private_bytes(smaps: &str) -> Option<u64> {
    let sizes = smaps.lines().filter_map(|line| {
        let (name, size) = line.split_once(':')?;
        name.starts_with("Private_").then_some(size)
    });
    let kilobytes = sizes
        .map(|size| size.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .collect::<Option<Vec<_>>>()?;
    (!kilobytes.is_empty()).then(|| kilobytes.iter().sum::<u64>() * 1024)
}

/// Fields 14 and 15, `utime` and `stime`. The second field, the program's name, may contain spaces
/// and parentheses: counting begins behind the last one.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    // The state, the third field, is the first of these.
    let fields: Vec<&str> = behind_name.split_ascii_whitespace().collect();
    let user: u64 = fields.get(11)?.parse().ok()?;
    let system: u64 = fields.get(12)?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_memory_counts() {
        let smaps = "55d0-7ffe ---p 00000000 00:00 0    [rollup]\n\
                     Rss:               20480 kB\n\
                     Shared_Clean:       4096 kB\n\
                     Private_Clean:       100 kB\n\
                     Private_Dirty:      2000 kB\n\
                     Private_Hugetlb:       4 kB\n\
                     Swap:                  0 kB\n";
        assert_eq!(private_bytes(smaps), Some(2_104 * 1024));
        assert_eq!(private_bytes("Rss: 20480 kB\n"), None);
        assert_eq!(private_bytes("Private_Dirty: many\n"), None);
    }

    #[test]
    fn cpu_is_found_behind_any_name() {
        let rest = "S 1 42 42 0 -1 4194560 900 0 0 0 310 27 5 6 20 0 3 0 12345";
        for name in ["parlor", "a (b) c", ") 1 2 3"] {
            assert_eq!(
                cpu_ticks(&format!("42 ({name}) {rest}")),
                Some(337),
                "{name}"
            );
        }
        assert_eq!(cpu_ticks("42 (parlor) S 1"), None);
    }

    #[test]
    fn this_process_uses_memory() {
        let usage = usage(std::process::id()).unwrap();
        assert!(usage.private_bytes > 100_000, "{usage:?}");
    }
}
