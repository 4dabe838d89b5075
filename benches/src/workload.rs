//! What is measured: a list of named workloads, each defined once for the clock and for the
//! count of instructions.

use crate::{crypto, datagram, feedback, meeting, numbers, payload, repair, room, seats, switch};

/// One thing measured in rounds that are all alike.
pub trait Workload {
    /// Makes the next round's input. Not measured.
    fn prepare(&mut self) {}

    /// Does one round and gives how many units of work that was: at least one.
    fn round(&mut self) -> u64;
}

/// A workload's name and how to begin it.
#[derive(Clone, Copy)]
pub struct Case {
    /// `group/what`; stable, because baselines are kept under it.
    pub name: &'static str,
    /// What one unit is, in the singular.
    pub unit: &'static str,
    /// Rounds whose instructions are counted: enough that a rare turn weighs little.
    pub rounds: u32,
    /// Makes it, ready for its first `prepare`.
    pub make: fn() -> Box<dyn Workload>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Every workload there is.
///
/// A recorder's mux is not among them: there is no recorder yet.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        room::CASES,
        switch::CASES,
        repair::CASES,
        crypto::CASES,
        payload::CASES,
        numbers::CASES,
        feedback::CASES,
        seats::CASES,
        datagram::CASES,
        meeting::CASES,
    ]
    .concat()
}

/// Workloads whose names begin with `group` and a slash.
#[must_use]
pub fn group(group: &str) -> Vec<Case> {
    let begins = |case: &Case| case.name.split('/').next() == Some(group);
    cases().into_iter().filter(begins).collect()
}

/// Makes a bench program of the named groups: each workload's time is told for one unit, beside
/// units per second.
#[macro_export]
macro_rules! bench_groups {
    ($($group:literal),+ $(,)?) => {
        fn measure(criterion: &mut criterion::Criterion) {
            for name in [$($group),+] {
                let mut group = criterion.benchmark_group(name);
                group.throughput(criterion::Throughput::Elements(1));
                for case in $crate::workload::group(name) {
                    let within = case.name.split_once('/').map_or(case.name, |(_, rest)| rest);
                    let mut workload = (case.make)();
                    group.bench_function(within, |bencher| {
                        bencher.iter_custom(|units| {
                            let (mut done, mut spent) = (0, std::time::Duration::ZERO);
                            while done < units {
                                workload.prepare();
                                let begun = std::time::Instant::now();
                                done += std::hint::black_box(workload.round());
                                spent += begun.elapsed();
                            }
                            spent.mul_f64(units as f64 / done as f64)
                        });
                    });
                }
                group.finish();
            }
        }

        criterion::criterion_group!(benches, measure);
        criterion::criterion_main!(benches);
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_workload_does_something_in_every_round() {
        for case in cases() {
            let mut workload = (case.make)();
            for _ in 0..3 {
                workload.prepare();
                assert!(workload.round() > 0, "{}", case.name);
            }
        }
    }

    #[test]
    fn names_are_unique_and_have_a_group() {
        let names: BTreeSet<_> = cases().iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases().len());
        assert!(names.iter().all(|name| name.contains('/') && !name.contains(' ')));
    }
}
