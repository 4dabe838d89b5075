//! One publisher to many subscribers, from decrypted to ready to be encrypted.

use conf_benches::media::FanOut;
use conf_media::rtp::Codec;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn fanout(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fanout");
    let cases = [
        ("1x10/vp8", Codec::Vp8, 10),
        ("1x200/vp8", Codec::Vp8, 200),
        ("1x10/opus", Codec::Opus, 10),
        ("1x200/opus", Codec::Opus, 200),
    ];
    for (name, codec, subscribers) in cases {
        let mut fanout = FanOut::new(codec, subscribers);
        group.throughput(Throughput::Elements(fanout.packets()));
        group.bench_function(name, |bencher| bencher.iter(|| fanout.frame()));
    }
    group.finish();
}

criterion_group!(benches, fanout);
criterion_main!(benches);
