//! What another process has cost so far, as Linux tells it under `/proc`.

use std::fs;
use std::io;
use std::time::Duration;

/// Ticks a second in `/proc/PID/stat`: fixed by the kernel's interface (`USER_HZ`).
const TICKS_PER_SECOND: u64 = 100;

/// Processor time and memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessCost {
    /// Processor time in user and kernel mode, all threads.
    pub cpu: Duration,
    /// Resident memory, in bytes.
    pub rss: u64,
    /// Resident memory with shared pages divided among their users, in bytes;
    /// 0 where the kernel does not tell.
    pub pss: u64,
}

/// Reads what the process `pid` has cost so far.
///
/// # Errors
/// When there is no such process, or its numbers cannot be read.
pub fn cost(pid: u32) -> io::Result<ProcessCost> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let cpu = cpu_time(&stat).ok_or_else(|| unreadable("stat"))?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let rss = kilobytes(&status, "VmRSS:").ok_or_else(|| unreadable("status"))?;
    // Another user's process keeps its map to itself.
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    Ok(ProcessCost { cpu, rss, pss: kilobytes(&rollup, "Pss:").unwrap_or(0) })
}

fn unreadable(file: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("/proc/PID/{file} has an unknown form"))
}

fn cpu_time(stat: &str) -> Option<Duration> {
    // The name is in brackets and may itself hold spaces and brackets; user and
    // system time are the 12th and 13th fields after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1000 / TICKS_PER_SECOND))
}

fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok().map(|kb| kb * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0 9";
        assert_eq!(cpu_time(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu_time("7 (cut) S 1"), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tx\nVmRSS:\t   20 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(20_480));
        assert_eq!(kilobytes(status, "Pss:"), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let cost = cost(std::process::id()).unwrap();
        assert!(cost.rss > 0);
    }
}
