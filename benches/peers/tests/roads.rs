//! The small form of `roads`: two of the roads, three seeds.

use conf_peers::roads::Rival;
use conf_peers::roads::course::{Better, COURSES, Course};
use conf_peers::roads::table::{Row, rows};

fn course(part: &str) -> &'static Course {
    COURSES.iter().find(|course| course.name.contains(part)).expect("there is such a road")
}

fn judge(rows: &[Row]) {
    for row in rows {
        assert!(row.keeps_bound(), "{row}");
        for (rival, spread) in Rival::ALL.iter().zip(row.spreads) {
            // What is waited for may not happen to others; shares and queues always are something.
            let may_be_never = *rival != Rival::Ours && row.what.contains("after");
            let sound = |value: f64| value >= 0.0 && (value.is_finite() || may_be_never);
            assert!([spread.least, spread.median, spread.most].into_iter().all(sound), "{row}");
        }
    }
}

#[test]
fn ours_keeps_its_bounds_on_the_road_all_are_sent_over() {
    for part in ["3, 0.5, 3", "jitter"] {
        let rows = rows(course(part), 3);
        judge(&rows);
        // Every rival uses the link at last: none stands still for a fault of the comparison.
        let used = rows.iter().filter(|row| row.better == Better::More);
        assert!(used.flat_map(|row| row.spreads).all(|spread| spread.median > 0.2), "{rows:#?}");
    }
}

#[test]
fn a_seed_is_the_same_road_each_time() {
    // Sessions draw keys, credentials and numbers of their own.
    for rival in Rival::ALL {
        let values = || course("lost").take(rival, 7).iter().map(|f| f.value).collect::<Vec<_>>();
        assert_eq!(values(), values(), "{rival:?}");
    }
}
