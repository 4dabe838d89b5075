//! Reading a packet of each codec.

conf_benches::bench_groups!("descriptor");
