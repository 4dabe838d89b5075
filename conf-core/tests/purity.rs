//! The machine needs no runtime, clock or network: its dependencies are two, named here.

#[test]
fn it_depends_on_thiserror_and_optionally_on_serde_and_nothing_else() {
    let manifest = include_str!("../Cargo.toml");
    let (_, rest) = manifest.split_once("[dependencies]\n").expect("it has dependencies");
    let (section, _) = rest.split_once("\n[").expect("and a section after them");
    let names: Vec<_> = section.lines().filter_map(|line| line.split(['.', ' ']).next()).collect();
    assert_eq!(names, ["serde", "thiserror"]);
    assert!(section.contains("serde = { workspace = true, optional = true }"));
}
