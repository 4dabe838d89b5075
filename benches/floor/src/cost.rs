//! What the calling thread has cost so far.
#![allow(unsafe_code)]

use std::time::Duration;

/// Processor time of the calling thread, user and kernel mode, to the nanosecond.
#[must_use]
pub fn thread_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: one timespec on the stack, which the call fills.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0, "every thread has a clock of its own");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_time_and_waiting_does_not() {
        let before = thread_cpu();
        let mut sum = 0_u64;
        while thread_cpu() - before < Duration::from_millis(20) {
            sum = (0..1000_u64).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        }
        assert_ne!(sum, 0);
        let worked = thread_cpu();
        std::thread::sleep(Duration::from_millis(30));
        assert!(thread_cpu() - worked < Duration::from_millis(20));
    }
}
