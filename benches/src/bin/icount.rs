//! Runs one workload a fixed number of times: what `cargo xtask icount` looks at under callgrind.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

use conf_benches::workload::{Workload, cases};

/// Rounds that are not counted: buffers have grown and caches of any kind are full after them.
const WARM_UP: u32 = 2;

fn main() -> Result<(), String> {
    let Some(wanted) = std::env::args().nth(1) else {
        cases().iter().for_each(|case| println!("{}", case.name));
        return Ok(());
    };
    let case = cases().into_iter().find(|case| case.name == wanted);
    let case = case.ok_or_else(|| format!("no workload is called `{wanted}`"))?;
    let mut workload = (case.make)();
    for _ in 0..WARM_UP {
        workload.prepare();
        workload.round();
    }
    let mut units = 0;
    for _ in 0..case.rounds {
        workload.prepare();
        units += counted_round(workload.as_mut());
    }
    println!("{units} {}", case.unit);
    Ok(())
}

/// The one function whose instructions count, with everything it calls; found by its name.
#[inline(never)]
fn counted_round(workload: &mut dyn Workload) -> u64 {
    std::hint::black_box(workload.round())
}
