//! Sealing and opening, per profile.

conf_benches::bench_groups!("srtp");
