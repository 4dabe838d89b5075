//! Giving a packet its outgoing numbers: in a lane, at a switch, around packets left out.

use std::hint::black_box;
use std::time::{Duration, Instant};

use conf_benches::media::Source;
use conf_media::forward::Rewrite;
use conf_media::rtp::{Codec, PacketFacts, RtpView};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// The facts of `codec`'s first `count` packets, with extended numbers.
fn facts(codec: Codec, count: u64) -> Vec<PacketFacts> {
    let mut source = Source::new(codec);
    let burst = source.burst() as u64;
    (0..count)
        .map(|index| {
            let view = RtpView::parse(source.packet((index % burst) as usize));
            PacketFacts::read(codec, 70_000 + index, &view.expect("a valid packet"))
                .expect("a valid descriptor")
        })
        .collect()
}

fn rewrite(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rewrite");
    let start = Instant::now();
    let lanes = [("lane/vp8", Codec::Vp8), ("lane/vp9", Codec::Vp9), ("lane/opus", Codec::Opus)];
    for (name, codec) in lanes {
        let packets = facts(codec, 1024);
        group.throughput(Throughput::Elements(1024));
        group.bench_function(name, |bencher| {
            let mut rewrite = Rewrite::new(codec, 0, 0);
            rewrite.switch(start, codec, &packets[0]);
            let mut now = start;
            bencher.iter(|| {
                for packet in &packets {
                    now += Duration::from_millis(4);
                    black_box(rewrite.map(now, black_box(packet)));
                }
            });
        });
    }

    let packets = facts(Codec::Vp8, 1024);
    group.throughput(Throughput::Elements(1024));
    group.bench_function("skip_every_other_frame/vp8", |bencher| {
        bencher.iter(|| {
            let mut rewrite = Rewrite::new(Codec::Vp8, 0, 0);
            rewrite.switch(start, Codec::Vp8, &packets[0]);
            for (index, packet) in packets.iter().enumerate().skip(1) {
                if index / 8 % 2 == 0 {
                    black_box(rewrite.map(start, packet));
                } else {
                    rewrite.skip(packet);
                }
            }
        });
    });

    group.throughput(Throughput::Elements(1));
    group.bench_function("switch/vp8", |bencher| {
        let mut rewrite = Rewrite::new(Codec::Vp8, 0, 0);
        let mut now = start;
        bencher.iter(|| {
            now += Duration::from_millis(1);
            black_box(rewrite.switch(now, Codec::Vp8, black_box(&packets[0])))
        });
    });
    group.finish();
}

criterion_group!(benches, rewrite);
criterion_main!(benches);
