//! The committed TypeScript module is the one these messages generate.
#![cfg(feature = "typescript")]

use std::path::Path;

use conf_proto::typescript;

#[test]
fn the_web_client_has_the_types_of_this_protocol() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(typescript::PATH);
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == typescript::module(),
        "{} is stale: run `cargo run -p conf-proto --features typescript --example write_typescript`",
        typescript::PATH
    );
}
