//! Named workloads against any server that speaks WHIP and WHEP, and what they cost it.

pub mod machine;
mod measure;
pub mod memory;
pub mod party;
pub mod report;
pub mod run;
pub mod whip;
pub mod workload;
