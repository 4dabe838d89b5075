//! Memory that is no longer used goes back to the system.
//!
//! The system's allocator keeps pages it once had. After a lesson of two hundred that is half of
//! what they took, for a server that may share its machine with others. So it is told to let go
//! when most of those who were there have left.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;

/// How often is looked. People leave within minutes, not seconds.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Fewer connections than this are not worth the looking.
const WORTHWHILE: u64 = 10;

/// Watches how many are connected and lets memory go after they left, for ever.
pub(crate) async fn upkeep(app: Arc<App>) {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut most = 0;
    loop {
        look.tick().await;
        let (media, _) = app.media.stats();
        if left(&mut most, media.endpoints) {
            // It walks through everything that is free: some milliseconds, on no thread of ours.
            let _ = tokio::task::spawn_blocking(let_go).await;
        }
    }
}

/// Whether at least half of the most there were have left since this was last so.
fn left(most: &mut u64, now: u64) -> bool {
    *most = (*most).max(now);
    let left = *most >= WORTHWHILE && now <= *most / 2;
    if left {
        *most = now;
    }
    left
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "there is no safe name for this call of the system's allocator")]
fn let_go() {
    // SAFETY: takes no pointer, and may be called from any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators give pages back by themselves, or cannot be told.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn let_go() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_goes_when_half_have_left_and_not_for_a_few() {
        let mut most = 0;
        let told: Vec<bool> = [5, 0, 40, 200, 150, 101, 100, 60, 50, 49, 30, 20, 8, 4, 3, 0, 9, 0]
            .map(|now| left(&mut most, now))
            .to_vec();
        let at: Vec<usize> = (0..told.len()).filter(|at| told[*at]).collect();
        assert_eq!(at, [6, 8, 11, 12], "at 100, 50, 20 and 8");
    }
}
