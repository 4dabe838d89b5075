//! Wires `conf_media::endpoint::fuzzing::sdp_offer` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::endpoint::fuzzing::sdp_offer(data));
