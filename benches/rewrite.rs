//! Choosing and renumbering packets for one subscription.

conf_benches::bench_groups!("rewrite", "select");
