//! Against OSRM on the same data.

use crate::region::{LIMIT_M, golden, roads};

#[test]
fn a_thousand_drives_take_as_long_and_are_as_far_as_osrm_says() {
    let (mut seconds_off, mut metres_off) = (Vec::new(), Vec::new());
    for pair in golden() {
        let from = roads().snap(pair.from, LIMIT_M).unwrap();
        let to = roads().snap(pair.to, LIMIT_M).unwrap();
        let leg = roads().leg(&from, &to).unwrap();
        let off = |ours: u32, theirs: f64| (f64::from(ours) - theirs).abs() / theirs.max(1.0);
        seconds_off.push(off(leg.seconds, pair.seconds));
        metres_off.push(off(leg.metres, pair.metres));
    }
    assert_eq!(seconds_off.len(), 1000);
    let (seconds, metres) = (Spread::of(seconds_off), Spread::of(metres_off));
    println!("seconds {seconds:?}, metres {metres:?}");
    assert!(seconds.mean <= 0.01 && seconds.p90 <= 0.02, "{seconds:?}");
    assert!(metres.mean <= 0.01 && metres.p90 <= 0.02, "{metres:?}");
}

#[derive(Debug)]
struct Spread {
    mean: f64,
    p90: f64,
    #[expect(dead_code, reason = "printed when the test fails")]
    worst: f64,
}

impl Spread {
    fn of(mut shares: Vec<f64>) -> Self {
        shares.sort_by(f64::total_cmp);
        let count = u32::try_from(shares.len()).unwrap();
        let mean = shares.iter().sum::<f64>() / f64::from(count);
        Self { mean, p90: shares[shares.len() * 9 / 10], worst: shares[shares.len() - 1] }
    }
}
