//! Everybody asks for everything again.

conf_benches::bench_groups!("nack");
