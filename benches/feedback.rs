//! Transport feedback read and written.

conf_benches::bench_groups!("feedback");
